"""Contract of the store of webhook calls and kept variables, on memory, SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from rules.services.webhooks import Later
from rules.services.work import Work
from rules.storage.engine import reading
from rules.storage.memory.webhooks import MemoryWebhooks
from rules.storage.seal import DataSeal
from rules.storage.webhooks import CALLS, SqlWebhooks
from rules.webhooks import PreparedRequest
from tests.stores import three_stores

NOW = datetime(2026, 11, 18, 5, 0, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN = {"since": NOW - DAY, "until": NOW + DAY}
REQUEST = PreparedRequest(
    "POST",
    "https://api.example/पुणे",
    (("Authorization", b"Basic c2VudGluZWw="), ("X-A", "पुणे".encode())),
    b"\x00\xffbody",
    12.5,
    ("sentinel",),
)
LATER = Later("c-1", "163", "58", "book", REQUEST, "basic", "xml")

store = three_stores(MemoryWebhooks, lambda engine: SqlWebhooks(engine, DataSeal("a data key")))


def test_a_queued_call_is_taken_once_and_comes_back_whole(store):
    store.queue(LATER, now=NOW)
    assert store.take("c-2") is None
    assert store.take("c-1") == LATER
    assert store.take("c-1") is None


def test_a_call_is_there_until_it_is_forgotten(store):
    store.queue(LATER, now=NOW)
    store.take("c-1")
    assert store.forget("c-1")
    assert not store.forget("c-1")
    assert store.take("c-1") is None
    store.queue(LATER, now=NOW)
    assert store.forget("c-1"), "also one that nobody began"
    assert store.take("c-1") is None


def test_variables_are_kept_by_run_and_name(store):
    store.keep("163", "run-1", [("$flow.key.a", "1"), ("$flow.key.b", "2")], now=NOW)
    store.keep("163", "run-1", [("$flow.key.b", "3"), ("$user.key.ñ", "")], now=NOW)
    store.keep("164", "run-1", [("$flow.key.a", "other account")], now=NOW)
    [kept] = store.kept("163", **SPAN)
    assert (kept.account, kept.run, kept.at) == ("163", "run-1", NOW)
    assert kept.variables == {"$flow.key.a": "1", "$flow.key.b": "3", "$user.key.ñ": ""}


def test_runs_page_by_page(store):
    for number in range(5):
        store.keep("163", f"run-{number}", [("a", "1")], now=NOW)
    first = store.kept("163", **SPAN, limit=2)
    assert [kept.run for kept in first] == ["run-0", "run-1"]
    rest = store.kept("163", **SPAN, after="run-1", limit=9)
    assert [kept.run for kept in rest] == ["run-2", "run-3", "run-4"]


def test_spans(store):
    store.keep("163", "run", [("a", "1")], now=NOW)
    assert store.kept("163", since=NOW, until=NOW + DAY)
    assert not store.kept("163", since=NOW - DAY, until=NOW)
    assert not store.kept("165", **SPAN)


def test_what_is_old_is_swept_in_batches(store):
    for number in range(5):
        store.keep("163", f"run-{number}", [("a", "1")], now=NOW + number * DAY)
    assert store.sweep(NOW + 4 * DAY, limit=3) == 3
    assert store.sweep(NOW + 4 * DAY, limit=3) == 1
    assert store.sweep(NOW + 4 * DAY, limit=3) == 0
    assert len(store.kept("163", since=NOW, until=NOW + 9 * DAY)) == 1


def test_texts_no_database_takes(store):
    store.keep("163", "run", [("a", "x\0y")], now=NOW)
    assert store.kept("163", **SPAN)[0].variables == {"a": "x\ufffdy"}


class Starting:
    """A starter that keeps what it is given, or fails."""

    def __init__(self, *, fails=False):
        self.fails = fails
        self.works = []

    def start(self, connection, work):
        assert connection.in_transaction()
        if self.fails:
            raise RuntimeError("no engine")
        self.works.append(work)


def test_call_and_work_are_kept_together(engine):
    starter = Starting()
    SqlWebhooks(engine, DataSeal(""), starter).queue(LATER, now=NOW)
    assert starter.works == [Work("call-webhook", "c-1", {"call": "c-1"})]
    with pytest.raises(RuntimeError):
        SqlWebhooks(engine, DataSeal(""), Starting(fails=True)).queue(
            Later("c-2", "", "", "w", REQUEST), now=NOW
        )
    assert SqlWebhooks(engine, DataSeal("")).take("c-2") is None
    assert SqlWebhooks(engine, DataSeal("")).take("c-1") == LATER


def test_credentials_lie_sealed_and_another_key_does_not_open_them(engine):
    SqlWebhooks(engine, DataSeal("one key")).queue(LATER, now=NOW)
    with reading(engine) as connection:
        [row] = connection.execute(select(CALLS)).all()
    assert b"c2VudGluZWw" not in row.request
    assert b"sentinel" not in row.request
    assert SqlWebhooks(engine, DataSeal("another key")).take("c-1") is None


def test_calls_nobody_made_are_swept(engine):
    store = SqlWebhooks(engine, DataSeal(""))
    store.queue(LATER, now=NOW)
    store.sweep(NOW + DAY)
    assert store.take("c-1") is None
