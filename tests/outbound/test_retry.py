"""When an order is tried again, and when nobody tries for a while."""

from dataclasses import replace

import pytest

from rules.outbound import breaker_until, next_attempt
from tests.outbound.made import DOWN, LOST, NOW, TAKEN, at, opened, settings, tried
from tests.rows import each


def after(count, outcome=DOWN):
    """An order after so many attempts, all at the same moment."""
    order = opened()
    for _ in range(count):
        order = tried(replace(order, next_attempt=NOW), outcome)
    return order


def seconds(order, on=None, *, now=NOW, jitter=0.0):
    when = next_attempt(order.history, now=now, jitter=jitter, settings=on or settings())
    return None if when is None else (when - now).total_seconds()


@each(
    ("count", "wait"), [(0, 0), (1, 5), (2, 15), (3, 60), (4, 300), (5, 900), (6, 1800), (7, 1800)]
)
def test_waits(count, wait):
    assert seconds(after(count)) == wait


@pytest.mark.parametrize(("jitter", "wait"), [(0.1, 66), (-0.1, 54), (0.03, 61.8)])
def test_the_random_part_is_a_tenth_at_most(jitter, wait):
    assert seconds(after(3), jitter=jitter) == pytest.approx(wait)


@pytest.mark.parametrize(("asked", "wait"), [(3, 5), (7, 7), (3600, 3600)])
def test_a_wait_asked_for_is_kept(asked, wait):
    order = tried(opened(), replace(DOWN, retry_after=asked))
    assert seconds(order) == wait


def test_nothing_follows_an_end():
    assert next_attempt((), now=NOW, jitter=0.0, settings=settings()) is None
    assert seconds(tried(opened(), TAKEN)) is None


@each(
    ("count", "minutes", "given", "wait", "why"),
    [
        (1, 0, {}, 5, "the same bytes again"),
        (4, 1.4, {}, 300, "still inside the ten minutes"),
        (5, 6.4, {}, 206, "a last try before they are over"),
        (5, 9.9, {}, None, "too late for another"),
        (1, 0, {"on_uncertain": "hold"}, None, "left to a person at once"),
        (5, 6.4, {"uncertain_minutes": 60}, 900, "trusted for longer"),
    ],
)
def test_after_an_attempt_of_unknown_fate(count, minutes, given, wait, why):
    order = after(count, LOST)
    assert seconds(order, settings(**given), now=at(minutes)) == wait, why


def test_a_wait_asked_for_beyond_trust_is_the_end():
    order = tried(opened(), LOST)
    order = tried(order, replace(DOWN, retry_after=1800), now=at(seconds=5))
    assert order.state.value == "uncertain"


@each(
    ("ends", "now", "until", "why"),
    [
        ([], 0, None, "nobody tried"),
        ([(2, True), (1, True)], 3, None, "two only"),
        ([(3, True), (2, True), (1, True)], 4, 33, "three in a row"),
        ([(3, True), (2, True), (1, True)], 33, None, "half a minute later"),
        ([(3, True), (2, False), (1, True)], 4, None, "one came through"),
        ([(61, True), (30, True), (1, True)], 62, 91, "within a minute"),
        ([(62, True), (30, True), (1, True)], 63, None, "not within a minute"),
        ([(4, False), (3, True), (2, True), (1, True)], 5, None, "the last one came through"),
        ([(4, True), (3, True), (2, True), (1, False)], 5, 34, "only the last three count"),
    ],
)
def test_breaker(ends, now, until, why):
    failed = [(at(seconds=second), bad) for second, bad in ends]
    expected = None if until is None else at(seconds=until)
    assert breaker_until(failed, now=at(seconds=now)) == expected, why
