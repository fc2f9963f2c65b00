"""`flow-rules validate`: many dates at once; `holidays`: a calendar to read; `holidays-diff`."""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rules.cli.common import command, moment, print_table, progress, whole_file, wrong
from rules.variables import is_missing

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from datetime import date, datetime

    from rules.cli.common import Commands
    from rules.dates import Holiday
    from rules.settings import Accounts

__all__ = ["register"]

Row = dict[Any, Any]
"""Cells by column name, and under `_CELLS` and `_BROKEN` what belongs to no column."""
_DIFFERENT = 3
_LONGEST_CELL = 1 << 24
_TOO_MANY_CELLS = "TOO_MANY_CELLS"
_CELLS, _BROKEN = object(), object()
_ACCOUNTS = ("$user.syskey.accountid", "$flow.key.accountid", "accountid")
_FLOWS = ("$flow.syskey.flowid", "$flow.key.flowid", "flowid")
"""Columns an id is looked for in, the first that has one holds; never those of other namespaces."""
_VALIDATE_EPILOG = """\
IN.csv has the variables of a request as columns (inputDate, type, workingDaysOff, ...), in any
case; accountID and flowId choose the settings of a row. OUT.csv has all its columns and rows in the
same order, with the variables of the reply behind them. A row the designer must mend is kept:
dateReason says what is wrong. A summary of reasons is printed at the end.

example: flow-rules validate asked.csv judged.csv --accounts accounts.toml

exit codes: 0 done, bad rows or not; 1 a file cannot be read or written; 2 wrong use"""
_HOLIDAYS_EPILOG = """\
SET: IN, a state (IN-MH), bank-saturdays, another country (GB, US-CA). Without SET all Indian sets
are listed, with the years they cover.

example: flow-rules holidays IN-MH 2027"""
_DIFF_EPILOG = """\
+ only the installed holidays package has the day, - only our table, ~ another name. The table is
changed by 'make data' and a reviewed commit, never by this command.

exit codes: 0 no difference; 3 differences are printed; 2 wrong use"""


def register(commands: Commands) -> None:
    """Add the three commands."""
    bulk = command(commands, "validate", "judge a CSV file of dates", epilog=_VALIDATE_EPILOG)
    bulk.add_argument("source", metavar="IN.csv", help="rows to judge")
    bulk.add_argument("result", metavar="OUT.csv", help="file to write")
    bulk.add_argument("--accounts", metavar="FILE", help="accounts file (default: RULES_ACCOUNTS)")
    bulk.add_argument("--now", type=moment, metavar="MOMENT", help="judge as of this moment")
    bulk.set_defaults(run=_validate)
    show = command(commands, "holidays", "print the holidays of a year", epilog=_HOLIDAYS_EPILOG)
    show.add_argument("set", nargs="?", metavar="SET", help="a holiday set; without it all Indian")
    show.add_argument("year", nargs="?", type=int, metavar="YEAR", help="default: this year")
    show.add_argument("--now", type=moment, metavar="MOMENT", help="count from this moment")
    show.set_defaults(run=_holidays)
    diff = command(
        commands, "holidays-diff", "what a newer holidays package would change", epilog=_DIFF_EPILOG
    )
    diff.add_argument("sets", nargs="*", metavar="SET", help="only these (default: all Indian)")
    diff.set_defaults(run=_holidays_diff)


def _validate(args: argparse.Namespace) -> int:
    accounts = _accounts(args.accounts or os.environ.get("RULES_ACCOUNTS", ""))
    source, result = Path(args.source), Path(args.result)
    if source.resolve() == result.resolve():
        wrong("OUT.csv must be another file than IN.csv")
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with (
            source.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file,
            whole_file(result, errors="surrogateescape") as target,
        ):
            reasons = _judge(accounts, _now(args), file, target)
    except OSError as error:
        print(f"flow-rules: {error.filename or result}: {error.strerror}", file=sys.stderr)
        return 1
    except csv.Error as error:
        print(f"flow-rules: {source} is no CSV file: {error}", file=sys.stderr)
        return 1
    print_table(("", "reason", "rows"), _summary(reasons), f"{source} judged")
    return 0


def _accounts(name: str) -> Accounts:
    from rules.gateways.accounts import read_accounts
    from rules.settings import Accounts

    return read_accounts(Path(name))[0] if name else Accounts()


def _judge(
    accounts: Accounts, now: datetime, file: TextIO, target: TextIO
) -> Counter[tuple[str, str]]:
    """Write every row with its reply; give back how often each reason was given."""
    from rules.dates import EXTRA_NAMES, REPLY_NAMES

    reader = csv.reader(file)
    header = next(reader, [])
    known = {name.strip().casefold().removeprefix("$flow.key.") for name in header}
    missing = [name for name in ("inputDate", "type") if name.casefold() not in known]
    if missing:
        wrong(f"{file.name} has no column {' and none '.join(missing)}")
    reply = (*REPLY_NAMES, *EXTRA_NAMES)
    kept = [place for place, name in enumerate(header) if name not in reply]
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([*(header[place] for place in kept), *reply])
    reasons: Counter[tuple[str, str]] = Counter()
    with progress() as bar:
        rows = (_row(header, cells) for cells in reader if cells)
        judged = _judged(accounts, now, rows)
        for row in bar.track(judged, _count_lines(file.name), description="dates"):
            cells = row[_CELLS]
            writer.writerow([*(cells[place] for place in kept), *(row[name] for name in reply)])
            reasons["date", row["dateReason"]] += 1
            reasons["time", row["timeReason"]] += 1
    return reasons


def _row(header: list[str], cells: list[str]) -> Row:
    """The cells by column, and all of them as they stand: two columns may have one name."""
    broken = len(cells) > len(header)
    if broken:  # nothing is lost: what stands beyond the last column is kept in it
        cells = [*cells[: len(header) - 1], ",".join(cells[len(header) - 1 :])]
    cells += [""] * (len(header) - len(cells))
    return {**dict(zip(header, cells, strict=True)), _CELLS: cells, _BROKEN: broken}


def _judged(accounts: Accounts, now: datetime, rows: Iterator[Row]) -> Iterator[Row]:
    """Rows with their replies; neighbours with the same account and flow are judged together."""
    from rules.dates import DATES, EXTRA_NAMES, FAILURE, validate_rows

    failed = {**FAILURE, **dict.fromkeys(EXTRA_NAMES, ""), "dateReason": _TOO_MANY_CELLS}
    for (account, flow, broken), group in groupby(rows, _scope):
        if broken:
            yield from ({**row, **failed} for row in group)
        else:
            settings = accounts.settings(DATES, account, flow)
            yield from validate_rows(group, now=now, settings=settings)


def _scope(row: Row) -> tuple[str | None, str | None, bool]:
    """Account, flow, and whether the row had too many cells."""
    cells = {
        name.strip().casefold(): value.strip()
        for name, value in row.items()
        if isinstance(name, str)
    }
    account, flow = (
        next((cells[name] for name in names if not is_missing(cells.get(name, ""))), None)
        for names in (_ACCOUNTS, _FLOWS)
    )
    return account, flow, row[_BROKEN]


def _count_lines(name: str) -> int:
    """About how many rows a file has, for the progress bar."""
    with open(name, "rb") as file:  # noqa: PTH123  opened by the name it was opened by before
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _summary(reasons: Counter[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for of in ("date", "time"):
        found = [(reason, count) for (kind, reason), count in reasons.most_common() if kind == of]
        yield from ((of, reason or "(none)", f"{count:,}") for reason, count in found)


def _holidays(args: argparse.Namespace) -> int:
    from rules.dates import shipped_holidays
    from rules.dates.holiday_sets import BANK_SATURDAYS, NO_SET, UnknownHolidaySet
    from rules.dates.speech import LANGUAGES
    from rules.dates.values import FIRST_YEAR, LAST_YEAR

    table = shipped_holidays()
    if args.set is None:
        rows = [
            (one.name, one.title, f"{one.coverage.first} to {one.coverage.last}")
            for one in table.sets.values()
        ]
        print_table(("set", "title", "years"), rows)
        return 0
    name = args.set if args.set in {BANK_SATURDAYS, NO_SET} else args.set.upper()
    now = _now(args)
    year = now.year if args.year is None else args.year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        wrong(f"YEAR must lie between {FIRST_YEAR} and {LAST_YEAR}")
    try:
        days = [day for day in _days(name, year) if day.date.year == year]
    except UnknownHolidaySet as error:
        wrong(f"{error}; 'flow-rules holidays' lists the Indian ones")
    if name in table.sets:
        covered = table.sets[name].coverage
        if not covered.first <= year <= covered.last:
            note = f"{name} is complete from {covered.first} to {covered.last} only"
            print(f"flow-rules: {note}", file=sys.stderr)
    print_table(
        ("date", "day", "holiday", "in Hindi", "status", ""),
        (
            (
                day.date.isoformat(),
                LANGUAGES["en"].weekdays[day.date.weekday()],
                day.name,
                day.name_hi,
                day.status,
                _in_words(day.date, now),
            )
            for day in days
        ),
        f"{name} {year}: {len(days)} days",
    )
    return 0


def _now(args: argparse.Namespace) -> datetime:
    from datetime import UTC, datetime

    return args.now or datetime.now(UTC).astimezone()


def _days(name: str, year: int) -> list[Holiday]:
    """The days a set shuts; those of bank Saturdays are computed for the year."""
    from datetime import date, timedelta

    from rules.dates import Calendar, Holiday, WeekPattern, shipped_holidays
    from rules.dates.holiday_sets import BANK_SATURDAYS

    shut = shipped_holidays().shut_days((name,))
    if name != BANK_SATURDAYS:
        return list(shut.holidays.values())
    calendar = Calendar(WeekPattern(), shut)
    first = date(year, 1, 1)
    days = (first + timedelta(n) for n in range(366))
    return [Holiday(day, "Banks shut") for day in days if not calendar.is_open(day)]


def _in_words(day: date, now: datetime) -> str:
    """`in 3 weeks`, `today`, `2 months ago`."""
    import pendulum

    today = pendulum.date(now.year, now.month, now.day)
    if day == today:
        return "today"
    words = pendulum.format_diff(today.diff(day), absolute=True)
    return f"in {words}" if day > today else f"{words} ago"


def _holidays_diff(args: argparse.Namespace) -> int:
    from rules.dates import shipped_holidays
    from rules.dates.drafting import VERSION, compare, draft, set_titles

    table = shipped_holidays()
    known = set_titles()
    names = [name.upper() for name in args.sets] or list(known)
    for name in names:
        if name not in table.sets or name not in known:
            wrong(f"no Indian holiday set '{name}'; 'flow-rules holidays' lists them")
    with progress() as bar:
        found = [
            (name, change)
            for name in bar.track(names, description="sets")
            for change in compare(table.sets[name].holidays(), draft(name))
        ]
    rows = ((name, change.sign, change.date.isoformat(), change.name) for name, change in found)
    print_table(("set", "", "date", "holiday"), rows, f"against holidays {VERSION}")
    print(f"{len(found)} differences against holidays {VERSION}", file=sys.stderr)
    return _DIFFERENT if found else 0
