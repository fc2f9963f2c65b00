"""Clock times in words: one row of `TIME_RULES` per form, and the hour that is meant.

A clock with a colon is a 24-hour clock. An hour with am or pm is what it says; with a part of the
day it, or the time it makes with `quarter to`, must be one of that part; a bare hour is taken from
the working day, and marked.

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
    from collections.abc import Collection, Sequence

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
    "a? half number oclock? meridiem?",
    "halves oclock meridiem?",
    "clock|hour? at? named",
    "part at? hour|dotted|halves",
    "hour|dotted|halves at|in? part",
)

_BARE = {hour: hour + 12 for hour in range(1, 8)} | {hour: hour for hour in range(8, 24)}
_SMALL_HOURS = range(4)
_PARTS: dict[str, Collection[int]] = {
    "morning": range(3, 12),
    "afternoon": range(11, 17),
    "evening": range(16, 21),
    "night": {*range(19, 24), *_SMALL_HOURS},
}
_NOON = 12
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
    minutes = written.minute + int(said.get("half", 0))
    hours, ambiguous = _hours(said, written.hour, part)
    for hour in hours:
        total = hour * 60 + minutes
        said_and_meant = {hour % 24, total // 60}
        if total >= 0 and (part is None or not said_and_meant.isdisjoint(_PARTS[part])):
            small = part == "night" and not said_and_meant.isdisjoint(_SMALL_HOURS)
            return Clock(time(total // 60, total % 60, written.second), ambiguous or small, offset)
    raise DateUnreadable


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


def _hours(said: dict[str, str], hour: int, part: str | None) -> tuple[Sequence[int], bool]:
    """What hour of the day the hour said may be, and whether a rule chose it.

    A part of the day takes one of them.
    """
    if "named" in said:
        if hour != _NOON:
            raise DateUnreadable
        return ([0], True) if said["named"] == "midnight" else ([_NOON], False)
    if "meridiem" in said:
        return [_twelve(hour, said["meridiem"])], False
    if part is not None:
        if hour in _UNMISTAKABLE:
            return [hour], False
        return ([12, 0, 24] if hour == _NOON else [hour, hour + 12]), False
    if "hours" in said or ("clock" in said and "oclock" not in said):
        return [hour], False
    if hour not in _BARE:
        raise DateUnreadable
    return [_BARE[hour]], hour not in _UNMISTAKABLE


def _twelve(hour: int, meridiem: str) -> int:
    if not 1 <= hour <= 12:
        raise DateUnreadable
    return hour % 12 + (12 if meridiem == "pm" else 0)
