"""The course of an order: claims, unknown fate, new bytes, the gate before each hand-over."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rules.outbound import (
    NEXT,
    CallRules,
    Grounds,
    Purpose,
    State,
    advance,
    cancel,
    load_rules,
    may_cancel,
    postpone,
    release,
    retry,
)
from rules.outbound.course import CLAIM
from rules.outbound.records import Status
from tests.outbound.made import (
    DOWN,
    LOST,
    NO,
    NOW,
    TAKEN,
    at,
    claimed,
    clock,
    ended,
    grounds,
    opened,
    planned,
    tried,
)
from tests.rows import each

TOMORROW = clock("2026-11-19T00:00:00+05:30")
UNTIL_DUE = grounds(hold="until_due")


def path(order):
    return [change.new.value for change in order.history]


def rest(order):
    """An order without its history's length: nothing but what a claim changes."""
    return order.body, order.start


def states(state):
    """An order in each state."""
    sending = claimed(opened())
    return {
        State.QUEUED: opened(),
        State.HELD: opened(delay_minutes=30, on=UNTIL_DUE),
        State.SENDING: sending,
        State.UNCERTAIN: tried(opened(), LOST, on=grounds(on_uncertain="hold")),
        State.ACCEPTED: ended(sending, TAKEN),
        State.REJECTED: ended(sending, NO),
        State.BLOCKED: opened(purpose=Purpose.PROMOTIONAL, on=grounds(caller_id="9876543210")),
        State.CANCELLED: cancel(opened(), now=NOW),
        State.EXPIRED: claimed(opened(), now=at(10), on=grounds(expire_after_minutes=9)),
    }[state]


@each("state", State)
def test_every_state_is_reached(state):
    order = states(state)
    assert order.state is state
    assert order.history[-1].new is state
    for change in order.history[1:]:
        assert change.new in NEXT[change.old]


@each("state", State)
def test_ends_have_no_way_out(state):
    assert state.is_end == (
        state.value in {"accepted", "rejected", "blocked", "cancelled", "expired"}
    )
    if state.is_end:
        assert states(state).wake is None
        order = states(state)
        assert advance(order, now=at(9999), by="x", grounds=grounds()) is order


def test_no_other_way():
    with pytest.raises(ValueError, match="no way from accepted to cancelled"):
        cancel(states(State.ACCEPTED), now=NOW)


# opening


@each(
    ("delay", "hold", "state"),
    [(0, "never", "queued"), (30, "never", "queued"), (0, "until_due", "queued"),
     (30, "until_due", "held")],
)  # fmt: skip
def test_opening_without_purpose(delay, hold, state):
    order = opened(delay_minutes=delay, on=grounds(hold=hold))
    assert path(order) == [state]
    assert order.body == planned(delay_minutes=delay).body, "byte for byte as without a gate"
    assert order.history[0].decision == ""


def test_opening_in_the_window_changes_no_byte():
    order = opened(purpose=Purpose.PROMOTIONAL)
    assert rest(order) == rest(planned())
    assert order.notes == ()
    assert '"verdict":"allow"' in order.history[0].decision


def test_opening_outside_the_window_moves_the_start():
    order = opened(purpose=Purpose.PROMOTIONAL, delay_minutes=60 * 11)
    assert order.state is State.QUEUED
    assert order.call.start == "2026-11-19T10:00:00+05:30"
    assert order.start == datetime.fromisoformat(order.call.start)
    assert order.notes == ("DEFERRED", "R5a", "R5b")


def test_a_deferred_order_is_held_where_orders_are():
    order = opened(purpose=Purpose.PROMOTIONAL, delay_minutes=60 * 11, on=UNTIL_DUE)
    assert order.state is State.HELD
    assert order.wake == clock("2026-11-19T10:00:00+05:30")


def test_a_block_is_kept_with_its_rules():
    order = states(State.BLOCKED)
    assert path(order) == ["blocked"]
    assert order.reason == "BLOCKED,R8a"


def test_a_block_without_an_hour_says_so():
    on = grounds(call_hours="22:00-23:00")
    assert opened(purpose=Purpose.PROMOTIONAL, on=on).reason == "BLOCKED,ACCOUNT,NO_ALLOWED_HOUR"


@pytest.mark.parametrize(
    ("given", "notes", "why"),
    [
        ({"contact_numbers": "+14155550123"}, ("NO_RULES_FOR_COUNTRY",), "no rules"),
        ({"contact_numbers": "+14155550123,9876543210"}, (), "one Indian number: Indian rules"),
        ({}, (), "a setting that is missing is no news for each call"),
    ],
)
def test_warnings_worth_saying(given, notes, why):
    assert opened(purpose=Purpose.TRANSACTIONAL, **given).notes == notes, why


def test_a_wrong_series_is_worth_saying():
    on = grounds(caller_id="9876543210")
    assert opened(purpose=Purpose.TRANSACTIONAL, on=on).notes == ("CALLER_ID_SERIES",)


# claiming


def test_a_due_order_is_claimed():
    order = claimed(opened(), now=at(1), by="worker")
    assert path(order) == ["queued", "sending"]
    assert (order.attempts, order.claimed_by) == (1, "worker")
    assert order.wake == order.claimed_until == at(1) + CLAIM
    assert rest(order) == rest(opened())


def test_nothing_is_due_yet():
    down = tried(opened(), DOWN)
    assert claimed(down, now=at(seconds=4)) is down
    assert claimed(down, now=at(seconds=5)).state is State.SENDING
    held = states(State.HELD)
    assert claimed(held, now=at(29)) is held


def test_a_held_order_becomes_due_at_its_start():
    order = claimed(states(State.HELD), now=at(30), on=UNTIL_DUE)
    assert path(order) == ["held", "queued", "sending"]


def test_a_running_attempt_is_left_alone():
    sending = claimed(opened(), by="first")
    assert claimed(sending, now=at(seconds=59), by="second") is sending


@pytest.mark.parametrize(
    ("by", "now", "why"),
    [("second", at(1), "its claim has run out"), ("first", at(seconds=5), "its own claim, again")],
)
def test_a_cut_attempt_has_an_unknown_fate(by, now, why):
    sending = claimed(opened(), by="first")
    order = claimed(sending, now=now, by=by)
    assert path(order) == ["queued", "sending", "queued", "sending"], why
    assert [change.known for change in order.history] == [True, True, False, True]
    assert order.unknown_since == NOW, "since the attempt began"
    assert order.may_have_arrived
    assert order.body == sending.body, "the same bytes"


def test_a_cut_attempt_waits_its_five_seconds():
    order = claimed(claimed(opened(), by="me"), now=at(seconds=1), by="me")
    assert order.state is State.QUEUED
    assert order.wake == at(seconds=5)


def test_a_cut_attempt_found_too_late_is_uncertain():
    assert claimed(claimed(opened()), now=at(11), by="late").state is State.UNCERTAIN


def test_a_cut_attempt_is_held_where_wanted():
    order = claimed(claimed(opened()), now=at(1), by="x", on=grounds(on_uncertain="hold"))
    assert order.state is State.UNCERTAIN
    assert order.history[-1].at == at(1)


# recording


def test_accepted():
    order = ended(claimed(opened()), TAKEN)
    assert order.state is State.ACCEPTED
    assert (order.code, order.request_id, order.phonon_uuid) == (200, "r-1", "u-1")
    assert (order.claimed_by, order.claimed_until, order.wake) == ("", None, None)


def test_rejected():
    order = ended(claimed(opened()), NO)
    assert (order.state, order.code, order.reason) == (State.REJECTED, 301, "INVALID_FLOW_ID")


def test_down_surely_not_accepted():
    order = ended(claimed(opened()), DOWN)
    assert (order.state, order.reason) == (State.QUEUED, "DIALLER_DOWN")
    assert order.unknown_since is None
    assert order.wake == at(seconds=5)


def test_down_fate_unknown():
    order = ended(claimed(opened(), now=at(1)), LOST, now=at(1, seconds=13))
    assert order.state is State.QUEUED
    assert order.unknown_since == at(1)


def test_the_first_unknown_fate_counts():
    order = tried(opened(), LOST)
    order = tried(order, LOST, now=at(seconds=5))
    order = tried(order, DOWN, now=at(seconds=25))
    assert order.unknown_since == NOW


def test_uncertain_after_the_trusted_minutes():
    order = tried(opened(), LOST)
    assert claimed(order, now=at(10)).state is State.SENDING
    late = claimed(order, now=at(10, seconds=1))
    assert (late.state, late.reason) == (State.UNCERTAIN, "FATE_UNKNOWN")
    assert late.wake is None


def test_uncertain_after_the_last_try():
    order = opened()
    while order.state is State.QUEUED:
        order = tried(order, LOST, now=order.next_attempt)
    assert order.state is State.UNCERTAIN
    assert order.history[-1].at <= at(10)
    assert order.attempts == 6
    assert len({change.at for change in order.history if change.new is State.SENDING}) == 6


# new bytes


def test_refused_connections_past_midnight_start_now():
    order = tried(opened(), DOWN)
    order = claimed(order, now=TOMORROW + timedelta(minutes=7))
    assert order.state is State.SENDING
    assert order.call.start == "2026-11-19T00:07:00+05:30"
    assert order.start == TOMORROW + timedelta(minutes=7)


def test_a_renewed_start_is_renewed_at_every_attempt():
    order = tried(opened(), DOWN)
    order = tried(order, DOWN, now=TOMORROW)
    assert order.call.start == "2026-11-19T00:00:00+05:30"
    again = claimed(order, now=TOMORROW + timedelta(hours=7))
    assert again.call.start == "2026-11-19T07:00:00+05:30"
    assert [c.reason for c in again.history if c.new is State.SENDING] == [
        "",
        "NEW_START",
        "NEW_START",
    ]


def test_a_start_gone_by_today_stays():
    order = claimed(tried(opened(), DOWN), now=at(60))
    assert order.body == opened().body


def test_the_date_is_seen_at_the_dialler():
    on = grounds(zone="America/New_York")
    late = clock("2026-11-19T01:00:00+05:30")
    order = claimed(tried(opened(on=on), DOWN, on=on), now=late, on=on)
    assert order.call.start == "2026-11-18T14:30:00-05:00", "still the 18th in New York"


def test_no_new_bytes_after_an_unknown_fate():
    now = clock("23:55:00")
    order = tried(opened(now=now), LOST, now=now)
    again = claimed(order, now=clock("2026-11-19T00:02:00+05:30"))
    assert again.state is State.SENDING
    assert again.body == order.body


# the gate before each hand-over

RECOVERY = {"purpose": Purpose.RECOVERY}


def test_the_gate_holds_an_order_past_its_window():
    order = tried(opened(**RECOVERY), DOWN)
    held = claimed(order, now=clock("19:30"))
    assert held.state is State.HELD
    assert held.reason == "DEFERRED,R11"
    assert held.wake == held.start == clock("2026-11-19T08:00:00+05:30")
    assert held.call.start == "2026-11-19T08:00:00+05:30"
    assert held.notes == ("DEFERRED", "R11")
    assert '"verdict":"defer"' in held.history[-1].decision
    sent = claimed(held, now=held.start)
    assert path(sent)[-3:] == ["held", "queued", "sending"]


def test_a_start_ahead_is_judged_at_its_start():
    order = opened(delay_minutes=60 * 7, **RECOVERY)
    assert claimed(order).state is State.SENDING


def test_the_gate_may_block_later():
    order = tried(opened(**RECOVERY), DOWN)
    on = grounds(on_outside_window="reject")
    blocked = claimed(order, now=clock("19:30"), on=on)
    assert (blocked.state, blocked.reason) == (State.BLOCKED, "BLOCKED,R11")


@pytest.mark.parametrize("given", [{}, {"on_outside_window": "reject"}])
def test_outside_the_window_with_an_unknown_fate_a_person_decides(given):
    now = clock("18:59:30")
    order = tried(opened(now=now, **RECOVERY), LOST, now=now)
    stopped = claimed(order, now=clock("19:00"), on=grounds(**given))
    assert stopped.state is State.UNCERTAIN
    assert stopped.reason.startswith("FATE_UNKNOWN,")
    assert stopped.body == order.body


def test_a_rule_that_ends_lets_go():
    order = opened(delay_minutes=60 * 10, **RECOVERY)
    assert order.notes == ("DEFERRED", "R11")
    records = tuple(replace(r, status=Status.SUPERSEDED) for r in load_rules().records)
    free = Grounds(grounds().settings, CallRules(records))
    assert claimed(order, on=free).state is State.SENDING


# expiry


@pytest.mark.parametrize(("minutes", "state"), [(5, "sending"), (6, "expired"), (600, "expired")])
def test_expiry_counts_from_the_start(minutes, state):
    on = grounds(expire_after_minutes=5)
    order = claimed(opened(), now=at(minutes), on=on)
    assert order.state.value == state


def test_an_order_that_may_have_arrived_does_not_expire():
    on = grounds(expire_after_minutes=1)
    order = claimed(tried(opened(), LOST), now=at(2), on=on)
    assert (order.state, order.reason) == (State.UNCERTAIN, "FATE_UNKNOWN,EXPIRED")


# by hand


def test_retry_by_hand_forgets_the_unknown():
    order = retry(states(State.UNCERTAIN), now=at(30))
    assert (order.state, order.unknown_since, order.wake) == (State.QUEUED, None, at(30))
    assert order.may_have_arrived, "a 201 will still mean accepted"
    assert claimed(order, now=at(30)).state is State.SENDING


def test_retry_by_hand_of_a_queued_order_is_now():
    order = retry(tried(opened(), DOWN), now=at(seconds=1))
    assert claimed(order, now=at(seconds=1)).attempts == 2


def test_release_by_hand():
    order = release(states(State.UNCERTAIN), now=at(30))
    assert (order.state, order.code, order.reason) == (State.ACCEPTED, 200, "BY_HAND")


def test_postponed_by_the_breaker():
    order = postpone(opened(), at(seconds=30))
    assert (order.state, order.reason, order.attempts) == (State.QUEUED, "DIALLER_DOWN", 0)
    assert order.wake == at(seconds=30)


# cancelling


@each(
    ("state", "may", "reason"),
    [
        (State.QUEUED, True, ""),
        (State.HELD, True, ""),
        (State.CANCELLED, True, "ALREADY_CANCELLED"),
        (State.SENDING, False, "IN_PROGRESS"),
        (State.ACCEPTED, False, "ALREADY_HANDED_OVER"),
        (State.REJECTED, False, "REJECTED"),
        (State.BLOCKED, False, "BLOCKED"),
        (State.EXPIRED, False, "EXPIRED"),
        (State.UNCERTAIN, False, "UNCERTAIN"),
    ],
)
def test_may_cancel(state, may, reason):
    assert may_cancel(states(state)) == (may, reason)


def test_may_cancel_depends_on_what_is_known():
    assert may_cancel(None) == (False, "UNKNOWN")
    assert may_cancel(tried(opened(), DOWN)) == (True, "")
    assert may_cancel(tried(opened(), LOST)) == (False, "IN_PROGRESS")
