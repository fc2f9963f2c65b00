"""Civil date and clock time to a moment: the one rule for clock changes.

Where clocks go forward, a wall time that is skipped moves forward by the gap; where they go back, a
wall time that comes twice is the first of the two.

>>> from datetime import date, time
>>> from zoneinfo import ZoneInfo
>>> to_moment(date(2026, 3, 8), time(2, 30), ZoneInfo("America/New_York")).isoformat()
'2026-03-08T03:30:00-04:00'
>>> to_moment(date(2026, 11, 1), time(1, 30), ZoneInfo("America/New_York")).isoformat()
'2026-11-01T01:30:00-04:00'
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

__all__ = ["to_moment"]

_ONE_DAY = timedelta(days=1)


def to_moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """The aware moment at which the wall clock in `zone` shows `clock` on `day`."""
    wall = datetime.combine(day, clock.replace(fold=0) if clock.fold else clock, zone)
    if _clocks_stand_still(day, zone):
        return wall
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    if before is not None and after is not None and after > before:
        wall += after - before  # in the gap
    return wall


@lru_cache(maxsize=2048)
def _clocks_stand_still(day: date, zone: tzinfo) -> bool:
    """Is the offset of the zone the same all day? Known for good, and asked again and again."""
    try:
        next_day = day + _ONE_DAY
    except OverflowError:  # the last day of the calendar
        return True
    start, end = (datetime.combine(midnight, time(), zone) for midnight in (day, next_day))
    return start.utcoffset() == end.utcoffset()
