"""Orders survive `kill -9` of whoever accepts and whoever delivers: none lost, none doubled."""

from __future__ import annotations

import os
import random
import time

import pytest

from rules.sandbox.dialler import Fault
from tests.kills.world import World, until

CLAIM_SECONDS = 60
QUICK = (0.5, 0.5, 0.5)
ROUNDS = int(os.environ.get("RULES_TEST_ROUNDS", "200"))


@pytest.fixture
def world(address, tmp_path):
    made = World(address, tmp_path)
    yield made
    made.close()


@pytest.fixture
def world_on_a_file(sqlite_address, tmp_path):
    made = World(sqlite_address, tmp_path)
    yield made
    made.close()


def test_what_was_answered_is_on_disk(world_on_a_file):
    world = world_on_a_file
    for _ in range(2):
        before = len(world.accepted())
        with world.accepting():
            until(lambda before=before: len(world.accepted()) > before + 5, 20)
    known = {order.id for order in world.orders()}
    assert set(world.accepted().values()) <= known
    assert max(world.calls().values()) == 1


def test_a_killed_delivery_process_loses_and_doubles_nothing(world_on_a_file):
    world = world_on_a_file
    world.queue(150)
    for _ in range(2):
        before = sum(world.calls().values())
        with world.delivering(waits=QUICK):
            until(lambda before=before: sum(world.calls().values()) > before, 30)
    with world.delivering(waits=QUICK):
        until(lambda: world.open_orders() == 0, 40)
    assert world.reckon() == 150


@pytest.mark.soak
@pytest.mark.parametrize("victim", ["accepting", "delivering"])
def test_kills_at_random_moments(world, victim):
    """`accept-then-hang` now and then, so that fates are truly unknown."""
    draw = random.Random(11)
    for number in range(ROUNDS):
        if number % 20 == 0:
            world.sandbox.provoke(Fault("accept-then-hang"), 1)
        before = len(world.accepted())
        with world.accepting() as accepting, world.delivering() as delivering:
            dying = accepting if victim == "accepting" else delivering
            until(lambda before=before: len(world.accepted()) > before, 60)
            time.sleep(draw.uniform(0.0, 1.0))
            dying.kill()
            dying.join()
    with world.delivering():
        until(lambda: world.open_orders() == 0, 10 * CLAIM_SECONDS)
    print(f"{victim}: {ROUNDS} kills, {world.reckon()} orders, none lost, none doubled")
    assert world.reckon() > ROUNDS


@pytest.mark.soak
def test_two_nodes_take_over_from_each_other(postgres_address, tmp_path):
    world = World(postgres_address, tmp_path)
    world.queue(2_000)
    with world.delivering("one") as first, world.delivering("two"):
        until(lambda: len(world.calls()) > 20, 60)
        first.kill()
        first.join()
        until(lambda: world.open_orders() == 0, 180)
    world.reckon()
    world.close()
