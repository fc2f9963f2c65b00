"""The worked examples of outbound calls and what follows from the first answer, on every store."""

import threading
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import msgspec
import pytest

from rules.methods import answer
from rules.outbound import State
from rules.sandbox import Fault
from rules.sandbox.flow_end import flow_end_body
from rules.services.flow_end import CallEnd, Received
from rules.services.handover import hand_over, orders_health, retry_now
from rules.services.outbound import work_name
from rules.services.receiving import receive
from rules.storage.memory.outbound import MemoryOrders
from rules.storage.outbound import SqlOrders
from rules.webhooks.flow_end import read_flow_end
from tests.outbound.made import DOWN, LOST, NO, NOW, URL, at, claimed, clock, opened, tried
from tests.outbound.world import BASE, World
from tests.stores import three_stores

store = three_stores(MemoryOrders, SqlOrders)


@pytest.fixture
def world(store):
    return World(orders=store)


def provoke(world, name, count=1):
    world.sandbox.provoke(Fault(name), count)


def test_one_number_at_once(world):
    reply = world.create(delayMinutes=0)
    assert (reply["obdResponseCode"], reply["obdState"]) == ("200", "accepted")
    (call,) = world.calls()
    assert reply["obdPhononUUID"] == call.phonon_uuid
    assert call.start == NOW
    assert world.status(reply)["obdReqID"] == reply["obdReqID"] != reply["obdOwnReqID"]
    assert world.call("fetchOutboundStatus", obdReqID=reply["obdReqID"])["obdState"] == "accepted"


def test_a_dry_run_looks_at_the_key(world):
    free = world.create(idempotencyKey="k", dryRun="true")
    assert (free["obdState"], free["obdDuplicate"]) == ("preview", "false")
    first = world.create(idempotencyKey="k")
    again = world.create(idempotencyKey="k", dryRun="true")
    assert again == {**first, "obdDuplicate": "true", "obdWireBody": ""}
    keys = [{"name": n, "value": v} for n, v in {**BASE, "idempotencyKey": "k"}.items()]
    other = [*keys, {"name": "delayMinutes", "value": 5}, {"name": "dryRun", "value": True}]
    reply = answer({"keys": other}, world.services, method="createOutbound")
    assert (reply.status, reply.body["keys"][0]["value"]) == (400, "201")
    assert len(world.calls()) == len(world.services.orders.listing()) == 1


def test_alternates_are_one_call(world):
    world.create(contactNumbers="91987654 3210; 09876500001")
    (call,) = world.calls()
    assert call.numbers == ("919876543210", "919876500001")
    assert call.client_id == world.services.orders.listing()[0].id


def test_variables_go_along_in_order(world):
    world.create(**{"$flow.key.b": "2", "$flow.key.a": 1, "clientID": "phononio123456"})
    (call,) = world.calls()
    assert call.keys == (("$flow.key.b", "2"), ("$flow.key.a", "1"))
    assert call.client_id == "phononio123456"


def test_dialler_down_then_well(world):
    provoke(world, "error-500", 2)
    reply = world.create()
    assert (reply["obdResponseCode"], reply["obdReason"]) == ("202", "DIALLER_DOWN")
    assert reply["obdReqID"] == reply["obdOwnReqID"]
    assert world.status(reply)["obdNextAttempt"] == "2026-11-18T10:30:05+05:30"
    assert world.turn(seconds=4) == []
    (order,) = world.turn(seconds=1)
    assert (order.state, order.wake) == (State.QUEUED, at(seconds=20))
    (order,) = world.turn(seconds=15)
    assert order.state is State.ACCEPTED
    assert len(world.calls()) == 1
    status = world.status(reply)
    assert (status["obdState"], status["obdAttempts"]) == ("accepted", "3")


def test_accepted_but_the_answer_was_lost(world):
    provoke(world, "accept-then-hang")
    reply = world.create()
    assert (reply["obdState"], reply["obdResponseCode"]) == ("queued", "202")
    assert world.cancel(reply)["obdReason"] == "IN_PROGRESS"
    (order,) = world.turn(seconds=5)
    assert (order.state, order.code) == (State.ACCEPTED, 201)
    assert len(world.calls()) == 1, "never doubled"
    assert world.status(reply)["obdReqID"] == reply["obdOwnReqID"]


def test_down_past_midnight(world):
    world.services.dialler.send, well = (lambda order, url: DOWN), world.services.dialler.send
    reply = world.create()
    for _ in range(40):
        world.turn(minutes=30)
    world.services.dialler.send = well
    (order,) = world.turn(minutes=30)
    assert order.state is State.ACCEPTED
    assert order.call.start == world.clock().isoformat() == "2026-11-19T07:00:00+05:30"
    assert world.status(reply)["obdStartTime"] == "2026-11-19T07:00:00+05:30"


def test_an_unknown_security_id(world):
    reply = world.create(securityID="nobody")
    assert (reply["obdResponseCode"], reply["obdReqID"]) == ("202", "")
    assert (reply["obdState"], reply["obdReason"]) == ("rejected", "INVALID_SECURITY_ID")
    assert world.turn(hours=1) == [], "never tried again"


def test_the_same_key_again(world):
    first = world.create(idempotencyKey="k")
    again = world.create(idempotencyKey="k")
    assert again == {**first, "obdDuplicate": "true"}
    assert len(world.calls()) == 1


def test_the_same_key_is_brought_up_to_date(world):
    provoke(world, "error-500")
    first = world.create(idempotencyKey="k")
    assert world.create(idempotencyKey="k")["obdState"] == "queued"
    world.turn(seconds=5)
    again = world.create(idempotencyKey="k")
    assert (again["obdState"], again["obdDuplicate"]) == ("accepted", "true")
    assert again["obdOwnReqID"] == first["obdOwnReqID"]


def test_two_at_once_with_one_key(world):
    answering, well = threading.Event(), world.services.dialler.send

    def slow(order, url):
        answering.wait(0.2)
        return well(order, url)

    world.services.dialler.send = slow
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: world.create(idempotencyKey="k"), range(4)))
    assert sorted(reply.pop("obdDuplicate") for reply in replies) == ["false"] + ["true"] * 3
    assert all(reply == replies[0] for reply in replies), "losers wait for the winner's answer"
    assert replies[0]["obdState"] == "accepted"
    assert len(world.calls()) == 1


def test_breaker(world):
    provoke(world, "error-500", 3)
    for _ in range(3):
        assert world.create()["obdState"] == "queued"
        world.clock.turn(seconds=1)
    reply = world.create()
    assert (reply["obdState"], reply["obdReason"]) == ("queued", "DIALLER_DOWN")
    assert world.order(reply).attempts == 0, "not tried"
    assert world.status(reply)["obdNextAttempt"] == "2026-11-18T10:30:32+05:30"
    world.clock.turn(seconds=29)
    assert world.create()["obdState"] == "accepted", "half a minute later somebody tries"
    world.deliver()
    assert world.status(reply)["obdState"] == "accepted"


def test_the_request_died_after_its_claim(world):
    order = claimed(opened("o-1"), by="request/1")
    world.services.orders.accept(order, memory=world.clock() - NOW)
    assert world.turn(seconds=59) == []
    (found,) = world.turn(seconds=1)
    assert found.state is State.ACCEPTED
    assert [change.known for change in found.history] == [True, True, False, True, True]
    assert len(world.calls()) == 1


def test_the_worker_died_and_comes_back(world):
    queued = opened("o-1")
    world.services.orders.accept(queued, memory=world.clock() - NOW)
    world.services.orders.save(claimed(queued, by="o-1~1"), was=queued)
    world.sandbox.answer("realtime", queued.body)
    world.clock.turn(seconds=10)
    found = hand_over(world.services, "o-1", by="o-1~1")
    assert (found.state, found.code) == (State.ACCEPTED, 201)
    assert len(world.calls()) == 1


def test_of_two_who_hand_over_one_sends(world):
    world.services.orders.accept(opened("o-1"), memory=world.clock() - NOW)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: hand_over(world.services, "o-1", by=str(n)), range(8)))
    assert {order.id for order in found} == {"o-1"}
    assert len(world.sandbox.memory.requests) == 1


def test_nothing_to_do(world):
    assert hand_over(world.services, "nobody", by="x") is None
    reply = world.create()
    order = world.order(reply)
    assert hand_over(world.services, order.id, by="x") == order


def test_a_waking_that_comes_too_early_is_repeated(world):
    """The clock was set back, or the work was taken up where it is earlier."""
    again = []
    world.services.orders.wake_again = lambda order, *, now: again.append((order.id, now))
    provoke(world, "error-500")
    reply = world.create()
    name = f"{reply['obdOwnReqID']}~3"
    world.clock.turn(seconds=4)
    hand_over(world.services, reply["obdOwnReqID"], by=f"{name.partition('~')[0]}~2")
    assert again == [], "an older waking: the newer one will come"
    for by in (name, f"{name}@1794978000"):
        assert hand_over(world.services, reply["obdOwnReqID"], by=by).state is State.QUEUED
    assert again == [(reply["obdOwnReqID"], world.clock())] * 2
    world.clock.turn(seconds=1)
    assert hand_over(world.services, reply["obdOwnReqID"], by=name).state is State.ACCEPTED
    hand_over(world.services, reply["obdOwnReqID"], by=f"{name[:-1]}5")
    assert len(again) == 2


def test_held_until_due(store):
    world = World(orders=store, hold="until_due")
    reply = world.create(delayMinutes=30)
    assert (reply["obdState"], reply["obdResponseCode"]) == ("held", "202")
    assert world.turn(minutes=29) == []
    (order,) = world.turn(minutes=1)
    assert order.state is State.ACCEPTED
    assert world.calls()[0].start == at(30)


def test_the_gate_is_asked_before_every_hand_over_and_all_answers_are_kept(store):
    world = World(orders=store, purpose="recovery")
    provoke(world, "error-500")
    reply = world.create()
    world.turn(seconds=5)
    history = world.order(reply).history
    asked = [change.new for change in history if '"verdict":"allow"' in change.decision]
    assert asked == [State.QUEUED, State.SENDING, State.SENDING]


def test_the_gate_holds_until_the_morning(store):
    world = World(orders=store, purpose="recovery")
    world.services.dialler.send, well = (lambda order, url: DOWN), world.services.dialler.send
    world.clock.now = clock("18:59:00")
    reply = world.create()
    world.turn(seconds=5)
    world.turn(seconds=60)
    assert world.status(reply)["obdState"] == "held"
    assert world.status(reply)["obdReason"] == "DEFERRED,R11"
    world.services.dialler.send = well
    world.clock.now = clock("2026-11-19T08:00:00+05:30")
    world.deliver()
    assert world.calls()[0].start == world.clock()


def test_expired(store):
    world = World(orders=store, expire_after_minutes=5)
    world.services.dialler.send = lambda order, url: DOWN
    reply = world.create()
    world.turn(minutes=6)
    status = world.status(reply)
    assert (status["obdState"], status["obdResponseCode"], status["obdReason"]) == (
        "expired",
        "500",
        "EXPIRED",
    )
    assert world.turn(hours=1) == []


def test_no_dialler_is_set_any_more(world):
    world.services.orders.accept(opened("o-1"), memory=world.clock() - NOW)
    lost = World(orders=world.services.orders, url="")
    (order,) = lost.deliver()
    assert (order.state, order.reason) == (State.QUEUED, "DIALLER_NOT_SET")
    (order,) = world.turn(seconds=5)
    assert order.state is State.ACCEPTED


def test_the_sandbox_says_so(store):
    world = World(orders=store, url="", sandbox=URL)
    assert world.create()["obdReason"] == "SANDBOX"
    assert World(orders=store, sandbox=URL).create()["obdReason"] == "", "a dialler of its own"


@pytest.mark.parametrize(
    ("end", "cause", "talk", "ended", "seconds"),
    [
        (at(1), "16", 44_662, "2026-11-18T10:31:00+05:30", "44"),
        (None, "", None, "", ""),
    ],
)
def test_the_end_of_the_call_completes_the_order(world, end, cause, talk, ended, seconds):
    reply = world.create()
    names = ("obdCallEnd", "obdHangupCause", "obdTalkSeconds")
    assert [world.status(reply)[name] for name in names] == ["", "", ""]
    uuid = reply["obdPhononUUID"]
    call = CallEnd(uuid, end, cause, talk)
    world.services.flow_ends.keep(Received("f-1", "", uuid, "d", b"{}", at(1), call), None)
    assert [world.status(reply)[name] for name in names] == [ended, cause, seconds]


def test_the_sandbox_flow_end_completes_the_order_it_came_from(world):
    reply = world.create()
    (call,) = world.calls()
    body = msgspec.json.encode(flow_end_body(call, call.start, 30))
    read = read_flow_end(body, zone=ZoneInfo("Asia/Kolkata"))
    assert read.warnings == ()
    assert receive(world.services, "293", body)[0]
    status = world.status(reply)
    assert (status["obdCallEnd"], status["obdHangupCause"], status["obdTalkSeconds"]) == (
        "2026-11-18T10:30:30+05:30",
        "16",
        "28",
    )


# cancelling


def test_cancelled_in_time_is_never_sent(world):
    world.services.dialler.send, well = (lambda order, url: DOWN), world.services.dialler.send
    reply = world.create()
    world.services.dialler.send = well
    assert world.cancel(reply) == {
        "obdCancelled": "true",
        "obdState": "cancelled",
        "obdReason": "",
    }
    assert world.turn(hours=1) == []
    assert world.calls() == []


def test_cancel_meets_a_change_of_another(world):
    """The order is accepted between looking and cancelling: the truth is told."""
    provoke(world, "error-500")
    world.services.dialler.send, well = (lambda order, url: DOWN), world.services.dialler.send
    reply = world.create()
    world.services.dialler.send = well
    save = world.services.orders.save

    def meanwhile(order, *, was):
        if order.state is State.CANCELLED:
            world.services.orders.save = save
            world.sandbox.next_fault()
            world.clock.turn(seconds=5)
            world.deliver()
        return save(order, was=was)

    world.services.orders.save = meanwhile
    assert world.cancel(reply)["obdReason"] == "ALREADY_HANDED_OVER"
    assert len(world.calls()) == 1


def test_asking_the_flow_to_cancel(store):
    world = World(orders=store, cancel_by_create=True, purpose="promotional")
    reply = world.create(clientID="c-1", contactNumbers="9876543210,+14155550123")
    world.clock.now = clock("22:00")
    for _ in range(2):
        assert world.cancel(reply)["obdReason"] == "CANCEL_REQUESTED"
    first, second = world.calls()
    assert second.keys == (("$flow.key.CancelCall", "Yes"),)
    assert (second.numbers, second.client_id) == (first.numbers, first.client_id)
    assert second.start == clock("22:00"), "at once, whatever the hour: nobody is called"


def test_asking_the_flow_in_vain(store):
    world = World(orders=store, cancel_by_create=True)
    reply = world.create()
    world.services.dialler.send = lambda order, url: NO
    answer = world.cancel(reply)
    assert (answer["obdCancelled"], answer["obdReason"]) == ("false", "INVALID_FLOW_ID")


# by hand, and the store's own troubles


def test_retry_by_hand(world):
    order = tried(opened("o-1"), LOST, now=NOW)
    world.services.orders.accept(order, memory=world.clock() - NOW)
    done = retry_now(world.services, order, by="hand")
    assert done.state is State.ACCEPTED
    assert retry_now(world.services, order, by="hand") is order, "somebody was quicker"


def test_retry_by_hand_asks_the_gate(store):
    world = World(orders=store, purpose="recovery")
    world.services.dialler.send = lambda order, url: DOWN
    reply = world.create()
    world.clock.now = clock("19:30")
    done = retry_now(world.services, world.order(reply), by="hand")
    assert done.state is State.HELD


def test_an_outcome_that_comes_too_late(world, caplog):
    well = world.services.dialler.send

    def very_slow(order, url):
        world.services.dialler.send = well
        world.turn(seconds=61)
        return DOWN

    world.services.dialler.send = very_slow
    reply = world.create()
    assert reply["obdState"] == "accepted", "as it stands, not as this attempt saw it"
    assert "after the claim had run out" in caplog.text


def test_an_outcome_that_cannot_be_stored(world, caplog):
    from rules.errors import StoreUnavailable

    save = world.services.orders.save

    def broken(order, *, was):
        raise StoreUnavailable("gone")

    world.services.orders.save = broken
    reply = world.create()
    world.services.orders.save = save
    assert reply["obdState"] == "accepted", "what the dialler said is the answer"
    (order,) = world.turn(seconds=60)
    assert (order.state, order.code) == (State.ACCEPTED, 201)
    assert len(world.calls()) == 1


def test_an_outcome_that_the_engine_cannot_store_brings_it_back(store):
    """The engine waits for the database and runs the work again: the fate is asked for."""
    from rules.errors import StoreUnavailable

    world = World(orders=store, hold="until_due")
    reply = world.create(delayMinutes=30)
    world.clock.turn(minutes=30)
    orders, own = world.services.orders, reply["obdOwnReqID"]
    save, saved = orders.save, []

    def once(order, *, was):
        if saved:
            raise StoreUnavailable("gone")
        saved.append(order)
        return save(order, was=was)

    orders.save = once
    with pytest.raises(StoreUnavailable):
        hand_over(world.services, own, by=f"{own}~1")
    orders.save = save
    assert world.order(reply).state is State.SENDING
    order = hand_over(world.services, own, by=f"{own}~1")
    assert (order.state, order.history[-1].reason) == (State.QUEUED, "FATE_UNKNOWN")
    world.clock.turn(seconds=5)
    order = hand_over(world.services, own, by=work_name(order))
    assert order.state is State.ACCEPTED
    assert len(world.calls()) == 1


def test_health(world):
    part = orders_health(world.services)
    assert part() == {
        "ok": True,
        "dialler": "set",
        "breaker_open": False,
        "waiting": 0,
        "uncertain": 0,
        "overdue": 0,
        "late": False,
        "oldest_waiting": "",
    }
    world.services.dialler.send = lambda order, url: DOWN
    for _ in range(3):
        world.create()
    assert part()["breaker_open"]
    assert (part()["waiting"], part()["ok"]) == (3, True)
    assert part()["oldest_waiting"].startswith("2026-11-18T")
    world.clock.turn(hours=24, seconds=1)
    assert (part()["overdue"], part()["ok"]) == (3, False)


def test_health_tells_of_a_due_order_that_nobody_looks_at(world):
    part = orders_health(world.services)
    provoke(world, "error-500")
    world.create()
    assert (part()["late"], part()["ok"]) == (False, True), "to be tried again after 5 s"
    world.clock.turn(minutes=2, seconds=4)
    assert (part()["late"], part()["ok"]) == (False, True)
    world.clock.turn(seconds=2)
    assert (part()["late"], part()["ok"]) == (True, False), "due for two minutes"
    world.turn()
    assert (part()["late"], part()["ok"]) == (False, True)
    assert len(world.calls()) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [({"url": ""}, "not set"), ({"url": "", "sandbox": URL}, "sandbox"), ({}, "set")],
)
def test_health_names_the_dialler(given, said):
    assert orders_health(World(**given).services)()["dialler"] == said


def test_logs_hold_no_number_and_no_secret(world, caplog):
    caplog.set_level("DEBUG")
    provoke(world, "accept-then-hang")
    world.create(idempotencyKey="k", **{"$flow.key.name": "Asha"})
    world.turn(seconds=5)
    records = " ".join(str(vars(record)) for record in caplog.records)
    assert "attempt" in records
    for secret in ("9876543210", BASE["securityID"], "Asha"):
        assert secret not in records
