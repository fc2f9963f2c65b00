"""Dates in numbers: with separators (tier 3) and digits only (tier 4). Day first, always.

>>> from datetime import UTC, date
>>> wednesday = date(2026, 11, 18)
>>> day_first("12/25/2026", wednesday)
(datetime.date(2026, 12, 25), True)
>>> day_first("4/11", wednesday)
(datetime.date(2027, 11, 4), False)
>>> find_digits("041126", today=wednesday, zone=UTC).date
datetime.date(2026, 11, 4)
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo

from rules.dates.reading import DateUnreadable, Form, NotACalendarDate, Written, calendar_date

__all__ = ["day_first", "find_digits", "full_year", "next_occurrence"]

_CENTURY = 2000
_LEAP_YEAR = 2000
_LONGEST_WAIT = 9  # years looked at for 29 February, today's included: 1896, 1904
_KEYED_YEARS = range(1900, 2101)
_NUMBERS = re.compile(r"\d+")


def day_first(text: str, today: date) -> tuple[date, bool]:
    """The date of two or three numbers, and whether only the other order, month first, is one."""
    first, second, *year = _NUMBERS.findall(text)
    for day, month, swapped in ((int(first), int(second), False), (int(second), int(first), True)):
        try:
            if not year:
                return next_occurrence(day, month, today), swapped
            return calendar_date(full_year(year[0]), month, day), swapped
        except NotACalendarDate:
            continue
    raise NotACalendarDate


def next_occurrence(day: int, month: int, today: date) -> date:
    """The next day of that name, today included; 29 February waits for a leap year."""
    calendar_date(_LEAP_YEAR, month, day)
    for year in range(today.year, today.year + _LONGEST_WAIT):
        try:
            found = calendar_date(year, month, day)
        except NotACalendarDate:
            continue
        if found >= today:
            return found
    raise NotACalendarDate


def full_year(digits: str) -> int:
    """A year of four digits as it stands; of two digits, in this century."""
    return int(digits) if len(digits) == 4 else _CENTURY + int(digits)


def find_digits(text: str, *, today: date, zone: tzinfo) -> Written:
    """What a text of ASCII digits says: a keyed date, or Unix time in `zone`."""
    if len(text) == 4:
        return _written(next_occurrence(int(text[:2]), int(text[2:]), today))
    if len(text) == 6:
        return _written(calendar_date(full_year(text[4:]), int(text[2:4]), int(text[:2])))
    if len(text) == 8:
        return _written(_keyed(text))
    if len(text) in {10, 13}:  # seconds, milliseconds
        moment = datetime.fromtimestamp(int(text[:10]), zone)
        return Written(moment.date(), moment.time(), Form.DIGITS)
    raise DateUnreadable


def _keyed(text: str) -> date:
    """Ddmmyyyy or yyyymmdd; no text is a date of these years in both orders."""
    for year, month, day in ((text[4:], text[2:4], text[:2]), (text[:4], text[4:6], text[6:])):
        if int(year) in _KEYED_YEARS:
            try:
                return calendar_date(int(year), int(month), int(day))
            except NotACalendarDate:
                continue
    raise NotACalendarDate


def _written(day: date) -> Written:
    return Written(day, None, Form.DIGITS)
