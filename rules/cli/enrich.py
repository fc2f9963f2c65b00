"""`flow-rules enrich`: a list file with class, operator, circle and language of its numbers."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rules.cli.common import command, services, wrong
from rules.telecom.answers import ADDED, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rules.cli.common import Commands
    from rules.gateways.campaign import Job, Live
    from rules.gateways.list_state import Progress
    from rules.telecom import TelecomSettings
    from rules.telecom.enrich import Wanted

__all__ = ["register"]

_DELIMITERS = {",": ",", ";": ";", "tab": "\t", "bar": "|"}
_EPILOG = """\
IN and OUT end in .csv, .csv.gz or .parquet. Every row of IN is in OUT, in order, with the added
columns behind its own; rows whose cells cannot be told apart go to OUT.rejects with their line.
A run that was stopped or killed goes on when the same command is given again.

exit codes: 0 done; 1 failure, what is saved stays; 2 wrong use; 3 a broken-off run cannot go on
(--restart begins anew); 130 stopped, the rest waits for the same command"""


def register(commands: Commands) -> None:
    """Add the command."""
    parser = command(
        commands, "enrich", "add class, operator, circle and language to a list", epilog=_EPILOG
    )
    add = parser.add_argument
    add("source", metavar="IN", type=Path, help="list to read")
    add("target", metavar="OUT", type=Path, help="list to write")
    add("--number-column", metavar="NAME", action="append", required=True, help="may be repeated")
    add("--source-column", metavar="NAME", help="column with MOBILE or LANDLINE")
    add("--languages", metavar="LIST", help="languages you can play, for all rows")
    add("--languages-column", metavar="NAME", help="column with such a list for each row")
    add("--prefix", help="put before the added columns (default: tel_, or <column>_ for several)")
    add("--columns", metavar="LIST", default=",".join(ADDED), help=f"default: {','.join(ADDED)}")
    add("--min-confidence", choices=("high", "medium", "low"), help="as the account setting")
    add("--account", default="", metavar="ID", help="whose overrides, labels and fallbacks hold")
    add("--accounts", metavar="FILE", help="accounts file (default: RULES_ACCOUNTS)")
    add("--delimiter", choices=tuple(_DELIMITERS), help="default: found from the header")
    add("--encoding", choices=("utf-8", "utf-16", "cp1252"), help="default: utf-8")
    add("--batch-rows", type=_positive, default=500_000, metavar="N", help="size of a chunk")
    add("--overwrite", action="store_true", help="OUT may exist")
    add("--restart", action="store_true", help="forget a broken-off run")
    add("--live", metavar="NAME", default="", help="ask this live source about each number")
    add("--live-max", type=int, default=0, metavar="N", help="at most so many questions")
    add("--summary", type=Path, metavar="FILE", help="write the summary as JSON")
    add("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(run=_enrich)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number above 0 is wanted")
    return int(text)


def _enrich(args: argparse.Namespace) -> int:
    try:
        from rules.gateways.campaign import Job, enrich_file
    except ModuleNotFoundError as error:
        wrong(f"{error.name} is missing: pip install 'flow-rules[bulk]' (in a clone: make setup)")
    from rules.cli.enrich_progress import watch
    from rules.errors import BadColumns
    from rules.gateways.list_errors import CannotResume, ListRefused

    wanted = _wanted(args)
    live = _live(args, wanted)
    with watch(quiet=args.quiet) as see, _stoppable() as is_stopped:
        job = Job(
            args.source,
            args.target,
            wanted,
            delimiter=_DELIMITERS.get(args.delimiter),
            encoding=args.encoding,
            batch_rows=args.batch_rows,
            overwrite=args.overwrite,
            restart=args.restart,
            live=live,
            see=see,
            is_stopped=is_stopped,
        )
        try:
            progress = enrich_file(job)
        except (BadColumns, ListRefused, FileNotFoundError) as error:
            return _said(error, 2)
        except CannotResume as error:
            return _said(f"{error}; --restart begins anew", 3)
        except OSError as error:
            return _said(f"{error.strerror or error}: what is saved stays valid", 1)
    return _ended(job, progress, args.summary)


def _said(message: object, code: int) -> int:
    print(f"flow-rules: {message}", file=sys.stderr)
    return code


def _wanted(args: argparse.Namespace) -> Wanted:
    from rules.telecom.enrich import Wanted

    return Wanted(
        numbers=tuple(dict.fromkeys(args.number_column)),
        source=args.source_column,
        languages=tuple(entries(args.languages)) if args.languages else None,
        languages_column=args.languages_column,
        prefix=args.prefix,
        columns=tuple(name.strip() for name in args.columns.split(",")),
        settings=_settings(args),
    )


def _settings(args: argparse.Namespace) -> TelecomSettings:
    from rules.telecom import TELECOM, Confidence, TelecomSettings

    settings = TelecomSettings()
    if args.account or args.accounts:
        accounts = services(accounts=args.accounts).accounts()
        settings = accounts.settings(TELECOM, args.account or None)
    if args.live:
        most = settings.live_daily_questions or args.live_max
        settings = replace(settings, live_lookup=args.live, live_daily_questions=most)
    if args.min_confidence:
        settings = replace(settings, min_confidence=Confidence(args.min_confidence))
    return settings


def _live(args: argparse.Namespace, wanted: Wanted) -> Live | None:
    """The asker of a live source, where one is named; it must be one of the installation's."""
    from rules.gateways.campaign import Live

    if not args.live:
        return None
    from rules.gateways.live_sources import read_sources
    from rules.settings import Settings

    path = Settings.from_mapping(os.environ).live_sources
    built = services(accounts=args.accounts)
    names = [config.name for config in read_sources(path)] if path else []
    if built.live_numbers is None or args.live not in names:
        wrong(f"no live source {args.live} in RULES_LIVE_SOURCES; there are: {', '.join(names)}")
    return Live(built.live_numbers, wanted, args.account, args.live_max)


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM are noted; the work ends after the chunk."""
    caught: list[int] = []
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(kind, lambda number, _: caught.append(number)) for kind in kinds]
    try:
        yield lambda: bool(caught)
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


def _ended(job: Job, progress: Progress, target: Path | None) -> int:
    """Say what was done."""
    from rules.gateways.list_summary import lines, summary

    found: dict[str, Any] = summary(progress)
    for line in lines(found):
        print(line)
    if target:
        target.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if progress.rejected:
        print(f"rejected lines are in {job.beside('rejects')}", file=sys.stderr)
    if progress.whole:
        return 0
    print("stopped: the same command goes on from here", file=sys.stderr)
    return 130
