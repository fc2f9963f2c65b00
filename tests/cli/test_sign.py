"""The sign of life of a delivery process: given, taken away, given back."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from rules.cli import sign as sign_module
from rules.cli.sign import SignOfLife, place_of
from rules.errors import StoreUnavailable
from rules.storage.nodes import SqlNodes
from tests.engine.support import until


def clock():
    return datetime.now(UTC)


@pytest.fixture
def nodes(sqlite_engine, monkeypatch):
    monkeypatch.setattr(sign_module, "BEAT", timedelta(milliseconds=20))
    return SqlNodes(sqlite_engine)


def test_signs_are_given_until_the_end(nodes):
    sign = SignOfLife(nodes, "one", place="here", clock=clock)
    assert sign.claim()
    first = nodes.listing()[0].seen
    until(lambda: nodes.listing()[0].seen > first)
    sign.end()
    assert nodes.listing() == []


def test_two_machines_of_one_name_do_not_both_deliver(nodes):
    sign = SignOfLife(nodes, "one", place="here", clock=clock)
    other = SignOfLife(nodes, "one", place="there", clock=clock)
    assert sign.claim()
    assert not other.claim()
    sign.end()
    assert other.claim()
    other.end()


def test_who_lost_the_name_ends_at_once(nodes):
    lost = threading.Event()
    sign = SignOfLife(nodes, "one", place="here", clock=clock, lost=lost.set)
    sign.claim()
    assert nodes.claim("one", token="another", place="here", now=clock())
    assert lost.wait(10)
    sign.end()
    assert [node.name for node in nodes.listing()] == ["one"], "it is the other's now"


def test_a_database_that_is_away_takes_no_name(nodes, monkeypatch):
    asked = threading.Semaphore(0)

    def away(*_, **__):
        asked.release()
        raise StoreUnavailable("away")

    sign = SignOfLife(nodes, "one", place="here", clock=clock, lost=lambda: pytest.fail("lost"))
    sign.claim()
    monkeypatch.setattr(nodes, "beat", away)
    assert asked.acquire(timeout=10)
    assert asked.acquire(timeout=10)
    monkeypatch.setattr(nodes, "leave", away)
    sign.end()


def test_places():
    assert place_of("rules.sqlite3") == place_of("/elsewhere/rules.sqlite3") == "file"
    assert place_of("postgresql://h/db") == place_of("postgresql://h/db") != "file"
