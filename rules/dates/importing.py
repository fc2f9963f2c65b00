r"""From a calendar file to rows of own dates, and what they would change.

All-day events of an iCalendar file become rows, those that come again included: as a rule where one
row can say it, as single dates where it cannot (exceptions, more than one day). Events with clock
times and cancelled ones pass by; they are counted.

>>> text = "date,name\n2026-12-25,Christmas\n26 December 2026,Stock taking\n"
>>> [row[:2] for row in from_table(text, "closed").rows]
[('2026-12-25', 'closed'), ('2026-12-26', 'closed')]
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rules.dates.own import OwnDatesMistake, days_of, own_dates
from rules.dates.read import read_date
from rules.dates.reading import DateUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Imported", "OwnRow", "changes", "from_ics", "from_table", "merged"]

OwnRow = tuple[str, ...]
"""Cells of one row of own dates, in the order of `OWN_COLUMNS`."""
_ONE_DAY = timedelta(days=1)
_UNTIL = re.compile(r"UNTIL=(\d{8})T\w+")
_ANY_DAY = date(2000, 1, 1)  # only dates with a year are taken
_YEAR = re.compile(r"\d{4}", re.ASCII)


@dataclass
class Imported:
    """Rows found in a file, and how many entries passed by, by reason."""

    rows: list[OwnRow] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, dates: Iterable[str], status: str, name: str) -> None:
        """A row for each date, unless it is there already."""
        for one in dates:
            row = (one, status, "", " ".join(name.split()), "")
            if row not in self.rows:
                self.rows.append(row)


def from_table(text: str, status: str) -> Imported:
    """From CSV with the columns `date` and `name`; raises `OwnDatesMistake`."""
    found = Imported()
    lines = list(csv.reader(text.removeprefix("\ufeff").splitlines()))
    header = [cell.strip().casefold() for cell in lines[0]] if lines else []
    if header[:2] != ["date", "name"]:
        raise OwnDatesMistake("line 1: the header must be date,name")
    for line, cells in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in cells):
            name = cells[1] if len(cells) > 1 else ""
            found.add([_table_date(cells[0], line)], status, name)
    return found


def _table_date(text: str, line: int) -> str:
    """A cell as own dates write it: theirs as it stands, any other date with a year as ISO."""
    text = text.strip()
    try:
        days_of(text)
    except ValueError as error:
        try:
            read = read_date(text, today=_ANY_DAY, zone=UTC).date
        except DateUnreadable:
            read = None
        if read is None or not _YEAR.search(text):
            raise OwnDatesMistake(f"line {line}: {error}") from None
        return read.isoformat()
    return text


def from_ics(data: bytes, status: str) -> Imported:
    """From the all-day events of an iCalendar file; raises `OwnDatesMistake` when it is none."""
    import icalendar  # noqa: PLC0415  loads only for those who import a calendar

    try:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (ValueError, IndexError, KeyError) as error:
        raise OwnDatesMistake(f"no calendar file: {error}") from None
    found = Imported()
    moved = {
        (str(e.get("UID")), e.decoded("RECURRENCE-ID")) for e in events if "RECURRENCE-ID" in e
    }
    for event in events:
        reason = _passed_by(event)
        if reason:
            found.skipped[reason] += 1
            continue
        replaced = {day for uid, day in moved if uid == str(event.get("UID"))}
        without = replaced if "RECURRENCE-ID" not in event else set()
        try:
            dates = list(_dates(event, without))
        except ValueError as error:
            found.skipped[f"not understood ({error})"] += 1
        else:
            found.add(dates, status, str(event.get("SUMMARY", "")))
    return found


def _passed_by(event: Any) -> str:
    """Why an event gives no row; empty when it does."""
    if "DTSTART" not in event:
        return "without a date"
    if isinstance(event.decoded("DTSTART"), datetime):
        return "with clock times"
    return "cancelled" if str(event.get("STATUS", "")).upper() == "CANCELLED" else ""


def _dates(event: Any, without: set[Any]) -> Iterator[str]:
    """The date cells of an event."""
    start: date = event.decoded("DTSTART")
    length = _length(event, start)
    without = without | set(_listed(event, "EXDATE"))
    more = list(_listed(event, "RDATE"))
    if "RRULE" not in event:
        firsts = [start, *more]
    else:
        rule = _UNTIL.sub(r"UNTIL=\1", event["RRULE"].to_ical().decode())
        cell = f"RRULE:DTSTART={start:%Y%m%d};{rule}"
        firsts = [*days_of(cell), *more]
        if length == _ONE_DAY and not without and not more:
            yield cell
            return
    for first in sorted(set(firsts) - without):
        last = first + length - _ONE_DAY
        cell = first.isoformat() if first == last else f"{first}..{last}"
        days_of(cell)  # within the years and the length that own dates have
        yield cell


def _length(event: Any, start: date) -> timedelta:
    """How long an event lasts; its end is not part of it."""
    if "DTEND" in event:
        length: timedelta = event.decoded("DTEND") - start
    else:
        length = event.decoded("DURATION") if "DURATION" in event else _ONE_DAY
    return max(length, _ONE_DAY)


def _listed(event: Any, name: str) -> Iterator[date]:
    """Dates of a property that may come once, often, or not at all."""
    found = event.get(name, [])
    for part in found if isinstance(found, list) else [found]:
        for entry in part.dts:
            yield entry.dt.date() if isinstance(entry.dt, datetime) else entry.dt


def merged(old: Sequence[OwnRow], new: Iterable[OwnRow]) -> list[OwnRow]:
    """Old rows with the new ones behind them; of one date and status the new name holds."""
    names = {row[:2]: row for row in new}
    kept = [
        (*row[:3], names[row[:2]][3], row[4]) if row[:2] in names and names[row[:2]][3] else row
        for row in old
    ]
    known = {row[:2] for row in old}
    return [*kept, *(row for key, row in names.items() if key not in known)]


def changes(old: Sequence[OwnRow], after: Sequence[OwnRow]) -> list[tuple[str, OwnRow]]:
    """What a person is shown: `+` for a new row, `~` for one with another name."""
    own_dates(after)  # what is written can be read
    before = {row[:2]: row for row in old}
    return [("~" if row[:2] in before else "+", row) for row in after if before.get(row[:2]) != row]
