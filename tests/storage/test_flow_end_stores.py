"""Flow ends, endpoints and messages: one contract, in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from rules.services.flow_end import CallEnd, Received
from rules.storage.flow_ends import SqlEndpoints, SqlFlowEnds
from rules.storage.memory.engine import memory_engine
from rules.storage.messages import SqlMessages
from rules.webhooks.endpoints import Endpoint
from rules.webhooks.messages import LEASE, Message, MessageState


class Started:
    """Notes the work that is started, by message and delay."""

    def __init__(self):
        self.works = []

    def start(self, connection, work):
        self.works.append(work)

    @property
    def delays(self):
        return [work.delay for work in self.works]


@dataclass
class Stores:
    flow_ends: SqlFlowEnds
    endpoints: SqlEndpoints
    messages: SqlMessages
    started: Started


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def stores(request):
    if request.param == "memory":
        engine = memory_engine()
    else:
        engine = request.getfixturevalue(f"{request.param}_engine")
    started = Started()
    makers = (SqlFlowEnds, SqlEndpoints, SqlMessages)
    return Stores(*(make(engine, started) for make in makers), started)


@pytest.fixture
def endpoint(stores, aware_now):
    made = Endpoint("e1", "293", "crm", "https://hooks.example/", aware_now, "whsec_1")
    made = replace(made, is_default=True)
    stores.endpoints.add(made)
    return made


def message(now, number=1, **more):
    return Message(f"msg_{number}", "e1", "293", f"uuid-{number}", b"{}", now, **more)


def change(stores, now, **values):
    return stores.endpoints.change("e1", lambda one: replace(one, **values), now=now)


def state(stores, number=1):
    found = {one.id: one.state.value for one in stores.messages.listing()}
    return found[f"msg_{number}"]


def received(now, number=1, digest="d1", account="293"):
    call = CallEnd(f"uuid-{number}", now, "16", 44_662)
    return Received(f"f{number}{digest}{account}", account, call.uuid, digest, b"{}", now, call)


def test_a_payload_is_kept_once_by_content(stores, aware_now):
    assert stores.flow_ends.keep(received(aware_now), None) == (True, "f1d1293")
    again = replace(received(aware_now), id="other")
    assert stores.flow_ends.keep(again, None) == (False, "f1d1293")
    later = aware_now + timedelta(seconds=1)
    changed = received(later, digest="d2")
    changed = replace(changed, call=replace(changed.call, cause="19"))
    assert stores.flow_ends.keep(changed, None) == (True, "f1d2293")
    assert stores.flow_ends.call_end("uuid-1") == CallEnd("uuid-1", later - timedelta(
        seconds=0), "19", 44_662)  # fmt: skip
    assert stores.flow_ends.call_end("uuid-1", "293").cause == "19"
    assert stores.flow_ends.call_end("uuid-1", "294") is None, "another account's"
    assert stores.flow_ends.call_end("nobody") is None
    assert stores.flow_ends.keep(received(aware_now, account="294"), None)[0]


def test_payload_and_message_go_together(stores, endpoint, aware_now):
    assert stores.flow_ends.keep(received(aware_now), message(aware_now))[0]
    assert [work.argument for work in stores.started.works] == [{"message": "msg_1"}]
    version = replace(message(aware_now), id="msg_9")
    assert stores.flow_ends.keep(received(aware_now, digest="d2"), version)[0]
    assert [one.id for one in stores.messages.listing()] == ["msg_1"], "D2: once for each call"
    assert len(stores.started.works) == 1


def test_one_default_for_each_account(stores, endpoint, aware_now):
    other = replace(endpoint, id="e2", name="other", created_at=aware_now + timedelta(1))
    stores.endpoints.add(other)
    stores.endpoints.add(replace(endpoint, id="e3", account="294"))
    assert [one.id for one in stores.endpoints.of_account("293")] == ["e1", "e2"]
    assert stores.endpoints.default_of("293").id == "e2"
    change(stores, aware_now, is_default=True)
    assert stores.endpoints.default_of("293").id == "e1"
    assert stores.endpoints.default_of("294").id == "e3"
    assert stores.endpoints.default_of("295") is None
    assert stores.endpoints.remove("e3")
    assert not stores.endpoints.remove("e3")
    assert stores.endpoints.get("e3") is None
    assert stores.endpoints.get("e1") == endpoint


def test_a_claim_is_taken_once(stores, endpoint, aware_now):
    assert stores.messages.queue(message(aware_now))
    assert not stores.messages.queue(message(aware_now))
    found, where, _ = stores.messages.claim("msg_1", now=aware_now)
    assert (found.state, found.turn, found.due) == (MessageState.SENDING, 1, aware_now + LEASE)
    assert where == endpoint
    assert stores.messages.claim("msg_1", now=aware_now) is None
    assert stores.started.delays == [0.0, 30.0, 30.0]
    assert stores.messages.claim("nobody", now=aware_now) is None


def test_a_claim_that_ran_out_is_taken_again_and_the_late_one_changes_nothing(
    stores, endpoint, aware_now
):
    stores.messages.queue(message(aware_now))
    first, _, _ = stores.messages.claim("msg_1", now=aware_now)
    later = aware_now + LEASE
    second, _, _ = stores.messages.claim("msg_1", now=later)
    assert second.turn == 2
    delivered = replace(first, state=MessageState.DELIVERED, attempts=1, due=None)
    assert not stores.messages.finish(delivered, endpoint, was=first, now=later)
    failed = replace(second, state=MessageState.PENDING, due=later + timedelta(seconds=5))
    assert stores.messages.finish(failed, endpoint, was=second, now=later)
    assert stores.started.delays[-1] == 5.0
    assert stores.messages.claim("msg_1", now=later) is None, "not due yet"
    assert stores.messages.claim("msg_1", now=later + timedelta(seconds=5)) is not None


def test_an_endpoint_bears_so_many_at_once(stores, endpoint, aware_now):
    change(stores, aware_now, at_once=1)
    for number in (1, 2):
        stores.messages.queue(message(aware_now, number))
    assert stores.messages.claim("msg_1", now=aware_now)
    assert stores.messages.claim("msg_2", now=aware_now) is None
    assert stores.started.works[-1].delay == 1.0
    assert stores.messages.claim("msg_2", now=aware_now + LEASE)


def test_a_disabled_endpoint_holds_what_waits(stores, endpoint, aware_now):
    stores.messages.queue(message(aware_now, 1))
    claimed, _, _ = stores.messages.claim("msg_1", now=aware_now)
    stores.messages.queue(message(aware_now, 2))
    gone = replace(endpoint, enabled=False, disabled_reason="GONE")
    failed = replace(claimed, state=MessageState.FAILED, due=None, status=410, reason="HTTP_410")
    assert stores.messages.finish(failed, gone, was=claimed, now=aware_now)
    stores.messages.queue(message(aware_now, 3))
    states = {one.id: one.state.value for one in stores.messages.listing()}
    assert states == {"msg_1": "failed", "msg_2": "held", "msg_3": "held"}
    assert stores.messages.claim("msg_2", now=aware_now) is None
    assert [one.id for one in stores.messages.counts().disabled] == ["e1"]
    before = len(stores.started.works)
    change(stores, aware_now, enabled=True)
    assert stores.started.delays[before:] == [0.0, 0.0]
    assert stores.messages.claim("msg_2", now=aware_now)


def test_a_message_cut_off_in_an_attempt_is_held_with_the_rest(stores, endpoint, aware_now):
    stores.messages.queue(message(aware_now))
    stores.messages.claim("msg_1", now=aware_now)
    change(stores, aware_now, enabled=False)
    assert state(stores) == "sending", "whoever sends it may come back"
    over = aware_now + LEASE
    assert stores.messages.claim("msg_1", now=over) is None
    assert state(stores) == "held"
    before = len(stores.started.works)
    change(stores, over, enabled=True)
    assert (state(stores), stores.started.delays[before:]) == ("pending", [0.0])
    assert stores.messages.claim("msg_1", now=over)


def test_disabling_and_enabling_reach_a_message_whose_claim_ran_out(stores, endpoint, aware_now):
    stores.messages.queue(message(aware_now))
    cut_off, seen, _ = stores.messages.claim("msg_1", now=aware_now)
    over = aware_now + LEASE
    change(stores, aware_now, enabled=False)
    change(stores, over, enabled=True)
    assert state(stores) == "pending"
    late = replace(cut_off, state=MessageState.FAILED, due=None)
    assert not stores.messages.finish(late, seen, was=cut_off, now=over)
    stores.messages.claim("msg_1", now=over)
    change(stores, over + LEASE, enabled=False)
    assert state(stores) == "held"


def test_a_claim_says_since_when_the_attempt_was_due(stores, endpoint, aware_now):
    stores.messages.queue(message(aware_now))
    later = aware_now + timedelta(seconds=9)
    first, seen, due = stores.messages.claim("msg_1", now=later)
    assert due == aware_now
    again = replace(first, state=MessageState.PENDING, due=later + timedelta(seconds=5))
    stores.messages.finish(again, seen, was=first, now=later)
    assert stores.messages.claim("msg_1", now=later + LEASE)[2] == again.due


def test_a_change_is_of_what_stands_there(stores, endpoint, aware_now):
    change(stores, aware_now, secret="whsec_2")
    found = change(stores, aware_now, check_result="OK")
    assert (found.secret, found.check_result) == ("whsec_2", "OK")
    assert stores.endpoints.get("e1") == found
    assert stores.endpoints.change("nobody", lambda one: one, now=aware_now) is None


def test_replay_of_very_many(stores, endpoint, aware_now):
    stores.messages.queue(message(aware_now))
    claimed, seen, _ = stores.messages.claim("msg_1", now=aware_now)
    ended = replace(claimed, state=MessageState.FAILED, due=None)
    stores.messages.finish(ended, seen, was=claimed, now=aware_now)
    ids = [f"msg_none_{number}" for number in range(70_000)]
    assert stores.messages.replay([*ids, "msg_1"], now=aware_now) == 1
    assert stores.messages.replay([], now=aware_now) == 0


def test_an_outcome_leaves_what_a_person_changed(stores, endpoint, aware_now):
    stores.messages.queue(message(aware_now))
    claimed, seen, _ = stores.messages.claim("msg_1", now=aware_now)
    change(stores, aware_now, name="renamed", secret="whsec_2")
    delivered = replace(claimed, state=MessageState.DELIVERED, due=None)
    assert stores.messages.finish(delivered, replace(seen, at_once=2), was=claimed, now=aware_now)
    found = stores.endpoints.get("e1")
    assert (found.name, found.secret, found.at_once) == ("renamed", "whsec_2", 2)


def test_replay_keeps_the_id(stores, endpoint, aware_now):
    for number in (1, 2):
        stores.messages.queue(message(aware_now, number))
        claimed, seen, _ = stores.messages.claim(f"msg_{number}", now=aware_now)
        state = MessageState.DELIVERED if number == 1 else MessageState.FAILED
        ended = replace(claimed, state=state, due=None, attempts=8)
        stores.messages.finish(ended, seen, was=claimed, now=aware_now)
    stores.messages.queue(message(aware_now, 3))
    ids = ["msg_1", "msg_2", "msg_3", "nobody"]
    assert stores.messages.replay(ids, now=aware_now, account="294") == 0
    assert stores.messages.replay(ids, now=aware_now, account="293") == 2
    claimed, _, _ = stores.messages.claim("msg_1", now=aware_now)
    assert (claimed.id, claimed.attempts) == ("msg_1", 0)


def test_listing_counts_and_sweep(stores, endpoint, aware_now):
    for number in range(3):
        made = aware_now + timedelta(days=number)
        stores.messages.queue(message(made, number))
    claimed, seen, _ = stores.messages.claim("msg_0", now=aware_now)
    ended = replace(claimed, state=MessageState.DELIVERED, due=None)
    stores.messages.finish(ended, seen, was=claimed, now=aware_now)
    counts = stores.messages.counts()
    assert counts.by_state == {MessageState.DELIVERED: 1, MessageState.PENDING: 2}
    assert counts.oldest_pending == aware_now + timedelta(days=1)
    listed = stores.messages.listing(
        account="293",
        states=[MessageState.PENDING],
        since=aware_now,
        until=aware_now + timedelta(2),
    )
    assert [one.id for one in listed] == ["msg_1"]
    assert stores.messages.sweep(aware_now) == 0
    assert stores.messages.sweep(aware_now + timedelta(days=9)) == 1
    assert [one.id for one in stores.messages.listing()] == ["msg_2", "msg_1"]
