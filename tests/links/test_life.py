"""The life of a link, to the second."""

from dataclasses import replace
from datetime import datetime, timedelta

from rules.links import Life, State, may_reuse, state_at
from tests.rows import each

MADE = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
SECOND = timedelta(seconds=1)
LIFE = Life(created=MADE, expires=MADE + timedelta(days=10))


@each(
    ("after", "state"),
    [
        (timedelta(), State.LIVE),
        (timedelta(days=10) - SECOND, State.LIVE),
        (timedelta(days=10), State.EXPIRED),
        (timedelta(days=10) + SECOND, State.EXPIRED),
        (timedelta(days=-1), State.LIVE),
    ],
)
def test_l4_expiry_is_judged_at_the_moment_of_the_click(after, state):
    assert state_at(MADE + after, LIFE) is state


@each(
    ("changes", "state"),
    [
        ({"disabled": True}, State.DISABLED),
        ({"max_clicks": 2, "used": 1}, State.LIVE),
        ({"max_clicks": 2, "used": 2}, State.USED_UP),
        ({"used": 9}, State.LIVE),
        ({"expires": None}, State.LIVE),
        ({"disabled": True, "expires": MADE, "max_clicks": 1, "used": 1}, State.DISABLED),
        ({"expires": MADE, "max_clicks": 1, "used": 1}, State.EXPIRED),
    ],
)
def test_l4_states(changes, state):
    assert state_at(MADE, replace(LIFE, **changes)) is state


@each(
    ("after", "again", "whole"),
    [
        (timedelta(), True, True),
        (timedelta(days=9) - SECOND, True, True),
        (timedelta(days=9), False, True),
        (timedelta(days=10) - SECOND, False, True),
        (timedelta(days=10), False, False),
    ],
)
def test_l1_reuse_until_a_tenth_is_left(after, again, whole):
    assert may_reuse(MADE + after, LIFE) is again
    assert may_reuse(MADE + after, LIFE, whole_life=True) is whole


@each(
    ("changes", "again"),
    [
        ({"expires": None}, True),
        ({"expires": None, "disabled": True}, False),
        ({"max_clicks": 1, "used": 1}, False),
        ({"max_clicks": 1, "used": 0}, True),
    ],
)
def test_l1_reuse_of_live_links_only(changes, again):
    assert may_reuse(MADE, replace(LIFE, **changes)) is again
