"""Dates with separators (tier 3) and dates in words (tier 5), with weekday and time around them.

>>> from datetime import date
>>> words_of("kal shaam 5 baje", date(2026, 11, 18)).time
datetime.time(17, 0)
>>> words_of("tuesday 8/12/2026", date(2026, 11, 18)).form
<Form.NUMERIC: 'numeric'>
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from rules.dates.grammar import find_sentence, is_time
from rules.dates.reading import DateUnreadable, Form, NotACalendarDate, Written
from rules.dates.tokens import Token, find_tokens
from rules.dates.word_times import Clock, find_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

__all__ = ["clock_of", "words_of"]

T = TypeVar("T")
_MOST_WEEKDAYS = 5  # of one name in a month


def words_of(text: str, today: date) -> Written:
    """What a clean text in lower case says; the whole of it must be understood."""
    tokens = find_tokens(text)
    sentence = find_sentence(_names(tokens))
    if sentence is None or _may_count_weekdays(tokens):
        raise DateUnreadable
    part = _only(tokens[at].text for at in sentence.parts)
    weekday = _only(tokens[at].value for at in sentence.weekdays)
    said = tokens[sentence.date]
    clock = find_clock(tokens[sentence.time], part) if tokens[sentence.time] else None
    try:
        day = sentence.rule(said, today)
    except OverflowError:
        raise NotACalendarDate from None
    form = Form.NUMERIC if said[0].name == "numeric" else Form.WORDS
    time, unsure, offset = clock or (None, False, None)
    return Written(day.date, time, form, offset, weekday, day.ambiguous, day.alternate, unsure)


def clock_of(text: str) -> Clock:
    """The clock time that a clean text in lower case is, without a date."""
    tokens = find_tokens(text)
    if not is_time(_names(tokens)):
        raise DateUnreadable
    part = _only(token.text for token in tokens if token.name == "part")
    return find_clock(tokens, part)


def _may_count_weekdays(tokens: Sequence[Token]) -> bool:
    """`fourth Friday`, `2nd Saturday`: the weekday of a month, or a day that is this weekday?"""
    return any(
        token.name == "ordinal" and token.value <= _MOST_WEEKDAYS and after.name == "weekday"
        for token, after in pairwise(tokens)
    )


def _names(tokens: Sequence[Token]) -> str:
    return "".join([f"{token.name} " for token in tokens])


def _only(values: Iterable[T]) -> T | None:
    """The one value said, perhaps more than once; two different ones make no sense."""
    different = set(values)
    if len(different) > 1:
        raise DateUnreadable
    return next(iter(different), None)
