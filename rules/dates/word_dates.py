"""Dates in words: one row of `DATE_RULES` per order of words, and what it means.

A row is written in token names (`rules.dates.tokens`) and the groups of `rules.dates.grammar`.
Nothing is filled in from today but what a row says: the next occurrence of a day without a year,
and days counted from today.

>>> from rules.dates.tokens import find_tokens
>>> next_weekday(find_tokens("next friday"), date(2026, 11, 18))
Day(date=datetime.date(2026, 11, 27), ambiguous=True, alternate=datetime.date(2026, 11, 20))
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from rules.dates.numeric import day_first, full_year, next_occurrence
from rules.dates.reading import DateUnreadable, NotACalendarDate, calendar_date
from rules.dates.tokens import Token

__all__ = ["DATE_RULES", "Day", "next_weekday"]

_YEAR_FIRST = re.compile(r"(\d{4}).(\d+).(\d+)")
_DAY_NAMES = {"one", "dozen", "two", "ordinal"}
_COUNTS = {"one", "dozen", "two", "three", "four", "a"}


class Day(NamedTuple):
    """A date, whether there was another honest reading, and that reading."""

    date: dt.date
    ambiguous: bool = False
    alternate: dt.date | None = None


Rule = Callable[[Sequence[Token], date], Day]


def numeric(tokens: Sequence[Token], today: date) -> Day:
    """4/11/2026, 4-11, 2026-11-4."""
    if found := _YEAR_FIRST.match(tokens[0].text):
        return Day(calendar_date(*map(int, found.groups())))
    return Day(*day_first(tokens[0].text, today))


def named(tokens: Sequence[Token], today: date) -> Day:
    """4 November 2026, in any order; without a year the next one."""
    month = _value(tokens, "month")
    years = [token.value for token in tokens if token.name == "four"]
    years += [full_year(token.text[1:]) for token in tokens if token.name == "apostrophe"]
    day, *short = [token for token in tokens if token.name in _DAY_NAMES]
    years += [full_year(token.text) for token in short]
    if years:
        return Day(calendar_date(years[0], month, day.value))
    return Day(next_occurrence(day.value, month, today))


def shifted(tokens: Sequence[Token], today: date) -> Day:
    """Today, tomorrow, day after tomorrow."""
    return Day(today + timedelta(days=_value(tokens, "shift")))


def counted(tokens: Sequence[Token], today: date) -> Day:
    """In 3 days, a week from today, aaj se 3 din baad: counted from today, from no other day."""
    if any(token.name == "shift" and token.value for token in tokens):
        raise DateUnreadable
    count = next(t.value for t in tokens if t.name in _COUNTS)
    weeks = any(token.name == "weeks" for token in tokens)
    return Day(today + timedelta(days=count * (7 if weeks else 1)))


def coming_weekday(tokens: Sequence[Token], today: date) -> Day:
    """Friday: strictly after today."""
    return Day(_weekday_from(tokens, today + timedelta(days=1)))


def this_weekday(tokens: Sequence[Token], today: date) -> Day:
    """This Friday: today or after."""
    return Day(_weekday_from(tokens, today))


def next_week(tokens: Sequence[Token], today: date) -> Day:
    """Friday next week: of the next week from Monday to Sunday."""
    return Day(_weekday_from(tokens, today + timedelta(days=7 - today.weekday())))


def next_weekday(tokens: Sequence[Token], today: date) -> Day:
    """Next Friday: the one of next week; ambiguous while this week's is still to come."""
    found = next_week(tokens, today).date
    near = found - timedelta(days=7)
    return Day(found, ambiguous=True, alternate=near) if near > today else Day(found)


def next_day_of_month(tokens: Sequence[Token], today: date) -> Day:
    """The 15th: the next one, today included; months without it are skipped."""
    for ahead in range(12):
        try:
            found = _in_month(tokens, today, ahead)
        except NotACalendarDate:
            continue
        if found >= today:
            return Day(found)
    raise NotACalendarDate


def day_of_month(tokens: Sequence[Token], today: date) -> Day:
    """5th of this month, of next month; it may have gone by."""
    return Day(_in_month(tokens, today, int(any(token.name == "next" for token in tokens))))


DATE_RULES: tuple[tuple[str, Rule], ...] = (
    ("numeric", numeric),
    ("day month year??", named),
    ("day sep month sep year", named),
    ("day sep month", named),
    ("month day year??", named),
    ("month sep day sep year", named),
    ("month sep day", named),
    ("four month day", named),
    ("four sep month sep day", named),
    ("shift", shifted),
    ("in|after count span", counted),
    ("count span later", counted),
    ("count span from now|shift", counted),
    ("shift from count span later", counted),
    ("coming? weekday", coming_weekday),
    ("this weekday", this_weekday),
    ("next weekday", next_weekday),
    ("weekday next weeks", next_week),
    ("next weeks weekday", next_week),
    ("ordinal date?", next_day_of_month),
    ("number date", next_day_of_month),
    ("ordinal date? this|next months", day_of_month),
    ("number date this|next months", day_of_month),
    ("this|next months ordinal date?", day_of_month),
    ("this|next months number date", day_of_month),
)


def _value(tokens: Sequence[Token], name: str) -> int:
    return next(token.value for token in tokens if token.name == name)


def _weekday_from(tokens: Sequence[Token], start: date) -> date:
    """The first day from `start` on that is the weekday said."""
    return start + timedelta(days=(_value(tokens, "weekday") - start.weekday()) % 7)


def _in_month(tokens: Sequence[Token], today: date, ahead: int) -> date:
    """The day said, in the month so many months after today's."""
    day = next(token.value for token in tokens if token.name in _DAY_NAMES)
    years, month = divmod(today.month - 1 + ahead, 12)
    return calendar_date(today.year + years, month + 1, day)
