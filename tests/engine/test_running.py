"""One delivery runs while many tests ask it things, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from rules.errors import StoreUnavailable
from rules.gateways.engine import WorkStarter
from rules.gateways.engine import delivery as delivery_module
from rules.gateways.engine.delivery import CONCURRENCY
from rules.services.work import Work
from rules.storage import transaction
from tests.engine.support import delivering, order, put, until
from tests.stores import engine_of_module


class Running:
    """One delivery for many tests; `done` lists what ran, `doing` what a piece of work does."""

    def __init__(self, engine):
        self.engine = engine
        self.done = []
        self.doing = {}

    def __call__(self, argument):
        number = argument["n"]
        self.done.append(number)
        self.doing.get(number, lambda: None)()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def running(request, tmp_path_factory):
    with engine_of_module(request, tmp_path_factory) as engine:
        found = Running(engine)
        with delivering(engine, found) as found.delivery:
            yield found


def test_work_runs_once_committed_and_only_then(running):
    starter = WorkStarter(running.engine)
    with suppress(ZeroDivisionError), transaction(running.engine) as connection:
        starter.start(connection, order("never"))
        raise ZeroDivisionError
    put(running.engine, order("now"), order("later", delay=0.5))
    until(lambda: "later" in running.done)
    assert "now" in running.done
    assert "never" not in running.done


def test_the_same_id_is_the_same_work(running):
    put(running.engine, order("same"), order("same"))
    put(running.engine, order("same"), order("after"))
    until(lambda: "after" in running.done)
    put(running.engine, order("same"), order("last"))
    until(lambda: "last" in running.done)
    assert running.done.count("same") == 1


def test_queues_are_apart(running):
    release = threading.Event()
    running.doing["slow"] = release.wait
    put(running.engine, *(Work("deliver-message", f"m{n}", {"n": "slow"}) for n in range(40)))
    until(lambda: running.done.count("slow") == CONCURRENCY)
    put(running.engine, order("quick"))
    until(lambda: "quick" in running.done)
    release.set()
    until(lambda: running.done.count("slow") == 40)


def test_a_failing_handler_loses_nothing(running, monkeypatch, caplog):
    monkeypatch.setattr(delivery_module, "_LONGEST_WAIT", 0.2)
    failures = [ValueError("919876543210"), KeyError("919876543210")]

    def fail():
        if failures:
            raise failures.pop()

    running.doing["fails"] = fail
    put(running.engine, order("fails"))
    until(lambda: running.done.count("fails") == 3)
    assert "work failed" in caplog.text


def test_a_database_that_is_away_is_waited_for(running):
    absences = [StoreUnavailable("away")]

    def away():
        if absences:
            raise absences.pop()

    running.doing["away"] = away
    put(running.engine, order("away"))
    until(lambda: running.done.count("away") == 2)


def test_finished_work_is_tidied_away(running, monkeypatch):
    put(running.engine, order("finished"), order("waits", delay=60.0))
    until(lambda: "finished" in running.done)
    assert running.delivery.tidy() == 0
    monkeypatch.setattr(delivery_module, "KEEP_FINISHED", -delivery_module.KEEP_FINISHED)
    until(lambda: running.delivery.tidy() == 0)
    client = WorkStarter(running.engine).client()
    assert [one.workflow_id for one in client.list_workflows()] == ["wwaits"]
