"""Clicks on their way to the store: in batches, across forks, and never in the way."""

import gc
import logging
import os
import threading
import time
from datetime import datetime, timedelta

import pytest

from rules.errors import StoreUnavailable
from rules.links import Device, visitor_mark
from rules.services.links import Visit
from rules.storage import click_log
from rules.storage.click_log import BatchedClicks, DirectClicks
from rules.storage.link_clicks import SqlClicks
from rules.storage.memory.links import MemoryClicks

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
VISIT = Visit(1, NOW, True, Device.MOBILE, "8.8.8.8", "Mozilla")


class Failing(MemoryClicks):
    """A store that is out of reach."""

    def keep(self, clicks):
        raise StoreUnavailable("away")


class Slow(MemoryClicks):
    """A store that waits until it is let go."""

    def __init__(self):
        super().__init__()
        self.go = threading.Event()

    def keep(self, clicks):
        assert self.go.wait(20)
        super().keep(clicks)


def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_l5_the_mark_is_kept_and_nothing_of_what_made_it():
    store = MemoryClicks()
    DirectClicks(store).add(VISIT)
    (click,) = store._kept
    key = store.visitor_key(20775, b"")
    assert click == (1, NOW, True, Device.MOBILE, visitor_mark(key, "8.8.8.8", "Mozilla"))
    assert "8.8.8.8" not in str(click)
    assert "Mozilla" not in str(click)


def test_l5_the_same_visitor_is_one_within_a_day_and_another_the_next():
    store = MemoryClicks()
    log = DirectClicks(store)
    for hours in (0, 1, 24, 25):
        log.add(VISIT._replace(at=NOW + timedelta(hours=hours)))
    assert store.counts(1).visitors == 2


def test_l5_a_thread_keeps_what_comes(engine):
    store = SqlClicks(engine)
    log = BatchedClicks(store)
    for n in range(2500):
        log.add(VISIT._replace(agent=f"a{n % 7}"))
    until(lambda: store.counts(1).human == 2500)
    assert store.counts(1).visitors == 7


def test_l5_flush_waits_for_what_was_taken():
    store = MemoryClicks()
    log = BatchedClicks(store)
    for _ in range(10):
        log.add(VISIT)
    log.flush()
    assert store.counts(1).human == 10


def test_l5_a_failing_store_loses_clicks_with_a_word_and_stops_nothing(caplog):
    for log in (DirectClicks(Failing()), BatchedClicks(Failing())):
        with caplog.at_level(logging.WARNING):
            log.add(VISIT)
            log.flush()
    assert [record.message for record in caplog.records] == ["clicks lost"] * 2
    assert {(record.clicks, record.error) for record in caplog.records} == {(1, "StoreUnavailable")}
    assert "8.8.8.8" not in caplog.text


def test_l5_a_slow_store_never_delays_and_never_fills_the_memory(monkeypatch, caplog):
    monkeypatch.setattr(click_log, "MOST_WAITING", 50)
    monkeypatch.setattr(click_log, "MOST_AT_ONCE", 10)
    store = Slow()
    log = BatchedClicks(store)
    for _ in range(500):
        log.add(VISIT)
    assert len(log._waiting) <= 50
    store.go.set()
    with caplog.at_level(logging.WARNING):
        log.flush()
    kept, lost = store.counts(1).human, sum(record.clicks for record in caplog.records)
    assert kept + lost == 500
    assert 50 <= kept <= 70


def test_l5_many_threads_lose_nothing():
    store = MemoryClicks()
    log = BatchedClicks(store)
    threads = [
        threading.Thread(target=lambda: [log.add(VISIT) for _ in range(300)]) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.flush()
    assert store.counts(1).human == 1800


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_l5_a_forked_child_writes_its_own_clicks_and_none_of_its_parents(sqlite_engine):
    store = SqlClicks(sqlite_engine)
    log = BatchedClicks(store)
    log.add(VISIT)
    log.flush()
    with log._keeping:  # nothing of the parent's is written while it forks
        log.add(VISIT)
        child = os.fork()
        if child == 0:
            try:
                log.add(VISIT._replace(link=2))
                log.flush()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
    log.flush()
    assert (store.counts(1).human, store.counts(2).human) == (2, 1)


def test_l5_the_thread_ends_with_its_log():
    log = BatchedClicks(MemoryClicks())
    log.add(VISIT)
    thread = log._thread
    del log
    gc.collect()
    thread.join(20)
    assert not thread.is_alive()
