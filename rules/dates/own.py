"""An account's own dates: closed days, opened days, and days with other hours, from a CSV file.

```
date,status,hours,name,name_hi
2026-12-24..2026-12-26,closed,,Year-end break,
2026-11-29,open,10:00-13:00,Sunday drive,
RRULE:DTSTART=20260401;FREQ=YEARLY,closed,,Stock taking,
```

Several rows for one date: `closed` beats `open`, the last hours win.

>>> own = own_dates([{"date": "2026-12-24..2026-12-26", "status": "closed", "name": "Break"}])
>>> len(own.closed), own.closed[date(2026, 12, 25)].name
(3, 'Break')
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

from rules.dates.closures import OwnDates
from rules.dates.holiday_sets import as_cells
from rules.dates.values import FARTHEST, FIRST_YEAR, LAST_YEAR, Holiday
from rules.dates.window import Window, WindowUnreadable
from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "OWN_COLUMNS",
    "STATUSES",
    "OwnDatesMistake",
    "days_of",
    "own_dates",
    "read_own_dates",
    "read_own_rows",
]

OWN_COLUMNS = ("date", "status", "hours", "name", "name_hi")
STATUSES = ("closed", "open", "hours")
_MOST = 2000  # dates one recurrence may give
_RULE = "RRULE:"
_FREQUENCIES = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY"})
_CLOCK_PARTS = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RULE_PART = re.compile(r"([A-Z]+)=([A-Z0-9+,-]+)", re.ASCII)
_START = re.compile(r"DTSTART=(\d{8})(?:;|\Z)", re.ASCII)


class OwnDatesMistake(RulesError):
    """A row that cannot be used; the message begins with its line."""

    code = "BAD_SETTING"


@lru_cache(maxsize=128)
def read_own_dates(text: str) -> OwnDates:
    """Own dates from the text of a CSV file; raises `OwnDatesMistake`."""
    return own_dates(read_own_rows(text))


def read_own_rows(text: str) -> list[tuple[str, ...]]:
    """The rows of a CSV file as they stand; only header and number of cells are looked at."""
    try:
        lines = list(csv.reader(text.removeprefix("\ufeff").splitlines(), strict=True))
    except csv.Error as error:
        raise OwnDatesMistake(f"no CSV: {error}") from None
    if not lines or tuple(cell.strip() for cell in lines[0]) != OWN_COLUMNS:
        raise OwnDatesMistake(f"line 1: the header must be {','.join(OWN_COLUMNS)}")
    for line, cells in enumerate(lines[1:], start=2):
        if len(cells) not in {0, len(OWN_COLUMNS)}:
            raise OwnDatesMistake(f"line {line}: {len(cells)} cells, expected {len(OWN_COLUMNS)}")
    return [tuple(cells) for cells in lines[1:]]


def own_dates(rows: Iterable[Mapping[str, str] | Sequence[str]]) -> OwnDates:
    """Own dates from rows with the columns of the file; empty rows pass by.

    Raises `OwnDatesMistake`; line 2 is the first row.
    """
    closed: dict[date, Holiday | None] = {}
    opened: set[date] = set()
    hours: dict[date, Window] = {}
    for line, row in enumerate(rows, start=2):
        texts = as_cells(row, OWN_COLUMNS)
        cells = {name: text.strip() for name, text in zip(OWN_COLUMNS, texts, strict=False)}
        if not any(cells.values()):
            continue
        try:
            status, window = _status(cells)
            for day in days_of(cells["date"]):
                if status == "closed":
                    closed[day] = _named(day, cells) or closed.get(day)
                elif status == "open":
                    opened.add(day)
                if window is not None:
                    hours[day] = window
        except (ValueError, WindowUnreadable) as error:
            raise OwnDatesMistake(f"line {line}: {error}") from None
    return OwnDates(closed, frozenset(opened), hours)


def _status(cells: Mapping[str, str]) -> tuple[str, Window | None]:
    status, hours = cells["status"].casefold(), cells["hours"]
    if status not in STATUSES:
        raise ValueError(f"status must be one of {', '.join(STATUSES)}")
    if status == "closed" and hours:
        raise ValueError("a closed day has no hours")
    if status == "hours" and not hours:
        raise ValueError("status hours needs hours, such as 10:00-14:00")
    return status, Window.read(hours) if hours else None


def _named(day: date, cells: Mapping[str, str]) -> Holiday | None:
    if not cells["name"]:
        return None
    return Holiday(day, cells["name"], cells["name_hi"], "own", "own_dates")


def days_of(text: str) -> list[date]:
    """The dates of a cell: one, a range, or a recurrence; raises `ValueError`."""
    if text[: len(_RULE)].upper() == _RULE:
        return _recurring(text[len(_RULE) :].upper())
    first, dots, last = text.partition("..")
    start = _day(first.strip())
    end = _day(last.strip()) if dots else start
    count = (end - start).days + 1
    if not 1 <= count <= FARTHEST:
        raise ValueError(f"a range must end after its start, and within {FARTHEST} days")
    return [start + timedelta(days) for days in range(count)]


def _day(text: str) -> date:
    if _ISO.fullmatch(text) is None:
        raise ValueError("write a date as 2026-12-24")
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return day


def _recurring(rule: str) -> list[date]:
    """The dates of `DTSTART=20260401;FREQ=YEARLY`, to the end of 2100 or 2,000 of them."""
    match = _START.match(rule)
    if match is None:
        raise ValueError("a rule begins with its first date: RRULE:DTSTART=20260401;FREQ=YEARLY")
    start = _day(f"{match[1][:4]}-{match[1][4:6]}-{match[1][6:]}")
    rest = rule[match.end() :]
    parts = dict(_part(part) for part in rest.split(";"))
    if parts.get("FREQ") not in _FREQUENCIES or parts.keys() & _CLOCK_PARTS:
        raise ValueError("a rule counts days: FREQ is YEARLY, MONTHLY, WEEKLY or DAILY")
    if not parts.get("INTERVAL", "1").strip("0").isdigit():
        raise ValueError("INTERVAL must be 1 or more")
    first = datetime(start.year, start.month, start.day)  # noqa: DTZ001  a civil date
    try:
        moments = _recurrences().rrulestr(rest, dtstart=first)
        return [found.date() for found in islice(moments, _MOST)]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ValueError(f"the rule cannot be read: {error}") from None


class _Calendar:
    """The module `datetime`, whose calendar ends with ours."""

    MAXYEAR = LAST_YEAR

    def __getattr__(self, name: str) -> Any:
        return getattr(dt, name)


@cache
def _recurrences() -> Any:
    """A copy of `dateutil.rrule` of our own that looks no further than the end of 2100.

    The library goes on to the year 9999, which takes half a minute where a rule meets no day.
    It loads only for accounts that use it.
    """
    spec = find_spec("dateutil.rrule")
    assert spec is not None  # noqa: S101  for the type checker, as the next
    assert spec.loader is not None  # noqa: S101
    module: Any = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.datetime = _Calendar()
    return module


def _part(text: str) -> tuple[str, str]:
    match = _RULE_PART.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text[:60]}' is no part of a rule, such as FREQ=YEARLY")
    return match[1], match[2]
