"""The order of words: `[weekday] date [time]` or `[weekday] time date`, and where to find each.

A rule is a row of token names; `a|b` is one of them, `?` makes an entry optional, `??` optional and
left out where both fit. Which rule fits depends on the names alone, so the answer is kept by them.

>>> find_sentence("weekday one month at dozen ").weekdays
(0,)
>>> find_sentence("one month one month ") is None
True
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from rules.dates.word_dates import DATE_RULES, Rule
from rules.dates.word_times import TIME_RULES

__all__ = ["Sentence", "find_sentence", "is_time"]

_GROUPS = {
    "hour": "one|dozen",
    "number": "one|dozen|two",
    "day": "one|dozen|two|ordinal",
    "year": "four|dozen|two|apostrophe",
    "count": "one|dozen|two|three|four|a",
    "span": "days|weeks",
}
_GAP = "(?:at |(?:in )?part )*"
_WEEKDAY = "(?:weekday )?"


class Sentence(NamedTuple):
    """Where in the tokens the date stands and what it means; where time, weekdays and parts are."""

    date: slice
    rule: Rule
    time: slice
    weekdays: tuple[int, ...]
    parts: tuple[int, ...]


@lru_cache(maxsize=1024)
def find_sentence(names: str) -> Sentence | None:
    """How the tokens of these names are to be understood, every one of them; else `None`."""
    match = _sentences().match(names)
    if match is None:
        return None
    day = _place(names, match, "date")
    clock = _place(names, match, "time")
    words = names.split()
    rule = next(
        rule for pattern, rule in _date_rules() if pattern.match(match["date"] or match["date2"])
    )
    outside = [(at, word) for at, word in enumerate(words) if not day.start <= at < day.stop]
    weekdays = tuple(at for at, word in outside if word == "weekday")
    if weekdays and "weekday" in words[day]:
        return None
    return Sentence(day, rule, clock, weekdays, tuple(at for at, word in outside if word == "part"))


@lru_cache(maxsize=1024)
def is_time(names: str) -> bool:
    """Whether these names are a time of day, perhaps with a part of the day, and nothing else."""
    return bool(re.match(rf"{_GAP}(?:{_times()}){_GAP}\Z", names))


def _place(names: str, match: re.Match[str], group: str) -> slice:
    """The tokens which a group of the sentence covers; an empty slice when it is not there."""
    for name in (group, f"{group}2"):
        if match[name]:
            start = names.count(" ", 0, match.start(name))
            return slice(start, start + match[name].count(" "))
    return slice(0, 0)


@cache
def _sentences() -> re.Pattern[str]:
    day = "|".join(_expression(row) for row, _ in DATE_RULES)
    date_first = rf"(?P<date>{day}){_GAP}{_WEEKDAY}(?:{_GAP}(?P<time>{_times()}){_GAP}{_WEEKDAY})?"
    time_first = rf"(?P<time2>{_times()}){_GAP}{_WEEKDAY}{_GAP}(?P<date2>{day}){_GAP}{_WEEKDAY}"
    return re.compile(rf"{_GAP}{_WEEKDAY}{_GAP}(?:{date_first}|{time_first}){_GAP}\Z")


@cache
def _date_rules() -> list[tuple[re.Pattern[str], Rule]]:
    return [(re.compile(rf"(?:{_expression(row)})\Z"), rule) for row, rule in DATE_RULES]


@cache
def _times() -> str:
    return "|".join(map(_expression, TIME_RULES))


def _expression(row: str) -> str:
    """A row of token names as a regular expression over names, each followed by a blank."""
    parts = []
    for entry in row.split():
        choice = entry.rstrip("?")
        names = "|".join(_GROUPS.get(name, name) for name in choice.split("|"))
        some = "|".join(f"{name} " for name in names.split("|"))
        parts.append(f"(?:{some}){entry[len(choice) :]}")
    return "".join(parts)
