"""Clock windows of a day: `10:00-21:00`, start inside, end outside.

A start after the end means past midnight.

>>> from datetime import time
>>> hours = read_hours("10:00-21:00")
>>> hours.holds(time(20, 59, 59)), hours.holds(time(21))
(True, False)
>>> [str(piece) for piece in common([hours, read_hours("09:00-20:00")])]
['10:00-20:00']
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import time

__all__ = ["DAY", "Hours", "common", "read_hours"]

DAY = 24 * 60
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the day from `opens` to `closes`, the latter outside."""

    opens: int
    closes: int

    def holds(self, clock: time) -> bool:
        """Is this clock time inside?"""
        return any(piece.opens <= _minute(clock) < piece.closes for piece in self.pieces())

    def pieces(self) -> tuple[Hours, ...]:
        """The same window as pieces that do not pass midnight."""
        if self.opens < self.closes:
            return (self,)
        late = Hours(self.opens, DAY)
        return (Hours(0, self.closes), late) if self.closes else (late,)

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


def read_hours(text: str) -> Hours:
    """A window from text; `ValueError` says what is wanted."""
    match = _HOURS.match(text.strip())
    if match is None:
        raise ValueError("must be HH:MM-HH:MM")
    opens, closes = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    if opens == closes or opens >= DAY or closes > DAY:
        raise ValueError("must begin and end at different times of one day")
    return Hours(opens, closes)


def common(windows: Iterable[Hours]) -> tuple[Hours, ...]:
    """The pieces of a day that lie inside every window; the whole day when there is none."""
    found: tuple[Hours, ...] = (Hours(0, DAY),)
    for window in windows:
        found = tuple(
            Hours(max(mine.opens, its.opens), min(mine.closes, its.closes))
            for mine in found
            for its in window.pieces()
            if max(mine.opens, its.opens) < min(mine.closes, its.closes)
        )
    return found


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
