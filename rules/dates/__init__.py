"""Dates: what a caller said, and whether it can be booked."""

from rules.dates.moments import to_moment
from rules.dates.read import read_clock, read_date, read_iso, read_moment, read_numeric
from rules.dates.reading import (
    DateUnreadable,
    Form,
    NotACalendarDate,
    Reading,
    WeekdayMismatch,
)

__all__ = [
    "DateUnreadable",
    "Form",
    "NotACalendarDate",
    "Reading",
    "WeekdayMismatch",
    "read_clock",
    "read_date",
    "read_iso",
    "read_moment",
    "read_numeric",
    "to_moment",
]
