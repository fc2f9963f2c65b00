"""Which weekdays are off, and the lists they are said with.

A weekday occurs four or five times in a month. A pattern says for each of the seven weekdays which
of its occurrences are off: first, second, third, fourth, fifth and last. It is kept as one bit for
each **kind of day**: seven weekdays times six places in the month.

>>> read_off_days("Monday,Friday,Sunday") == read_off_days("mon/fri & SUNDAYS")
True
>>> from datetime import date
>>> second_and_fourth = read_off_days("Sunday, 2nd and 4th Saturday")
>>> [second_and_fourth.is_off(date(2026, 11, day)) for day in (7, 14, 21, 28, 29)]
[False, True, False, True, True]
>>> read_off_days("Sunday, 6")
Traceback (most recent call last):
rules.dates.week.OffDaysUnreadable: '6' is no weekday
"""

from __future__ import annotations

import re
from calendar import monthrange
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from rules.dates.wordlist import weekday_of
from rules.errors import RulesError, quote
from rules.settings import nearest

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "KINDS",
    "NO_WEEKLY_OFF",
    "PLACES",
    "OffDaysUnreadable",
    "WeekPattern",
    "month_kinds",
    "read_off_days",
    "read_working_days",
]

PLACES = 6
"""Places in the month: 1st, 2nd, 3rd, 4th but not last, 4th and last, 5th."""
KINDS = 7 * PLACES
_ALWAYS = (1 << PLACES) - 1
_FIRST_PLACES = sum(1 << day * PLACES for day in range(7))
_EVERY_DAY = (1 << KINDS) - 1
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORTEST, _SHORT = 2, 4  # letters of a short form of a weekday
_NAMES = {"weds": 2} | {
    form: number
    for number, name in enumerate(_DAYS)
    for form in (name, f"{name}s", *(name[:size] for size in range(_SHORTEST, _SHORT + 1)))
}
_ORDINALS = {
    **dict.fromkeys(("1st", "first"), 1),
    **dict.fromkeys(("2nd", "second"), 2),
    **dict.fromkeys(("3rd", "third"), 4),
    **dict.fromkeys(("4th", "fourth"), 8 | 16),
    **dict.fromkeys(("5th", "fifth"), 32),
    "last": 16 | 32,
}
_GROUPS = {"weekend": (5, 6), "weekends": (5, 6), "all": range(7), "daily": range(7)}
_GROUPS |= {"weekday": range(5), "weekdays": range(5)}
_NONE = frozenset({"none", "nil", "no"})
_JOINERS = frozenset({"and", "aur", "और"})
_RANGE = frozenset({"-", "to"})
_SEPARATORS = re.compile(r"[,;/|&\s]+")
_DASHES = re.compile(r"[-\u2010-\u2015\u2212]")


class OffDaysUnreadable(RulesError):
    """A list of weekdays that cannot be read; `word` is the first one nobody understands."""

    code = "INVALID_WORKING_DAYS_OFF"

    def __init__(self, word: str, why: str) -> None:
        super().__init__(f"{quote(word)} {why}")
        self.word = word


class WeekPattern(NamedTuple):
    """Which kinds of day are off: bit `weekday * PLACES + place`, Monday is 0."""

    shut: int = 0

    def complement(self) -> WeekPattern:
        """The pattern in which exactly the other days are off."""
        return WeekPattern(_EVERY_DAY ^ self.shut)

    @property
    def whole(self) -> bool:
        """Is every weekday off always or never?"""
        return self.shut == (self.shut & _FIRST_PLACES) * _ALWAYS

    def is_off(self, day: date) -> bool:
        """Is this day off?"""
        kind = month_kinds(*monthrange(day.year, day.month))[day.day - 1]
        return self.shut >> kind & 1 == 1


NO_WEEKLY_OFF = WeekPattern()


@cache
def month_kinds(first_weekday: int, length: int) -> bytes:
    """Kinds of the days of a month that begins on this weekday; the index is day - 1."""
    return bytes(
        (first_weekday + day) % 7 * PLACES + _place(day, last=day + 7 >= length)
        for day in range(length)
    )


def _place(day: int, *, last: bool) -> int:
    """Place in the month among `PLACES`: n = (day of month - 1) div 7 + 1 (D24)."""
    week = day // 7
    return week if week < 3 else 5 if week == 4 else 3 + last


_LAST_BUT = re.compile(rf"\b(?:{'|'.join(sorted(_ORDINALS.keys() - {'last'}))})\s+last\b")


@lru_cache(maxsize=1024)
def read_off_days(text: str) -> WeekPattern:
    """The off days of a list such as `Sunday, 2nd and 4th Saturday`; `None` is no weekly off.

    Raises `OffDaysUnreadable`, which names the word.
    """
    return WeekPattern(_read(text))


@lru_cache(maxsize=1024)
def read_working_days(text: str) -> WeekPattern:
    """The off days left by a list of working days: every day it does not name."""
    return WeekPattern(_read(text)).complement()


def _read(text: str) -> int:
    """Kinds of day that a list names."""
    plain = normalize("NFKC", text).casefold()
    if doubt := _LAST_BUT.search(plain):
        raise OffDaysUnreadable(" ".join(doubt[0].split()), "may be the last but one; write 'and'")
    words = [word for word in _SEPARATORS.split(_DASHES.sub(" - ", plain)) if word]
    words = [word for word in words if word not in _JOINERS]
    if len(words) == 1 and words[0] in _NONE:
        return 0
    if not words:
        raise OffDaysUnreadable(text.strip(), "names no weekday; write None for no weekly off")
    return _Reader(words).read()


class _Reader:
    """One pass over the words of a list."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.place = 0

    def read(self) -> int:
        named = 0
        while self.place < len(self.words):
            named |= self._element()
        return named

    def _element(self) -> int:
        """`2nd 4th saturday`, `mon - fri`, `weekend` or one weekday; moves behind it."""
        occurrences = self._ordinals()
        word = self._next()
        if word in _GROUPS and not occurrences:
            return sum(_ALWAYS << day * PLACES for day in _GROUPS[word])
        first = _weekday(word)
        if occurrences:
            return occurrences << first * PLACES
        last = first
        if self._at(_RANGE):
            self.place += 1
            last = _weekday(self._next())
        count = (last - first) % 7 + 1
        return sum(_ALWAYS << (first + step) % 7 * PLACES for step in range(count))

    def _ordinals(self) -> int:
        """The ordinals before a weekday; `every` is a word for none of them."""
        found = 0
        while self.place < len(self.words):
            word = self.words[self.place]
            if word != "every" and word not in _ORDINALS:
                break
            found |= _ORDINALS.get(word, 0)
            self.place += 1
        return found

    def _next(self) -> str:
        """The next word; a list that ends too early is refused by its last word."""
        if self.place >= len(self.words):
            raise OffDaysUnreadable(self.words[-1], "stands without a weekday")
        self.place += 1
        return self.words[self.place - 1]

    def _at(self, expected: frozenset[str]) -> bool:
        return self.place < len(self.words) and self.words[self.place] in expected


def _weekday(word: str) -> int:
    found = _NAMES.get(word)
    if found is None:
        found = weekday_of(word)
    if found is None:
        raise OffDaysUnreadable(word, f"is no weekday{nearest(word[:20], _DAYS)}")
    return found
