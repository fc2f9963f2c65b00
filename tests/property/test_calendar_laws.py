"""Laws of the calendar; numpy's business days are the second opinion."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.dates import Calendar, Holiday, WeekPattern
from rules.dates.closures import OwnDates
from rules.dates.week import KINDS, PLACES

STEADY = settings(derandomize=True, deadline=None, database=None)
START = date(2024, 1, 1)
DAYS = st.integers(0, 1500).map(lambda n: START + timedelta(n))
MASKS = st.lists(st.booleans(), min_size=7, max_size=7).filter(any)
HOLIDAYS = st.lists(DAYS, max_size=80)


def whole(mask):
    """The pattern in which the days of a numpy week mask are the open ones."""
    return WeekPattern(
        sum(((1 << PLACES) - 1) << day * PLACES for day, opens in enumerate(mask) if not opens)
    )


def plain(holidays):
    return [Holiday(day, "Day") for day in holidays]


@settings(STEADY)
@given(MASKS, HOLIDAYS, DAYS, DAYS, st.integers(1, 400))
def test_numpy_agrees(mask, holidays, after, day, n):
    calendar = Calendar(whole(mask), plain(holidays))
    numpy = np.busdaycalendar(weekmask=mask, holidays=holidays)
    assert calendar.is_open(day) == bool(np.is_busday(day, busdaycal=numpy))
    one = timedelta(1)
    count = np.busday_count(after + one, day + one, busdaycal=numpy) if day > after else 0
    assert calendar.rank(after, day) == count
    forward = np.busday_offset(after, n, roll="backward", busdaycal=numpy).item()
    backward = np.busday_offset(after, -n, roll="forward", busdaycal=numpy).item()
    assert calendar.nth_open_day(after, n) == forward
    assert calendar.nth_open_day(after, -n) == backward


PATTERNS = st.integers(0, (1 << KINDS) - 1).map(WeekPattern)


@settings(STEADY)
@given(PATTERNS, HOLIDAYS, HOLIDAYS, HOLIDAYS, DAYS, DAYS)
def test_every_day_by_the_book(pattern, holidays, closed, opened, after, day):
    calendar = Calendar(
        pattern, plain(holidays), OwnDates(dict.fromkeys(closed), frozenset(opened))
    )

    def is_open(one):
        return one not in closed and (one in opened or not (pattern.is_off(one) or one in holidays))

    span = [after + timedelta(n) for n in range(1, (day - after).days + 1)]
    opens = [one for one in span if is_open(one)]
    assert [one for one in span if calendar.is_open(one)] == opens
    assert calendar.rank(after, day) == len(opens)
    for n, one in enumerate(opens[:50], start=1):
        assert calendar.nth_open_day(after, n) == one
        assert calendar.rank(after, one) == n


@settings(STEADY)
@given(PATTERNS, HOLIDAYS, DAYS, st.integers(1, 300))
def test_stepping_and_counting_are_each_others_opposite(pattern, holidays, start, n):
    calendar = Calendar(pattern, plain(holidays))
    there = calendar.nth_open_day(start, n)
    assume(there is not None)
    assert calendar.is_open(there)
    assert calendar.rank(start, there) == n
    back = calendar.nth_open_day(there, -n)
    assert (back == start) == calendar.is_open(start) or back is None
