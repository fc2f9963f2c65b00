"""Clocks that are wrong, step, or differ between machines: late at most, never lost or doubled."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from rules.gateways.engine import Delivery, WorkStarter
from rules.outbound import State
from rules.sandbox import Fault
from rules.services.handover import hand_over
from rules.services.outbound import work_name
from rules.storage import is_sqlite, transaction
from rules.storage.memory.outbound import MemoryOrders
from rules.storage.outbound import SqlOrders
from rules.worker import handlers
from tests.engine.support import end, until
from tests.outbound.made import DOWN
from tests.outbound.world import World
from tests.stores import three_stores

store = three_stores(MemoryOrders, SqlOrders)


def waiting(world):
    """An order whose first attempt surely failed: it is to be tried again in five seconds."""
    send = world.services.dialler.send
    world.services.dialler.send = lambda order, url: DOWN
    reply = world.create()
    world.services.dialler.send = send
    assert reply["obdReason"] == "DIALLER_DOWN"
    return world.order(reply)


def test_a_clock_set_forward_by_an_hour_makes_one_call(store):
    world = World(orders=store)
    order = waiting(world)
    [done] = world.turn(hours=1)
    assert (done.id, done.state) == (order.id, State.ACCEPTED)
    assert world.turn(hours=1) == []
    assert len(world.calls()) == 1


def test_an_attempt_of_unknown_fate_is_not_repeated_an_hour_later(store):
    """The dialler is not trusted to know the bytes for so long: a person decides."""
    world = World(orders=store)
    world.sandbox.provoke(Fault("accept-then-hang"), 1)
    world.create()
    [done] = world.turn(hours=1)
    assert done.state is State.UNCERTAIN
    assert world.turn(hours=1) == []
    assert len(world.calls()) == 1


def test_a_clock_set_back_by_an_hour_makes_one_call_late(store):
    world = World(orders=store)
    waiting(world)
    world.clock.turn(hours=-1)
    assert world.turn(seconds=30) == []
    [done] = world.turn(hours=1)
    assert done.state is State.ACCEPTED
    assert len(world.calls()) == 1


def test_a_clock_set_forward_during_an_attempt_makes_one_call(store):
    """The claim looks run out, somebody else asks again: the dialler knows the bytes."""
    world = World(orders=store)
    order = waiting(world)
    send = world.services.dialler.send

    def slow(attempted, url):
        world.services.dialler.send = send
        outcome = send(attempted, url)
        world.clock.turn(hours=1)
        hand_over(world.services, attempted.id, by="somebody else")
        return outcome

    world.services.dialler.send = slow
    world.turn(seconds=5)
    world.turn(minutes=5)
    assert len(world.calls()) == 1
    assert world.services.orders.get(order.id).state in {State.ACCEPTED, State.UNCERTAIN}


def due_now(engine, order):
    """Let the engine's clock be where the handler's is not yet."""
    table = "workflow_status" if is_sqlite(engine) else "dbos.workflow_status"
    with transaction(engine) as connection:
        changed = {"now": int(time.time() * 1000), "id": work_name(order)}
        statement = f"UPDATE {table} SET delay_until_epoch_ms = :now WHERE workflow_uuid = :id"  # noqa: S608  names of the engine
        assert connection.execute(text(statement), changed).rowcount == 1


def test_a_node_whose_clock_is_slow_delivers_in_the_end(engine):
    """The engine finds the work due, the handler's clock does not: nothing is lost."""
    world = World(orders=SqlOrders(engine, WorkStarter(engine)))
    world.clock.now = datetime.now(UTC) - timedelta(seconds=5)
    order = waiting(world)
    due_now(engine, order)
    lag = timedelta(seconds=1.5)
    object.__setattr__(world.services, "clock", lambda: datetime.now(UTC) - lag)
    world.sandbox.clock = world.services.clock
    delivery = Delivery(
        engine, handlers(world.services), node="slow", write=lambda: transaction(engine)
    )
    delivery.start()
    try:
        until(lambda: world.services.orders.get(order.id).state is State.ACCEPTED)
    finally:
        end(delivery)
    assert len(world.calls()) == 1
