"""Names of delivery processes: one live process each, whatever machine it is on."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.services.nodes import BEAT, SILENT, delivery_health
from rules.storage.nodes import SqlNodes

NOW = datetime(2026, 11, 18, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)

CLAIMS = [
    # token, place, seconds later, taken, why
    ("b", "there", 1, False, "a live process on another machine has the name"),
    ("b", "here", 1, True, "the lock of the same place is free, so the former owner is dead"),
    ("b", "there", 16, True, "silent for more than 15 s counts as dead"),
    ("b", "there", 15, False, "but not a moment earlier"),
    ("a", "here", 1, True, "the owner itself, starting again"),
]


@pytest.fixture
def nodes(engine):
    made = SqlNodes(engine)
    assert made.claim("one", token="a", place="here", now=NOW)
    return made


@pytest.mark.parametrize(("token", "place", "later", "taken", "why"), CLAIMS)
def test_a_name_is_taken_only_from_the_dead(nodes, token, place, later, taken, why):
    moment = NOW + later * SECOND
    assert nodes.claim("one", token=token, place=place, now=moment) is taken, why
    assert nodes.beat("one", token=token, now=moment) is taken
    assert nodes.beat("one", token="a", now=moment) is (not taken or token == "a")


def test_a_sign_of_life_keeps_the_name(nodes):
    assert nodes.beat("one", token="a", now=NOW + SILENT)
    assert not nodes.claim("one", token="b", place="there", now=NOW + SILENT + SILENT)


def test_a_name_given_back_is_free_at_once(nodes):
    nodes.leave("one", token="b")
    assert [node.name for node in nodes.listing()] == ["one"], "it was not theirs"
    nodes.leave("one", token="a")
    assert nodes.claim("one", token="b", place="there", now=NOW)


def test_health_says_who_delivers(nodes):
    nodes.claim("two", token="b", place="there", now=NOW - SILENT)
    seen = "2026-11-18T05:00:00+00:00"
    assert delivery_health(nodes, NOW + BEAT) == {
        "ok": True,
        "nodes": [
            {"name": "one", "alive": True, "seen": seen},
            {"name": "two", "alive": False, "seen": "2026-11-18T04:59:45+00:00"},
        ],
    }


def test_health_says_that_nobody_delivers(nodes):
    assert delivery_health(nodes, NOW + SILENT)["ok"] is False
    nodes.leave("one", token="a")
    assert delivery_health(nodes, NOW) == {"ok": False, "nodes": []}


def test_the_dead_are_forgotten(nodes):
    assert nodes.sweep(NOW) == 0
    assert nodes.sweep(NOW + SECOND) == 1
    assert nodes.listing() == []
