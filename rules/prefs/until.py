"""When a pause shall end, as somebody says it: a moment, or a clock time and then the next such.

An end more than a year ahead is a slip of whoever wrote it, not a pause.

>>> from datetime import datetime
>>> from zoneinfo import ZoneInfo
>>> india = ZoneInfo("Asia/Kolkata")
>>> now = datetime(2026, 11, 18, 10, 30, tzinfo=india)
>>> read_until("17:30", now=now, zone=india).isoformat()
'2026-11-18T17:30:00+05:30'
>>> read_until("9 am", now=now, zone=india).isoformat()
'2026-11-19T09:00:00+05:30'
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rules.dates import DateUnreadable, read_clock, read_moment, to_moment
from rules.prefs.agents import UnusableEnd

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

__all__ = ["MOST_DAYS", "read_until"]

MOST_DAYS = 366


def read_until(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """The moment said; `DateUnreadable` when it is neither a moment nor a clock time.

    Raises `UnusableEnd` for a moment further ahead than `MOST_DAYS`.
    """
    moment = _read(text, now, zone)
    if moment - now > timedelta(days=MOST_DAYS):
        raise UnusableEnd(f"a pause ends within {MOST_DAYS} days")
    return moment


def _read(text: str, now: datetime, zone: tzinfo) -> datetime:
    try:
        return read_moment(text, now=now, zone=zone)
    except DateUnreadable as refusal:
        try:
            clock = read_clock(text)
        except DateUnreadable:
            raise refusal from None
    today = now.astimezone(zone).date()
    moment = to_moment(today, clock, zone)
    return moment if moment > now else to_moment(today + timedelta(days=1), clock, zone)
