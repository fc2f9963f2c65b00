"""Read a date as callers say it: five tiers of spellings, tried in order.

Nothing is filled in from today but what the text itself leaves to it (a day without a year, a day
counted from today); the whole text must be understood; the first tier whose shape fits decides,
also when it then finds that there is no such day. Every accepted spelling: `docs/dates_spoken.md`.

>>> from datetime import date
>>> from zoneinfo import ZoneInfo
>>> india, wednesday = ZoneInfo("Asia/Kolkata"), date(2026, 11, 18)
>>> reading = read_date("kal shaam 5 baje", today=wednesday, zone=india)
>>> str(reading.date), str(reading.time)
('2026-11-19', '17:00:00')
>>> str(read_date("next Friday", today=wednesday, zone=india).alternate)
'2026-11-20'
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from rules.dates.cleaning import clean
from rules.dates.iso import find_iso
from rules.dates.moments import to_moment
from rules.dates.numeric import find_digits
from rules.dates.reading import DateUnreadable, Form, NotACalendarDate, Reading, Written
from rules.dates.wordlist import english_months
from rules.dates.words import clock_of, words_of

__all__ = ["read_clock", "read_date", "read_iso", "read_moment", "read_numeric"]

_LONGEST = 100  # characters
_LAST_SMALL_HOUR = 3  # of the night: the hour is certain there, the date alone is not
_ISO, _WORDS = Form.ISO, Form.WORDS
_DAY = timedelta(days=1)
_parse, _make = datetime.fromisoformat, tuple.__new__  # the two quick ways count every step
# A date-time of 25 characters with these at every third place from the fifth on is ISO all over:
# 2026-12-08T17:00:00+05:30. Anything else fromisoformat() takes, week dates say, has others there.
_EXACT = {f"--{mark}::{sign}:" for mark in "T " for sign in "+-"}
_PLAIN = re.compile(r"(\d\d?) ([A-Za-z]+) (\d{4})\Z", re.ASCII).match
_KEYED = re.compile(r"[\d*/. -]+#\Z", re.ASCII).match
_WITH_YEAR = re.compile(r"(?<!\d)\d\d?([-/.* ])\d\d?\1\d\d", re.ASCII).search


def read_date(text: str, *, today: date, zone: tzinfo) -> Reading:
    """The date, and perhaps time, that `text` says; `DateUnreadable` when it says none."""
    if len(text) == 25 and text[4::3] in _EXACT and text[23] < "6" and text[11:13] != "24":
        try:
            moment = _parse(text)
            there = moment.tzinfo
            if there is None or not (
                there.utcoffset(moment) == zone.utcoffset(moment) == zone.utcoffset(moment + _DAY)
            ):  # another offset, or a wall time that the clock change before tomorrow may skip
                moment = moment.astimezone(zone)
            return _make(Reading, (moment.date(), moment.time(), False, None, False, _ISO))
        except (ValueError, OverflowError):
            pass  # the long way finds out why
    elif plain := _PLAIN(text):
        day, word, year = plain.groups()
        if month := english_months().get(word):
            try:
                found = date(int(year), month, int(day))
                return _make(Reading, (found, None, False, None, False, _WORDS))
            except ValueError:
                raise NotACalendarDate from None
    return _read(text, today, zone).settled(zone)


def read_iso(text: str, zone: tzinfo) -> datetime | None:
    """The moment of an ISO date-time, also a damaged one (tiers 1 and 2); `None` for any other.

    The offset is the one written, else that of `zone`; a fraction is kept to microseconds.
    """
    try:
        written = find_iso(_clean(text))
        return _moment(written, zone) if written else None
    except DateUnreadable:
        return None


def read_numeric(text: str, zone: tzinfo) -> datetime | None:
    """The moment of a date in numbers, day first, with its year and time; `None` for any other."""
    try:
        text = _clean(text)
        written = words_of(text.lower(), date.min)
        numeric = written.form is Form.NUMERIC and _WITH_YEAR(text) and not written.ambiguous
        return _moment(written, zone) if numeric else None
    except DateUnreadable:
        return None


def read_moment(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """The moment that `text` says in any spelling; `DateUnreadable` also when no time is said."""
    reading = read_date(text, today=now.astimezone(zone).date(), zone=zone)
    if reading.time is None:
        raise DateUnreadable("a date without a time")
    return to_moment(reading.date, reading.time, zone)


def read_clock(text: str) -> time:
    """A clock time without a date: `09:00`, `9 AM`, `1700 hrs`, `noon`, `subah 9 baje`.

    A bare hour, which leaves morning or evening to a rule, is refused.
    """
    clock = clock_of(_clean(text).lower())
    if clock.offset is not None or (clock.ambiguous and clock.time.hour > _LAST_SMALL_HOUR):
        raise DateUnreadable("no clock time we accept")
    return clock.time


def _read(text: str, today: date, zone: tzinfo) -> Written:
    """What is written, by the first tier that fits."""
    text = _clean(text)
    if text.isdecimal():
        return find_digits(text, today=today, zone=zone)
    return find_iso(text) or words_of(text.lower(), today)


def _clean(text: str) -> str:
    """The text in its plain form, without the `#` that closes keyed numbers."""
    if len(text) > _LONGEST:
        raise DateUnreadable("longer than any date")
    text = clean(text)
    return text[:-1].rstrip() if _KEYED(text) else text


def _moment(written: Written, zone: tzinfo) -> datetime | None:
    """Date and time as written, as a moment; without a time there is none."""
    written.settled(zone)  # refuses a wrong weekday
    if written.time is None:
        return None
    if written.offset is None:
        return to_moment(written.date, written.time, zone)
    return datetime.combine(written.date, written.time, written.offset)
