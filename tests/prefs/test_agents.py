"""Pauses: begin, move, end; by themselves or not; the clock may run back."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.dates import DateUnreadable
from rules.prefs import (
    AgentState,
    EndedBy,
    Interval,
    PausePolicy,
    PauseState,
    Reason,
    UnusableEnd,
    end_if_over,
    pause,
    read_until,
    resume,
    settled,
    state_at,
)
from tests.rows import each

INDIA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=INDIA)
MINUTE = timedelta(minutes=1)
CLI = "919879912345"
AGENT = AgentState(CLI, "293")
POLICY = PausePolicy(
    max_minutes=120,
    default_minutes=30,
    reasons={"LUNCH": Reason("LUNCH", minutes=45), "TRAINING": Reason("TRAINING")},
)
STAYS = replace(POLICY, auto_end=False)


def paused(at=NOW, *, policy=POLICY, reason=None, until=None, state=AGENT):
    return pause(state, at=at, reason=reason, until=until, policy=policy)


def test_pause_opens_an_interval():
    state, closed = paused(reason="LUNCH")
    assert state.running == Interval(CLI, "293", "LUNCH", NOW, NOW + 45 * MINUTE)
    assert closed == ()


def test_other_reason_closes_at_that_moment():
    state, _ = paused(reason="LUNCH")
    later = NOW + 10 * MINUTE
    state, closed = paused(later, reason="TRAINING", state=state)
    assert closed == (
        Interval(CLI, "293", "LUNCH", NOW, NOW + 45 * MINUTE, later, EndedBy.REASON_CHANGE),
    )
    assert state.running == Interval(CLI, "293", "TRAINING", later, later + 30 * MINUTE)


@pytest.mark.parametrize("reason", [None, "LUNCH"])
def test_same_or_no_reason_keeps_the_interval(reason):
    state, _ = paused(reason="LUNCH")
    assert paused(NOW + MINUTE, reason=reason, state=state) == (state, ())


def test_new_end_moves_only_the_end():
    state, _ = paused(reason="LUNCH")
    until = NOW + 100 * MINUTE
    moved, closed = paused(NOW + MINUTE, until=until, state=state)
    assert moved.running == replace(state.running, planned_end=until)
    assert closed == ()


def test_pause_after_its_end_closes_it_there_and_opens_another():
    state, _ = paused(reason="LUNCH")
    later = NOW + 50 * MINUTE
    state, closed = paused(later, reason="LUNCH", state=state)
    assert closed[0].end == NOW + 45 * MINUTE
    assert closed[0].ended_by is EndedBy.AUTO
    assert state.running.start == later


def test_resume_ends_what_runs():
    state, _ = paused()
    state, closed = resume(state, at=NOW + MINUTE, policy=POLICY)
    assert state == AGENT
    assert [(one.end, one.ended_by) for one in closed] == [(NOW + MINUTE, EndedBy.AGENT)]
    assert resume(AGENT, at=NOW, policy=POLICY) == (AGENT, ())


def test_resume_after_the_end_tells_the_planned_end():
    state, _ = paused()
    _, closed = resume(state, at=NOW + 99 * MINUTE, policy=POLICY)
    assert [(one.end, one.ended_by) for one in closed] == [(NOW + 30 * MINUTE, EndedBy.AUTO)]
    _, closed = resume(state, at=NOW + 99 * MINUTE, policy=STAYS)
    assert [(one.end, one.ended_by) for one in closed] == [(NOW + 99 * MINUTE, EndedBy.AGENT)]


def test_worker_closes_only_what_is_over():
    state, _ = paused()
    assert end_if_over(state, at=NOW + 29 * MINUTE, policy=POLICY) == (state, ())
    assert end_if_over(state, at=NOW + 30 * MINUTE, policy=STAYS) == (state, ())
    ended, closed = end_if_over(state, at=NOW + 31 * MINUTE, policy=POLICY)
    assert ended == AGENT
    assert closed == (settled(state.running, at=NOW + 31 * MINUTE, policy=POLICY),)
    assert settled(closed[0], at=NOW + 99 * MINUTE, policy=POLICY) == closed[0]


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (NOW, "not ahead"),
        (NOW - MINUTE, "not ahead"),
        (NOW + 121 * MINUTE, "at most 120 minutes"),
    ],
)
def test_unusable_end(until, words):
    with pytest.raises(UnusableEnd, match=words):
        paused(until=until)


def test_longest_pause_counts_from_its_start():
    state, _ = paused()
    with pytest.raises(UnusableEnd):
        paused(NOW + 20 * MINUTE, until=NOW + 121 * MINUTE, state=state)
    assert paused(NOW + 20 * MINUTE, until=NOW + 120 * MINUTE, state=state)


def test_state_of_an_open_end():
    state, _ = paused(policy=PausePolicy())
    assert state_at(state, at=NOW + 59.9 * MINUTE, policy=PausePolicy()) == PauseState(
        paused=True, since=NOW, elapsed_minutes=59
    )


def test_state_past_the_end():
    state, _ = paused()
    assert state_at(state, at=NOW + 30 * MINUTE, policy=POLICY) == PauseState(paused=False)
    over = state_at(state, at=NOW + 30 * MINUTE, policy=STAYS)
    assert (over.paused, over.overrun) == (True, False)
    assert state_at(state, at=NOW + 31 * MINUTE, policy=STAYS).overrun
    assert not state_at(AGENT, at=NOW, policy=POLICY).paused


def test_clock_that_runs_back_makes_no_negative_pause():
    state, _ = paused()
    before = NOW - 5 * MINUTE
    assert state_at(state, at=before, policy=POLICY).elapsed_minutes == 0
    _, closed = resume(state, at=before, policy=POLICY)
    assert closed[0].end == NOW


@each(
    ("text", "expected", "why"),
    [
        ("17:30", "2026-11-18T17:30:00+05:30", "later today"),
        ("10:30", "2026-11-19T10:30:00+05:30", "this very minute is tomorrow's"),
        ("9 am", "2026-11-19T09:00:00+05:30", "gone by today"),
        ("noon", "2026-11-18T12:00:00+05:30", "a word for a clock time"),
        ("2026-11-18T06:00:00Z", "2026-11-18T11:30:00+05:30", "a moment with an offset"),
        ("kal subah 9 baje", "2026-11-19T09:00:00+05:30", "as callers say it"),
    ],
)
def test_until(text, expected, why):
    assert read_until(text, now=NOW, zone=INDIA).isoformat() == expected, why


def test_a_flow_decides_only_what_begins():
    begin = replace(STAYS, max_minutes=10, default_minutes=5)
    state, _ = pause(AGENT, at=NOW, reason=None, until=None, policy=POLICY, begin=begin)
    assert state.running.planned_end == NOW + 5 * MINUTE
    until = NOW + 20 * MINUTE
    moved, _ = pause(state, at=NOW, reason=None, until=until, policy=POLICY, begin=begin)
    assert moved.running.planned_end == until
    with pytest.raises(UnusableEnd, match="at most 10 minutes"):
        pause(AGENT, at=NOW, reason=None, until=until, policy=POLICY, begin=begin)


@pytest.mark.parametrize("text", ["9999-12-31T12:00:00Z", "2027-11-19T10:30:01+05:30"])
def test_no_pause_ends_more_than_a_year_ahead(text):
    with pytest.raises(UnusableEnd, match="within 366 days"):
        read_until(text, now=NOW, zone=INDIA)


def test_reason_is_found_in_any_case():
    assert POLICY.find_reason("lunch") == "LUNCH"
    assert POLICY.find_reason("tea") is None


@pytest.mark.parametrize(
    ("text", "code"), [("soon", "UNPARSEABLE"), ("31 November 5 pm", "NOT_A_CALENDAR_DATE")]
)
def test_no_end(text, code):
    with pytest.raises(DateUnreadable) as caught:
        read_until(text, now=NOW, zone=INDIA)
    assert caught.value.code == code
