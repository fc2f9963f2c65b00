"""`flow-rules outbound create|preview`: lists of calls as CSV, judged or placed row by row.

Columns are those of the platform's upload: `contact` (or `tel1` to `tel10`), `purpose`,
`starttime`, and `$flow.key.<name>` variables; others are not looked at.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rules.cli.common import command, moment, progress, services, wrong

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rich.progress import Progress

    from rules.cli.common import Commands
    from rules.methods import Answer
    from rules.services import Services

__all__ = ["register"]

_ANSWER = ("row", "number", "status", "code", "request_id", "state", "reason", "start")
_JUDGED = ("row", "number", "verdict", "reason", "when")
_Cells = tuple[str, str, str, str, str, str]
_GOOD = frozenset({"accepted", "queued", "held", "sending", "preview"})
_CREATE_EPILOG = """\
Nothing is stored or sent without --send: every row is checked and its answer shown.
With --send every row gets an idempotency key of its own, made of the file's content and the row,
so the same file sent again (within the account's idempotency_hours) calls nobody twice.

exit codes: 0 every row was accepted or kept; 1 some rows were not; 2 wrong use"""


def register(parts: Commands) -> None:
    """Add both commands."""
    create = command(parts, "create", "place calls from a CSV file", epilog=_CREATE_EPILOG)
    _common(create)
    add = create.add_argument
    add("--send", action="store_true", help="really place the calls")
    add(
        "--security-id",
        default=os.environ.get("SECURITY_ID", ""),
        help="security id (default: environment variable SECURITY_ID)",
    )
    add("--flow-id", default="", help="the flow to start, where no column flowID names it")
    add("--batch", help="name of this sending, part of the idempotency keys")
    create.set_defaults(run=_create)
    judge = command(parts, "preview", "judge a CSV file: who could be called, and when")
    _common(judge)
    judge.set_defaults(run=_preview)


def _common(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", metavar="FILE", help="CSV with a header line (- for standard input)")
    add("--account", default="", help="account whose settings hold")
    add("--purpose", default="", help="purpose of rows that name none")
    add("--output", metavar="FILE", help="write an answer per row here (default: the screen)")
    add("--now", type=moment, metavar="MOMENT", help="act as of this moment")
    add("--quiet", action="store_true", help="no progress bar")


def _create(args: argparse.Namespace) -> int:
    from rules.methods import answer

    built = services(now=args.now)
    text = _read(args.file)
    batch = args.batch or _digest(text)
    states: Counter[str] = Counter()
    with _writer(args.output, _ANSWER) as write, progress(quiet=args.quiet) as bar:
        for number, row in _rows(text, bar):
            keys, problem = _request(args, row, built, f"{batch}:{number}")
            cells, state = ("", "", "", "refused", problem, ""), "refused"
            if not problem:
                cells, state = _cells(answer({"keys": keys}, built, method="createOutbound"))
            states[state] += 1
            write((str(number), _shown(row), *cells))
    _summary(states)
    if not args.send:
        print("Nothing was sent; add --send to place these calls.", file=sys.stderr)
    return 0 if set(states) <= _GOOD else 1


def _request(
    args: argparse.Namespace, row: Mapping[str, str], built: Services, key: str
) -> tuple[list[dict[str, str]], str]:
    """Keys of one createOutbound request, or why the row cannot be one."""
    from rules.outbound import OUTBOUND, contact_of, start_of

    now = built.clock()
    settings = built.accounts().settings(OUTBOUND, args.account or None)
    try:
        start = start_of(row.get("starttime") or "", now=now, settings=settings)
    except ValueError as error:
        return [], str(error)
    delay = -(-(start - now) // timedelta(minutes=1))
    values = {
        "$flow.syskey.securityID": args.security_id,
        "$flow.syskey.flowID": args.flow_id,
        "$flow.syskey.contactNumbers": contact_of(row),
        "$flow.syskey.delayMinutes": str(delay),
        "$flow.key.purpose": row.get("purpose") or args.purpose,
        "$flow.key.dryRun": "false" if args.send else "true",
        "$flow.key.idempotencyKey": key if args.send else "",
        **{name: value for name, value in row.items() if name.startswith("$flow.") and value},
    }
    if args.account:
        values["$flow.key.accountID"] = args.account
    return [{"name": name, "value": value} for name, value in values.items()], ""


def _cells(reply: Answer) -> tuple[_Cells, str]:
    """The cells of an answer, and its state for the summary."""
    found = {key["name"].rpartition(".")[2]: key["value"] for key in reply.body["keys"]}
    state = found.get("obdState", "") or "refused"
    reason = found.get("obdReason", "")
    if error := reply.body.get("error"):
        named = [f"{field['name']} {field['code']}" for field in error["fields"]]
        reason = ",".join(named) or error["code"]
    if state == "preview" and found["obdResponseCode"] != "200":
        state = "refused"
    cells = (
        str(reply.status),
        found["obdResponseCode"],
        found["obdReqID"],
        state,
        reason,
        found.get("obdStartTime", ""),
    )
    return cells, state


def _preview(args: argparse.Namespace) -> int:
    from rules.outbound import OUTBOUND, load_rules, preview, start_text

    built = services(now=args.now)
    settings = built.accounts().settings(OUTBOUND, args.account or None)
    text = _read(args.file)
    with _writer(args.output, _JUDGED) as write, progress(quiet=args.quiet) as bar:
        rows = (
            row | {"purpose": row.get("purpose") or args.purpose} for _, row in _rows(text, bar)
        )
        judged = preview(rows, now=built.clock(), settings=settings, rules=load_rules())
        for number, row in enumerate(judged, start=1):
            when = start_text(row.when) if row.when else ""
            write((str(number), row.number, row.verdict.value, row.reason, when))
    totals = judged.totals
    _summary(Counter({verdict.value: n for verdict, n in totals.verdicts.items()}), totals.rules)
    return 0


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        wrong(f"{name} cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        wrong(f"{name} is not UTF-8")


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _rows(text: str, bar: Progress) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by number from 1, with progress; cells beyond the header are dropped."""
    reader = csv.DictReader(text.splitlines(keepends=True))
    columns = reader.fieldnames or ()
    if not {"contact", "tel1"} & set(columns):
        wrong("the header line must have a column 'contact', or 'tel1' to 'tel10'")
    task = bar.add_task("rows", total=max(0, text.count("\n") - 1))
    for number, row in enumerate(reader, start=1):
        yield number, {name: value or "" for name, value in row.items() if name}
        bar.advance(task)


def _shown(row: Mapping[str, str]) -> str:
    from rules.outbound import contact_of

    return contact_of(row).replace("\n", ",")


@contextmanager
def _writer(output: str | None, columns: tuple[str, ...]) -> Iterator[Callable[..., Any]]:
    """A function that writes one row as CSV, to a file or to standard output."""
    if output is None:
        yield _started(sys.stdout, columns)
    else:
        with Path(output).open("w", encoding="utf-8", newline="") as file:
            yield _started(file, columns)


def _started(file: TextIO, columns: tuple[str, ...]) -> Callable[..., Any]:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    return writer.writerow


def _summary(counts: Mapping[str, int], rules: Mapping[str, int] | None = None) -> None:
    """Totals on standard error, so that the rows can go down a pipe."""
    lines: Iterable[tuple[str, int]] = [("rows", sum(counts.values())), *sorted(counts.items())]
    print("  ".join(f"{name} {count}" for name, count in lines), file=sys.stderr)
    if rules:
        print(
            "by rule: " + "  ".join(f"{rule} {n}" for rule, n in sorted(rules.items())),
            file=sys.stderr,
        )
