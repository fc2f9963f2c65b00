"""What the tests of the engine share: work to start, deliveries here and in processes."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path

from dbos._dbos import _get_dbos_instance as dbos_instance

import tests.engine.node
from rules.gateways.engine import Delivery, WorkStarter
from rules.services.work import Work
from rules.storage import transaction
from tests.processes import running

ROOT = Path(__file__).parents[2]


def until(condition, seconds=20.0):
    """Wait until the condition holds; the test fails when it does not in time."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)
    return found


def put(engine, *works):
    starter = WorkStarter(engine)
    with transaction(engine) as connection:
        for work in works:
            starter.start(connection, work)


def order(number, **more):
    return Work("deliver-order", f"w{number}", {"n": str(number)}, **more)


@contextmanager
def delivering(engine, handler, **more):
    delivery = Delivery(
        engine,
        {"deliver-order": handler, "deliver-message": handler},
        node="test",
        write=lambda: transaction(engine),
        **more,
    )
    delivery.start()
    try:
        yield delivery
    finally:
        end(delivery)


def end(delivery):
    """Stop at once when nothing is in hand; the engine itself looks once a second only."""
    deadline = time.monotonic() + 2
    while dbos_instance()._active_workflows_set.activeList() and time.monotonic() < deadline:
        time.sleep(0.01)
    delivery.stop(wait_seconds=0)


def node(address, name, path, seconds=0.0):
    """A delivery process of its own, killed at the end."""
    return running(tests.engine.node.main, address, name, str(path), str(seconds))


def noted(path, word):
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.split()[1] for line in lines if line.startswith(word)]
