"""How days, times and choices are said in each language.

>>> from datetime import datetime
>>> at = datetime.fromisoformat("2026-11-25T17:30:00+05:30")
>>> LANGUAGES["en"].slot(at), LANGUAGES["hi"].slot(at)
('Wednesday 25 November 2026 at 5:30 PM', 'बुधवार 25 नवंबर 2026 शाम 5:30 बजे')
>>> LANGUAGES["hi"].choice(["A", "B", "C"])
'A, B या C'
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime, time

__all__ = ["LANGUAGES", "Speech"]


@dataclass(frozen=True)
class Speech:
    """One language: weekdays from Monday, months, how a time is said, what joins day and time."""

    weekdays: Sequence[str]
    months: Sequence[str]
    time: Callable[[time], str]
    at: str
    either: str

    def day(self, day: date) -> str:
        """`Wednesday 25 November 2026`."""
        return f"{self.weekdays[day.weekday()]} {day.day} {self.months[day.month - 1]} {day.year}"

    def slot(self, moment: datetime) -> str:
        """`Wednesday 25 November 2026 at 9:00 AM`."""
        return f"{self.day(moment)}{self.at}{self.time(moment.time())}"

    def choice(self, parts: Sequence[str]) -> str:
        """`A`; `A or B`; `A, B or C`."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.either} {parts[-1]}"


def _english_time(clock: time) -> str:
    return f"{clock.hour % 12 or 12}:{clock.minute:02} {'AM' if clock.hour < 12 else 'PM'}"


_PARTS_OF_DAY = ("रात", "सुबह", "दोपहर", "शाम", "रात")
_PARTS_FROM = (4, 12, 16, 20)  # hours at which the next part begins


def _hindi_time(clock: time) -> str:
    part = _PARTS_OF_DAY[bisect_right(_PARTS_FROM, clock.hour)]
    minutes = f":{clock.minute:02}" if clock.minute else ""
    return f"{part} {clock.hour % 12 or 12}{minutes} बजे"


_ENGLISH_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_ENGLISH_MONTHS = (
    "January February March April May June July August September October November December"
)
_HINDI_DAYS = "सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार"
_HINDI_MONTHS = "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर"

LANGUAGES = {
    "en": Speech(_ENGLISH_DAYS.split(), _ENGLISH_MONTHS.split(), _english_time, " at ", "or"),
    "hi": Speech(_HINDI_DAYS.split(), _HINDI_MONTHS.split(), _hindi_time, " ", "या"),
}
"""Language code to speech. Names are written out: a process may run in any locale."""
