"""The hours of a day in which something may happen, and how they are written.

The start is inside, the end is not (D32). A window whose start lies after its end runs past
midnight and belongs to the date it is asked on (D34): 02:00 on the 5th is judged as the 5th.

>>> Window.read("09:00-18:00").holds(time(18)), Window.read("22:00-06:00").holds(time(2))
(False, True)
>>> format_window(Window(time(9), time(18)))
'09:00 AM to 06:00 PM'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.dates.read import read_clock, read_date
from rules.dates.reading import DateUnreadable
from rules.errors import RulesError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rules.dates.reading import Reading

__all__ = ["Window", "WindowUnreadable", "clock_part", "format_window", "read_window"]

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_ANY_DAY = date(2000, 1, 1)  # the date part of a window's moments is dropped (D31)


class WindowUnreadable(RulesError):
    """Hours that cannot be read."""

    code = "INVALID_WINDOW"


@dataclass(frozen=True, slots=True)
class Window:
    """Clock times from `start` until before `end`; they are never equal."""

    start: time
    end: time

    def __post_init__(self) -> None:
        """Equal ends say nothing: neither all day nor never."""
        if self.start == self.end:
            raise ValueError("a window needs two different ends")

    @classmethod
    def read(cls, text: str) -> Window:
        """Hours written `HH:MM-HH:MM`, 24-hour clock."""
        match = _HOURS.fullmatch(text.strip())
        if match is None:
            raise WindowUnreadable("write hours as 09:00-18:00")
        start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
        if (start_hour, start_minute) == (end_hour, end_minute):
            raise WindowUnreadable("start and end must differ")
        return cls(time(start_hour, start_minute), time(end_hour, end_minute))

    def holds(self, clock: time) -> bool:
        """Is this clock time inside?"""
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def over(self, clock: time) -> bool:
        """Has the window of this day ended by now? One past midnight never has."""
        return self.start < self.end <= clock


def read_window(start: str, end: str, *, zone: ZoneInfo) -> Window | None:
    """The window between two moments or clock times, seen in `zone`; `None` when they are equal.

    Raises `WindowUnreadable`.
    """
    first, last = clock_part(start, zone=zone), clock_part(end, zone=zone)
    return None if first == last else Window(first, last)


@lru_cache(maxsize=1024)  # the hours of a flow come again with every call
def clock_part(text: str, *, zone: ZoneInfo) -> time:
    """The clock part of a moment seen in `zone`, or a clock time alone."""
    try:
        return read_clock(text)
    except DateUnreadable:
        pass
    reading: Reading | None
    try:
        reading = read_date(text, today=_ANY_DAY, zone=zone)
    except DateUnreadable as error:
        reading = error.reading  # a wrong weekday does no harm here
    found = reading.time if reading is not None else None
    if found is None:
        raise WindowUnreadable("holds no clock time; write 09:00 or 9 AM")
    return found.replace(fold=0)


def format_window(window: Window) -> str:
    """`09:00 AM to 06:00 PM`: two-digit 12-hour clock, noon `12:00 PM`, midnight `12:00 AM`."""
    return f"{_spell(window.start)} to {_spell(window.end)}"


def _spell(clock: time) -> str:
    half = "AM" if clock.hour < 12 else "PM"
    return f"{clock.hour % 12 or 12:02}:{clock.minute:02} {half}"
