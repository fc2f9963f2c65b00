"""`flow-rules outbound create|preview`: lists of calls as CSV, judged or placed row by row.

Columns are those of the platform's upload: `contact` (or `tel1` to `tel10`), `purpose`,
`starttime`, `flowID`, and `$flow.key.<name>` variables; others are not looked at.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import uuid
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rules.cli.common import command, moment, progress, services, wrong

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from rich.progress import Progress

    from rules.cli.common import Commands
    from rules.methods import Answer
    from rules.services import Services

__all__ = ["register"]

_ANSWER = ("row", "number", "status", "code", "request_id", "state", "reason", "start")
_JUDGED = ("row", "number", "verdict", "reason", "when")
_Cells = tuple[str, str, str, str, str, str]
_DRY_RUN, _IDEMPOTENCY_KEY = "$flow.key.dryRun", "$flow.key.idempotencyKey"
_CONTROL = frozenset((_DRY_RUN.casefold(), _IDEMPOTENCY_KEY.casefold()))
_GOOD = frozenset({"accepted", "queued", "held", "sending", "preview"})
_CREATE_EPILOG = """\
Nothing is stored or sent without --send: every row is checked and its answer shown.
With --send every row gets an idempotency key of its own, made of the file's content and the row,
so the same file sent again (within the account's idempotency_hours) calls nobody twice.
A column $flow.key.idempotencyKey gives keys of your own; a row whose $flow.key.dryRun is true is
only checked. A row with the number of an earlier row is a duplicate and is not sent.

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
    add("--flow-id", default="", help="the flow to start, in rows whose column flowID is blank")
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
    built = services(now=args.now)
    text = _read(args.file)
    batch = args.batch or _digest(text)
    states: Counter[str] = Counter()
    seen: set[str] = set()
    with _writer(args.output, _ANSWER) as write, progress(quiet=args.quiet) as bar:
        for number, row in _rows(text, bar):
            cells, state = _row(args, row, built, key=f"{batch}:{number}", seen=seen)
            states[state] += 1
            write((str(number), _shown(row), *cells))
    _summary(states)
    if not args.send:
        print("Nothing was sent; add --send to place these calls.", file=sys.stderr)
    return 0 if set(states) <= _GOOD else 1


def _row(
    args: argparse.Namespace, row: Mapping[str, str], built: Services, *, key: str, seen: set[str]
) -> tuple[_Cells, str]:
    """The answer of one row; `seen` are the marks of the rows before, and grows along."""
    from rules.outbound import OUTBOUND, marks_of, named_start, read_numbers

    settings = built.accounts().settings(OUTBOUND, args.account or None)
    try:
        start = named_start(row.get("starttime") or "", now=built.clock(), settings=settings)
    except ValueError as error:
        return ("", "", "", "refused", str(error), ""), "refused"
    keys = _keys(args, row, key)
    marks = marks_of(read_numbers(keys["$flow.syskey.contactNumbers"]).usable)
    if marks & seen:
        return ("", "", "", "duplicate", "", ""), "duplicate"
    reply = _answer(keys, built, start)
    cells, state = _cells(reply)
    rehearsed = args.send and reply.status == 200 and state in ("preview", "refused")
    if reply.status != 400 and not rehearsed:
        seen |= marks
    return cells, state


def _keys(args: argparse.Namespace, row: Mapping[str, str], key: str) -> dict[str, str]:
    """Keys of one createOutbound request; the last ones win, whatever columns the row has."""
    from rules.outbound import contact_of

    own = {name.strip().casefold(): value for name, value in row.items() if value.strip()}
    account = {"$flow.key.accountID": args.account} if args.account else {}
    given = {
        "$flow.syskey.securityID": args.security_id,
        "$flow.syskey.flowID": (row.get("flowID") or "").strip() or args.flow_id,
        "$flow.syskey.contactNumbers": contact_of(row),
        "$flow.key.purpose": row.get("purpose") or args.purpose,
        **{name: value for name, value in row.items() if name.startswith("$flow.") and value},
        **account,
    }
    dry = own.get(_DRY_RUN.casefold(), "false") if args.send else "true"
    key = own.get(_IDEMPOTENCY_KEY.casefold(), key) if args.send else ""
    others = {n: v for n, v in given.items() if n.strip().casefold() not in _CONTROL}
    return {**others, _DRY_RUN: dry, _IDEMPOTENCY_KEY: key}


def _answer(keys: Mapping[str, str], built: Services, start: datetime | None) -> Answer:
    """The answer to one request; a failure is one too, so that the other rows go on.

    It has every variable, also where the account leaves additions out on the wire.
    """
    from rules.envelope import parse, render
    from rules.methods import Answer, fill_call, refused
    from rules.methods.create_outbound import starting

    method, request_id = starting(start), str(uuid.uuid4())
    pairs = [{"name": name, "value": value} for name, value in keys.items()]
    try:
        call = fill_call(method, parse({"keys": pairs}), built, request_id)
        return Answer(200, render(method.run(call)), method.name)
    except Exception as error:  # noqa: BLE001  its cells say what went wrong
        return refused(error, method, request_id)


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
    from rules.outbound import CONTACT_COLUMNS

    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = reader.fieldnames or ()
    if not set(CONTACT_COLUMNS) & set(columns):
        wrong("the header line must have a column 'contact', or one of 'tel1' to 'tel10'")
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
        return
    try:
        file = Path(output).open("w", encoding="utf-8", newline="")  # noqa: SIM115  closed below
    except OSError as error:
        wrong(f"--output: {output} cannot be written ({error.strerror})")
    with file:
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
