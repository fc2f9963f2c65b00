"""Dates as callers say them: read, judged against a calendar, corrected, and why.

Nothing here reads a clock, a file of an account, or a setting of the machine: the moment and the
settings are arguments.

>>> from datetime import datetime
>>> settings = DateSettings.from_mapping({"weekly_off": "Sunday"}, holidays=shipped_holidays())
>>> result = validate_date_and_time(
...     DateRequest(text="kal shaam 5 baje", kind=Kind.CALLBACK),
...     now=datetime.fromisoformat("2026-11-18T10:30:00+05:30"),
...     settings=settings,
... )
>>> result.output.isoformat(), result.date_reason.value
('2026-11-19T17:00:00+05:30', 'OK')
"""

from rules.dates.appointment import judge, next_valid_slots, validate_date_and_time
from rules.dates.bulk import validate_rows
from rules.dates.calendar import Calendar
from rules.dates.closures import OwnDates, ShutDays
from rules.dates.holiday_sets import HolidayTable, shipped_holidays
from rules.dates.moments import to_moment
from rules.dates.own import own_dates, read_own_dates
from rules.dates.prompt import spoken_prompt
from rules.dates.read import read_clock, read_date, read_iso, read_moment, read_numeric
from rules.dates.reading import (
    DateUnreadable,
    Form,
    NotACalendarDate,
    Reading,
    WeekdayMismatch,
)
from rules.dates.reply import EXTRA_NAMES, FAILURE, REPLY_NAMES, reply_texts
from rules.dates.request import REQUEST_NAMES, read_request
from rules.dates.settings import DATES, DateSettings
from rules.dates.values import (
    DateReason,
    DateRequest,
    DateResult,
    Holiday,
    HolidayData,
    Kind,
    TimeReason,
    Unit,
)
from rules.dates.week import WeekPattern, read_off_days, read_working_days
from rules.dates.window import Window, format_window, read_window

__all__ = [
    "DATES",
    "EXTRA_NAMES",
    "FAILURE",
    "REPLY_NAMES",
    "REQUEST_NAMES",
    "Calendar",
    "DateReason",
    "DateRequest",
    "DateResult",
    "DateSettings",
    "DateUnreadable",
    "Form",
    "Holiday",
    "HolidayData",
    "HolidayTable",
    "Kind",
    "NotACalendarDate",
    "OwnDates",
    "Reading",
    "ShutDays",
    "TimeReason",
    "Unit",
    "WeekPattern",
    "WeekdayMismatch",
    "Window",
    "format_window",
    "judge",
    "next_valid_slots",
    "own_dates",
    "read_clock",
    "read_date",
    "read_iso",
    "read_moment",
    "read_numeric",
    "read_off_days",
    "read_own_dates",
    "read_request",
    "read_window",
    "read_working_days",
    "reply_texts",
    "shipped_holidays",
    "spoken_prompt",
    "to_moment",
    "validate_date_and_time",
    "validate_rows",
]
