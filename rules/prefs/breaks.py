"""The break report: pauses of some days as rows, one per pause and day.

Intervals are clipped to the range and split at midnight of the zone; open ones end now. Minutes
have one decimal; a sum adds exact times and rounds once.

>>> from datetime import datetime
>>> from rules.prefs.agents import EndedBy, Interval
>>> start, end = map(datetime.fromisoformat, ("2026-11-18T23:50+05:30", "2026-11-19T00:20+05:30"))
>>> interval = Interval("919879912345", "293", "", start, None, end, EndedBy.AGENT)
>>> day = start.date()
>>> rows = break_rows([interval], start=day, end=end.date(), now=end, zone=start.tzinfo)
>>> [row.minutes for row in rows]
['10.0', '20.0']
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from rules.dates import to_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from rules.prefs.agents import EndedBy, Interval

__all__ = ["COLUMNS", "BreakRow", "BreakSums", "break_rows", "in_zone", "midnight"]

_DAY = timedelta(days=1)
_NOTHING = timedelta()
_TENTH = timedelta(seconds=6)
_FIRST, _LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
COLUMNS = (
    "cli",
    "name",
    "account",
    "date",
    "reason",
    "start",
    "end",
    "minutes",
    "planned_end",
    "overrun_minutes",
    "ended_by",
)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment a day begins in the zone."""
    return to_moment(day, time.min, zone).astimezone(UTC)


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """A moment by the zone's clock; one at the ends of the calendar is moved inside it."""
    return max(_FIRST, min(moment, _LAST)).astimezone(zone)


def in_minutes(length: timedelta) -> str:
    """Minutes with one decimal, half a tenth rounded up."""
    tenths = (length + _TENTH / 2) // _TENTH
    return f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class BreakRow:
    """One pause on one day; moments in the report's zone."""

    cli: str
    name: str
    account: str
    date: date
    reason: str
    start: datetime
    end: datetime
    planned_end: datetime | None
    ended_by: EndedBy

    @property
    def length(self) -> timedelta:
        """How long, by the clock that knows no summer time."""
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    @property
    def overrun(self) -> timedelta:
        """How much of it was past the planned end."""
        if self.planned_end is None:
            return _NOTHING
        begin = max(self.start.astimezone(UTC), self.planned_end.astimezone(UTC))
        return max(self.end.astimezone(UTC) - begin, _NOTHING)

    @property
    def minutes(self) -> str:
        """Length in minutes."""
        return in_minutes(self.length)

    @property
    def overrun_minutes(self) -> str:
        """Overrun in minutes."""
        return in_minutes(self.overrun)


@dataclass
class BreakSums:
    """What a report adds up."""

    count: int = 0
    length: timedelta = _NOTHING
    overrun: timedelta = _NOTHING

    def add(self, row: BreakRow) -> None:
        """Count one row."""
        self.count += 1
        self.length += row.length
        self.overrun += row.overrun

    @property
    def minutes(self) -> str:
        """All lengths in minutes."""
        return in_minutes(self.length)

    @property
    def overrun_minutes(self) -> str:
        """All overruns in minutes."""
        return in_minutes(self.overrun)


def break_rows(
    intervals: Iterable[Interval], *, start: date, end: date, now: datetime, zone: tzinfo
) -> list[BreakRow]:
    """Rows of the days from `start` to `end`, both included, sorted by start and number.

    The intervals are as they are at `now`: what ended by itself is closed (`agents.settled`).
    """
    first, last = midnight(start, zone), midnight(end + _DAY, zone)
    rows = [
        row
        for interval in intervals
        for row in _split(
            replace(
                interval,
                start=max(interval.start, first),
                end=min(interval.end or now, last),
            ),
            zone,
        )
    ]
    rows.sort(key=lambda row: (row.start.astimezone(UTC), row.cli))
    return rows


def _split(interval: Interval, zone: tzinfo) -> Iterator[BreakRow]:
    """One row for each day the interval touches; nothing when it is empty."""
    begin, end = interval.start, interval.end or interval.start
    while begin < end:
        day = begin.astimezone(zone).date()
        stop = min(end, midnight(day + _DAY, zone))
        planned = interval.planned_end
        yield BreakRow(
            cli=interval.cli,
            name="",
            account=interval.account,
            date=day,
            reason=interval.reason,
            start=begin.astimezone(zone),
            end=stop.astimezone(zone),
            planned_end=planned and in_zone(planned, zone),
            ended_by=interval.ended_by,
        )
        begin = stop
