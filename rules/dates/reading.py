"""What reading a date gives: a `Reading`, or the reason why there is none.

A reader first finds what was **written**: date, clock time, perhaps an offset and a weekday.
`Written.settled` turns that into civil date and time of the account's zone, and only then compares
the weekday said with the date said.

>>> late = Written(dt.date(2026, 12, 8), dt.time(23, 0, 5, 111), Form.ISO, dt.UTC)
>>> reading = late.settled(dt.timezone(dt.timedelta(hours=5, minutes=30)))
>>> reading.date.isoformat(), reading.time.isoformat()
('2026-12-09', '04:30:05')
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import NamedTuple

from rules.errors import RulesError

__all__ = [
    "DateUnreadable",
    "Form",
    "NotACalendarDate",
    "Reading",
    "WeekdayMismatch",
    "Written",
    "calendar_date",
    "clock_time",
]


class Form(Enum):
    """The tier of spellings that read a text, in the order in which they are tried."""

    ISO = "iso"
    REPAIRED = "repaired"
    NUMERIC = "numeric"
    DIGITS = "digits"
    WORDS = "words"


class Reading(NamedTuple):
    """A date as read, civil in the zone asked for; `time` is None when none was said.

    `ambiguous`: there were two honest readings, `alternate` is the other if it is a date to offer.
    `time_ambiguous`: morning or evening was chosen by rule, or the text said midnight.
    """

    date: dt.date
    time: dt.time | None
    ambiguous: bool
    alternate: dt.date | None
    time_ambiguous: bool
    form: Form


class DateUnreadable(RulesError):
    """A text that is no date we accept; `reading` is what was said, if anything can be judged."""

    code = "UNPARSEABLE"
    reading: Reading | None = None

    def __init__(self, message: str = "no date we accept") -> None:
        super().__init__(message)


class NotACalendarDate(DateUnreadable):
    """The shape of a date, but there is no such day: 31 April."""

    code = "NOT_A_CALENDAR_DATE"

    def __init__(self) -> None:
        super().__init__("there is no such day")


class WeekdayMismatch(DateUnreadable):
    """The weekday said is not the weekday of the date said, which `reading` holds."""

    code = "WEEKDAY_MISMATCH"

    def __init__(self, reading: Reading) -> None:
        super().__init__("the weekday said is not that date's weekday")
        self.reading = reading


class Written(NamedTuple):
    """Date and time as written, at `offset` if one was given, not yet in the account's zone."""

    date: dt.date
    time: dt.time | None
    form: Form
    offset: dt.tzinfo | None = None
    weekday: int | None = None
    ambiguous: bool = False
    alternate: dt.date | None = None
    time_ambiguous: bool = False

    def settled(self, zone: dt.tzinfo) -> Reading:
        """The reading in `zone`, fractions of a second cut; the weekday said must agree."""
        day, clock = self.date, self.time
        if clock is not None:
            if self.offset is not None:
                day, clock = _moved(day, clock, self.offset, zone)
            clock = clock.replace(microsecond=0, fold=0)
        other = self.alternate and self.alternate + (day - self.date)
        reading = Reading(day, clock, self.ambiguous, other, self.time_ambiguous, self.form)
        if self.weekday is not None and self.weekday != self.date.weekday():
            raise WeekdayMismatch(reading)
        return reading


def calendar_date(year: int, month: int, day: int) -> dt.date:
    """The date, or `NotACalendarDate`."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise NotACalendarDate from None


def clock_time(hour: int, minute: int, second: int = 0, microsecond: int = 0) -> dt.time:
    """The clock time, or `DateUnreadable`: a clock that does not exist makes a text unreadable."""
    try:
        return dt.time(hour, minute, second, microsecond)
    except ValueError:
        raise DateUnreadable from None


def _moved(
    day: dt.date, clock: dt.time, offset: dt.tzinfo, zone: dt.tzinfo
) -> tuple[dt.date, dt.time]:
    """Civil date and time in `zone` of what was written at `offset`."""
    try:
        moment = dt.datetime.combine(day, clock, offset).astimezone(zone)
    except OverflowError:  # the first or the last day of the calendar
        raise NotACalendarDate from None
    return moment.date(), moment.time()
