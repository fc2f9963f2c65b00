"""The values of the date rule: what is asked, what is answered, and the words for why.

Everything here is frozen and says nothing about the wire. Dates and times are civil, in the zone
of the account; only `DateResult.output` is a moment.

>>> DateRequest("tomorrow", Kind.CALLBACK).increment_unit
<Unit.CALENDAR: 'calendar'>
>>> DateReason("HOLIDAY") is DateReason.HOLIDAY
True
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime, time

    from rules.dates.week import WeekPattern
    from rules.dates.window import Window

__all__ = [
    "FARTHEST",
    "FIRST_YEAR",
    "LAST_YEAR",
    "DateReason",
    "DateRequest",
    "DateResult",
    "Holiday",
    "HolidayData",
    "Kind",
    "TimeReason",
    "Unit",
]

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years a date may have (D44)."""
FARTHEST = 3660
"""Days an increment may reach and a limit may count (D28, D30)."""


class Kind(Enum):
    """What the date is for: a visit in opening hours, or a call back."""

    APPOINTMENT = "Appointment"
    CALLBACK = "Callback"


class Unit(Enum):
    """What an increment counts: every day, or open days only."""

    CALENDAR = "calendar"
    BUSINESS = "business"


class DateReason(Enum):
    """Why a date is, or is not, valid; in the order of judging."""

    UNPARSEABLE = "UNPARSEABLE"
    NOT_A_CALENDAR_DATE = "NOT_A_CALENDAR_DATE"
    WEEKDAY_MISMATCH = "WEEKDAY_MISMATCH"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    NO_WORKING_DAYS = "NO_WORKING_DAYS"
    PAST = "PAST"
    BEYOND_LIMIT = "BEYOND_LIMIT"
    CLOSED = "CLOSED"
    HOLIDAY = "HOLIDAY"
    WEEKLY_OFF = "WEEKLY_OFF"
    SAME_DAY = "SAME_DAY"
    OK = "OK"


class TimeReason(Enum):
    """Why a time is, or is not, valid."""

    NO_DATE = "NO_DATE"
    NOT_GIVEN = "NOT_GIVEN"
    BEFORE_WINDOW = "BEFORE_WINDOW"
    AFTER_WINDOW = "AFTER_WINDOW"
    PAST = "PAST"
    OK = "OK"


class HolidayData(Enum):
    """Does the holiday table cover all years involved?"""

    COMPLETE = "true"
    INCOMPLETE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of one set, or a named closed date of the account's own.

    `status` is `gazetted`, `computed` or `estimated` (`own` for the account's own), `source` the id
    of a row of `data/README.md`.
    """

    date: date
    name: str
    name_hi: str = ""
    status: str = "computed"
    source: str = ""


@dataclass(frozen=True, slots=True)
class DateRequest:
    """What is asked. `None` stands for the account's setting."""

    text: str
    kind: Kind
    weekly_off: WeekPattern | None = None
    window: Window | None = None
    max_days: int | None = None
    increment: int = 0
    increment_unit: Unit = Unit.CALENDAR

    def __post_init__(self) -> None:
        """Refuse numbers no rule has a meaning for."""
        if self.max_days is not None and self.max_days < 0:
            raise ValueError("max_days must be 0 or more")
        if abs(self.increment) > FARTHEST:
            raise ValueError(f"increment must lie between -{FARTHEST} and {FARTHEST}")


class DateResult(NamedTuple):
    """The judgement. Both flags speak of the requested moment, `output` is what we propose.

    `window` is that of the output day, `requested_window` that of the requested day.
    """

    requested_date: date | None
    requested_time: time | None
    output: datetime | None
    window: Window
    date_valid: bool
    time_valid: bool
    corrected: bool
    ambiguous: bool
    time_ambiguous: bool
    date_reason: DateReason
    time_reason: TimeReason
    alternate: date | None
    valid_until: date | None
    holiday: Holiday | None
    holiday_data: HolidayData
    requested_window: Window
