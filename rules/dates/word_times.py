"""Clock times in words: one row of `TIME_RULES` per form, and the hour that is meant.

A clock with a colon is a 24-hour clock. An hour with am or pm is what it says; with a part of the
day it must be an hour of that part; a bare hour is taken from the working day, and marked.

>>> from rules.dates.tokens import find_tokens
>>> find_clock(find_tokens("sadhe panch baje"), None)
Clock(time=datetime.time(17, 30), ambiguous=True, offset=None)
>>> find_clock(find_tokens("5 baje"), "morning")
Clock(time=datetime.time(5, 0), ambiguous=False, offset=None)
"""

from __future__ import annotations

import datetime as dt
from datetime import UTC, time, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from rules.dates.reading import DateUnreadable, clock_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.dates.tokens import Token

__all__ = ["TIME_RULES", "Clock", "find_clock"]

TIME_RULES = (
    "clock meridiem?",
    "clock oclock meridiem?",
    "dotted meridiem",
    "dotted oclock meridiem?",
    "number meridiem",
    "number oclock meridiem?",
    "at number",
    "clock|four hours",
    "half number oclock? meridiem?",
    "halves oclock meridiem?",
    "hour? named",
    "part at? hour|dotted|halves",
    "hour|dotted|halves in? part",
)

_BARE = {hour: hour + 12 for hour in range(1, 8)} | {hour: hour for hour in range(8, 24)}
_PARTS = {
    "morning": {hour: hour for hour in range(3, 12)},
    "afternoon": {11: 11, 12: 12} | {hour: hour + 12 for hour in range(1, 5)},
    "evening": {hour: hour + 12 for hour in range(4, 9)},
    "night": {hour: hour + 12 for hour in range(7, 12)} | {12: 0, 1: 1, 2: 2, 3: 3},
}
_SMALL_HOURS = range(4)
_UNMISTAKABLE = {0, *range(13, 24)}
_DAY = 24 * 60


class Clock(NamedTuple):
    """A clock time, whether morning or evening was chosen by rule, and the offset written."""

    time: dt.time
    ambiguous: bool = False
    offset: dt.tzinfo | None = None


def find_clock(tokens: Sequence[Token], part: str | None) -> Clock:
    """The time that the tokens of one of `TIME_RULES` say, on a day or in a part of the day."""
    said = {token.name: token.text for token in tokens}
    written, offset = _written(tokens)
    hour, ambiguous = _hour(said, written.hour, part)
    total = (hour * 60 + written.minute + int(said.get("half", 0))) % _DAY
    return Clock(time(total // 60, total % 60, written.second), ambiguous, offset)


def _written(tokens: Sequence[Token]) -> tuple[time, dt.tzinfo | None]:
    """The numbers said, as a clock time, and the offset behind them."""
    for token in tokens:
        if token.name == "clock":
            return _with_offset(token.text)
        if token.name in {"dotted", "halves"}:
            return _clock(token.text.replace(".", ":")), None
        if token.name == "four":
            return _clock(f"{token.text[:2]}:{token.text[2:]}"), None
        if token.name in {"one", "dozen", "two"}:
            return clock_time(token.value, 0), None
    return time(12), None


def _with_offset(text: str) -> tuple[time, dt.tzinfo | None]:
    if text.endswith("z"):
        return _clock(text[:-1]), UTC
    clock, plus, ahead = text.partition("+")
    if not plus:
        return _clock(clock), None
    digits = ahead.replace(":", "").ljust(4, "0")
    away = clock_time(int(digits[:2]), int(digits[2:]))
    return _clock(clock), timezone(timedelta(hours=away.hour, minutes=away.minute))


def _clock(text: str) -> time:
    whole = text.replace(",", ".").partition(".")[0]
    return clock_time(*map(int, whole.split(":")))


def _hour(said: dict[str, str], hour: int, part: str | None) -> tuple[int, bool]:
    """Hour of the day for the hour said, and whether a rule chose it."""
    if "named" in said:
        if hour != 12:
            raise DateUnreadable
        hour = 0 if said["named"] == "midnight" else 12
        return _agreeing(hour, part), hour == 0
    if "meridiem" in said:
        return _agreeing(_twelve(hour, said["meridiem"]), part), False
    if part is not None:
        hour = _PARTS[part].get(hour, hour if hour in _UNMISTAKABLE else -1)
        return _agreeing(hour, part), part == "night" and hour in _SMALL_HOURS
    if "hours" in said or ("clock" in said and "oclock" not in said):
        return hour, False
    if hour not in _BARE:
        raise DateUnreadable
    return _BARE[hour], hour not in _UNMISTAKABLE


def _twelve(hour: int, meridiem: str) -> int:
    if not 1 <= hour <= 12:
        raise DateUnreadable
    return hour % 12 + (12 if meridiem == "pm" else 0)


def _agreeing(hour: int, part: str | None) -> int:
    """The hour, which must lie in the part of the day said, if one was."""
    if part is not None and hour not in _PARTS[part].values():
        raise DateUnreadable
    return hour
