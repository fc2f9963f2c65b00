"""`flow-rules prefs import|export`: many customers at once, with a progress bar."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rules.cli.common import command, moment, progress, services, whole_file, wrong
from rules.errors import RulesError
from rules.prefs import (
    LONG,
    PREFS,
    CustomerRow,
    Kind,
    RowRefused,
    columns_problem,
    export_rows,
    read_row,
)
from rules.services.prefs import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from rules.cli.common import Commands
    from rules.prefs import PrefSettings
    from rules.services import Services
    from rules.services.prefs import PreferenceStore

__all__ = ["register"]

Line = tuple[int, Mapping[str | None, Any]]
"""A row and the line it ends on."""
_BATCH = 500
_LONGEST_CELL = 2**31 - 1
_IMPORT_EPILOG = """\
FILE is a CSV file with a column 'contact' and either

  a column for each variable: a blank cell leaves the customer's value as it is; or
  the columns 'name' and 'value', and perhaps 'expires' (a moment), as 'export' writes them:
  there an empty value is stored as such.

A row that is refused is kept, with its line and the reason, in the file of --rejected; all others
are stored. The same file again changes nothing.

exit codes: 0 every row is stored; 1 some rows were refused; 2 wrong use"""


def register(parts: Commands) -> None:
    """Add both commands."""
    reading = command(parts, "import", "remember values from a CSV file", epilog=_IMPORT_EPILOG)
    reading.add_argument("file", metavar="FILE", help="CSV file")
    reading.add_argument("--days", type=int, metavar="N", help="forget them after so many days")
    reading.add_argument("--rejected", metavar="OUT", help="refused rows (FILE.rejected.csv)")
    reading.set_defaults(run=_import)
    writing = command(parts, "export", "write values as CSV, or all of one customer as JSON")
    writing.add_argument("contact", nargs="?", metavar="CONTACT", help="only this one, as JSON")
    writing.add_argument("--output", default="-", metavar="OUT", help="file, or - (default)")
    writing.set_defaults(run=_export)
    for part in (reading, writing):
        part.add_argument(
            "--account", required=True, type=_account, metavar="ID", help="the account"
        )
        part.add_argument("--now", type=moment, metavar="MOMENT", help="act as of this moment")


def _account(text: str) -> str:
    """The account of `--account`, without blanks around it."""
    if not text.strip():
        raise argparse.ArgumentTypeError("name an account")
    return text.strip()


def _preferences(built: Services) -> PreferenceStore:
    from rules.services import need

    return need(built.preferences, "store of preferences")


def _import(args: argparse.Namespace) -> int:
    if args.days is not None and not 1 <= args.days <= 36_500:
        wrong("--days: a whole number from 1 to 36,500")
    path = Path(args.file)
    built = services(now=args.now)
    rows = changed = 0
    with _table(path) as table, _Refused(_rejected(args)) as refused, progress() as bar:
        told = bar.track(table, total=_lines(path), description="rows")
        numbered = ((table.line_num, row) for row in told)
        while batch := list(islice(numbered, _BATCH)):
            rows += len(batch)
            changed += _store(built, args, batch, refused)
    print(f"{rows - refused.count} rows stored, {changed} values changed")
    if refused.count:
        print(f"{refused.count} rows refused, see {refused.path}", file=sys.stderr)
    return 1 if refused.count else 0


def _rejected(args: argparse.Namespace) -> str:
    """The file for refused rows, in a folder where it can be made."""
    name: str = args.rejected or f"{args.file}.rejected.csv"
    path = Path(name)
    if not path.parent.is_dir():
        wrong(f"--rejected: there is no folder {path.parent}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        wrong(f"--rejected: {name} cannot be written; name another file")
    return name


def _store(
    built: Services, args: argparse.Namespace, batch: Sequence[Line], refused: _Refused
) -> int:
    """Store rows in one transaction, keep those that are refused; how many values changed."""
    now, settings = built.clock(), built.accounts().settings(PREFS, args.account)
    good: list[tuple[Line, CustomerRow]] = []
    bad: list[tuple[Line, str]] = []
    for line in batch:
        try:
            good.append((line, _read(line[1], now, settings)))
        except RowRefused as error:
            bad.append((line, str(error)))
    rule = partial(CustomerRow.apply, now=now, days=args.days, settings=settings)
    changes = [(row.contact, partial(rule, row)) for _, row in good]
    made = _preferences(built).change_many(args.account, changes, Origin("prefs import"))
    for (line, _), result in zip(good, made, strict=True):
        if isinstance(result, RulesError):
            bad.append((line, str(result)))
    for (number, row), reason in sorted(bad, key=lambda one: one[0][0]):
        refused.add(row, number, reason)
    return sum(c.kind is Kind.SET for r in made if not isinstance(r, RulesError) for c in r)


def _lines(path: Path) -> int:
    """Lines behind the first, for the progress bar."""
    with path.open("rb") as file:
        return sum(1 for _ in file) - 1


@contextmanager
def _table(path: Path) -> Iterator[csv.DictReader[Any]]:
    """The rows of a CSV file whose columns can be used; of cells only bytes are kept as they are.

    A cell that is not UTF-8 or very long reaches its row, where it is refused.
    """
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            table = csv.DictReader(file, restval="")
            table.fieldnames = columns = [name.strip() for name in table.fieldnames or ()]
            if not all(map(_is_utf8, columns)):
                wrong(f"{path}: the first line is not UTF-8")
            if problem := columns_problem(columns):
                wrong(f"{path}: {problem}")
            yield table
    except OSError as error:
        wrong(f"{path}: cannot be read ({error.strerror})")
    except csv.Error as error:
        wrong(f"{path}: is no CSV: {error}")
    finally:
        csv.field_size_limit(limit)


def _is_utf8(text: str) -> bool:
    """Tell whether a text read from a file was UTF-8 there."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Refused(ExitStack):
    """The file of refused rows, made when the first one comes."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.count = 0
        self._write: Callable[[Iterable[str]], object] | None = None

    def add(self, row: Mapping[str | None, Any], line: int, reason: str) -> None:
        """Keep a row with its line and the reason."""
        cells = {name: text for name, text in row.items() if name is not None}
        if self._write is None:
            # What is not UTF-8 is written as the bytes it was.
            file = Path(self.path).open(  # noqa: SIM115  next line
                "w", encoding="utf-8", errors="surrogateescape", newline=""
            )
            self.enter_context(file)
            self._write = csv.writer(file).writerow
            self._write([*cells, "line", "reason"])
        self._write([*cells.values(), str(line), reason])
        self.count += 1


def _read(cells: Mapping[str | None, Any], now: datetime, settings: PrefSettings) -> CustomerRow:
    row = {name: text for name, text in cells.items() if name is not None}
    if len(row) < len(cells):
        raise RowRefused("more cells than columns")
    for name, text in row.items():
        if not _is_utf8(text):
            raise RowRefused(f"{name[:60]}: is not UTF-8")
    return read_row(row, now=now, settings=settings)


def _export(args: argparse.Namespace) -> int:
    built = services(now=args.now)
    if args.contact is not None:
        return _export_one(built, args)
    with _output(args.output) as file:
        store, now = _preferences(built), built.clock()
        writer = csv.writer(file)
        writer.writerow(LONG)
        with progress() as bar:
            task = bar.add_task("contacts", total=store.count(args.account))
            after = ""
            while page := store.page(args.account, after=after):
                for contact, stored in page:
                    writer.writerows(export_rows(contact, stored, now=now))
                after = page[-1][0]
                bar.advance(task, len(page))
    return 0


def _export_one(built: Services, args: argparse.Namespace) -> int:
    """Everything kept on one customer, as JSON."""
    from rules.cli.prefs import call

    found = call(args, built, "exportUserPreferences")
    if found is None:
        return 2
    with _output(args.output) as file:
        print(found["$flow.key.prefsExport"], file=file)
    return 0


@contextmanager
def _output(name: str) -> Iterator[TextIO]:
    """Standard output, or a file that is there only when all of it is."""
    if name == "-":
        yield sys.stdout
        return
    try:
        with whole_file(Path(name)) as file:
            yield file
    except OSError as error:
        wrong(f"--output: {name} cannot be written ({error.strerror})")
