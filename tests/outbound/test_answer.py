"""What a flow is told in every state."""

import pytest

from rules.outbound import Kind, Outcome, Purpose, State, answer_of, postpone, refusal
from tests.outbound.made import DOWN, LOST, NOW, TAKEN, at, claimed, ended, opened, tried
from tests.outbound.test_course import states
from tests.rows import each

ANSWERS = [
    (State.QUEUED, "202", "o-1", "", "", "not tried yet"),
    (State.HELD, "202", "o-1", "", "", "waits for its start"),
    (State.SENDING, "202", "o-1", "", "", "being tried"),
    (State.UNCERTAIN, "202", "o-1", "", "FATE_UNKNOWN", "a person must look"),
    (State.ACCEPTED, "200", "r-1", "u-1", "", "the dialler has it"),
    (State.REJECTED, "301", "", "", "INVALID_FLOW_ID", "the dialler's own code"),
    (State.BLOCKED, "500", "", "", "BLOCKED,R8a", "the gate refused"),
    (State.CANCELLED, "500", "", "", "CANCELLED", "no call will be made"),
    (State.EXPIRED, "500", "", "", "EXPIRED", "no call will be made"),
]


@each(("state", "code", "request_id", "uuid", "reason", "why"), ANSWERS)
def test_answer(state, code, request_id, uuid, reason, why):
    answer = answer_of(states(state))
    assert answer.state == state.value
    assert (answer.code, answer.request_id, answer.phonon_uuid, answer.reason) == (
        code,
        request_id,
        uuid,
        reason,
    ), why
    assert answer.own_id == "o-1"


@pytest.mark.parametrize("outcome", [DOWN, LOST])
def test_dialler_down(outcome):
    answer = answer_of(tried(opened(), outcome))
    assert (answer.code, answer.request_id, answer.reason) == ("202", "o-1", "DIALLER_DOWN")
    assert (answer.attempts, answer.next_attempt) == ("1", "2026-11-18T10:30:05+05:30")


def test_breaker_open_looks_like_dialler_down():
    answer = answer_of(postpone(opened(), at(seconds=30)))
    assert (answer.reason, answer.attempts) == ("DIALLER_DOWN", "0")
    assert answer.next_attempt == "2026-11-18T10:30:30+05:30"


def test_deferred_and_accepted():
    order = opened(purpose=Purpose.RECOVERY, delay_minutes=600, contact_numbers="98X,9876543210")
    answer = answer_of(tried(order, TAKEN))
    assert (answer.state, answer.reason) == ("accepted", "MASKED_NUMBER,DEFERRED,R11")
    assert answer.start == "2026-11-19T08:00:00+05:30"


def test_an_earlier_attempt_had_arrived():
    repeated = Outcome(Kind.ACCEPTED, 201, reason="CHECKSUM_REPEATED")
    order = ended(claimed(tried(opened(), LOST), now=at(seconds=5)), repeated)
    answer = answer_of(order)
    assert (answer.code, answer.request_id, answer.phonon_uuid) == ("201", "o-1", "")
    assert (answer.state, answer.reason) == ("accepted", "CHECKSUM_REPEATED")


def test_bulk_has_no_call_id():
    answer = answer_of(tried(opened(), Outcome(Kind.ACCEPTED, 202, "r-1")))
    assert (answer.code, answer.request_id, answer.phonon_uuid) == ("202", "r-1", "")


def test_a_held_order_shows_when_it_is_tried():
    assert answer_of(states(State.HELD)).next_attempt == "2026-11-18T11:00:00+05:30"
    assert answer_of(states(State.SENDING)).next_attempt == ""
    assert answer_of(opened()).next_attempt == NOW.isoformat()


def test_refusal_has_no_ids():
    answer = refusal(205, ("MASKED_NUMBER", "INVALID_NUMBER"))
    assert (answer.code, answer.state) == ("205", "rejected")
    assert answer.reason == "MASKED_NUMBER,INVALID_NUMBER"
    assert {answer.request_id, answer.phonon_uuid, answer.own_id, answer.start} == {""}
