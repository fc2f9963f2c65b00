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

from datetime import date, datetime, time, tzinfo

__all__ = ["to_moment"]


def to_moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """The aware moment at which the wall clock in `zone` shows `clock` on `day`."""
    wall = datetime.combine(day, clock.replace(fold=0) if clock.fold else clock, zone)
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    if before is not None and after is not None and after > before:
        wall += after - before  # before and after the clocks go forward
    return wall
