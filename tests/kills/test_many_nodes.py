"""Several nodes on one PostgreSQL, nodes that die, many orders at once: none lost or doubled."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import timedelta

import pytest

from rules.outbound import OutboundRequest, State, open_order, plan, postpone
from rules.services.handover import grounds_of
from tests.kills.accepter import SECURITY_ID
from tests.kills.world import World, until

ORDERS = 1_000
NODES = ("one", "two", "three", "four")


@pytest.mark.soak
def test_four_nodes_of_which_three_die(postgres_address, tmp_path):
    world = World(postgres_address, tmp_path)
    world.queue(ORDERS)
    with ExitStack() as stack:
        nodes = [stack.enter_context(world.delivering(name)) for name in NODES]
        for node in nodes[:3]:
            further(world)
            node.kill()
            node.join()
        until(lambda: world.open_orders() == 0, 300)
    assert world.reckon() == ORDERS
    world.close()


@pytest.mark.soak
def test_ten_thousand_orders_due_in_the_same_second(address, tmp_path):
    world = World(address, tmp_path)
    grounds = grounds_of(world.services, "", "")
    due = world.services.clock() + timedelta(seconds=90)
    for number in range(10_000):
        now = world.services.clock()
        request = OutboundRequest(
            security_id=SECURITY_ID,
            flow_id="aB3dE5gH",
            contact_numbers="9876543210",
            client_id=f"b{number}",
        )
        order = plan(request, now=now, order_id=f"b-{number}", settings=grounds.settings)
        order = open_order(order, now=now, grounds=grounds)
        world.services.orders.accept(postpone(order, due), memory=timedelta(hours=1))
    nodes = ("one",) if "://" not in address else NODES[:2]
    with ExitStack() as stack:
        for name in nodes:
            stack.enter_context(world.delivering(name))
        while world.services.clock() < due:
            time.sleep(0.2)
        until(lambda: count(world, State.ACCEPTED) == 10_000, 400)
    spent = (world.services.clock() - due).total_seconds()
    assert world.reckon() == 10_000
    print(f"10,000 orders due at once, {len(nodes)} nodes: all made in {spent:.0f} s")
    world.close()


def further(world):
    """Wait until a hundred more calls have arrived."""
    before = len(world.calls())
    until(lambda: len(world.calls()) > before + 100, 180)


def count(world, state):
    counts = world.services.orders.counts(overdue_before=world.services.clock())
    return counts.by_state.get(state, 0)
