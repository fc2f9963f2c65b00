"""What is kept in memory, and equal calls at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from rules.errors import StoreUnavailable
from rules.gateways.translate import HttpEngine, HttpTranslator
from rules.gateways.translation_cache import MemoryCache, SingleFlight
from rules.secret import Secret
from rules.services.outgoing import Reply
from rules.services.translation import TranslationJob
from rules.translation import (
    EngineSettings,
    TranslationRequest,
    TranslationSettings,
    translate,
)
from tests.reports.rows import NOW


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_cache_forgets_what_was_not_used_longest():
    cache = MemoryCache(clock=Clock(), entries=2)
    for key in "ab":
        cache.keep(key, key.upper())
    assert cache.find("a") == "A"
    cache.keep("c", "C")
    assert [cache.find(key) for key in "abc"] == ["A", None, "C"]
    assert len(cache) == 2


def test_cache_forgets_after_a_day():
    clock = Clock()
    cache = MemoryCache(clock=clock, seconds=10)
    cache.keep("a", "A")
    clock.now = 9.9
    assert cache.find("a") == "A"
    clock.now = 10
    assert cache.find("a") is None
    assert len(cache) == 0


def test_cache_holds_five_thousand_for_a_day():
    clock = Clock()
    cache = MemoryCache(clock=clock)
    for n in range(5001):
        cache.keep(n, n)
    assert (len(cache), cache.find(0)) == (5000, None)
    clock.now = 86_399
    assert cache.find(5000) == 5000


def test_flight_shares_a_failure():
    flights = SingleFlight()
    inside, go = threading.Event(), threading.Event()

    def fail():
        inside.set()
        go.wait(5)
        raise StoreUnavailable("gone")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.run, "k", fail)
        assert inside.wait(5)
        second = pool.submit(flights.run, "k", lambda: "other")
        threading.Event().wait(0.05)
        go.set()
        for ended in (first, second):
            with pytest.raises(StoreUnavailable):
                ended.result(5)
    assert flights.run("k", lambda: "again") == "again"


class Upstream:
    """A client whose other side always answers."""

    def __init__(self):
        self.calls = []

    def send(self, call, *, deadline):
        self.calls.append((call, deadline))
        return Reply(200, (), b'{"data":{"translations":[{"translatedText":"a"}]}}', 0.1)


class BrokenStore:
    """A database that is not there."""

    def find(self, *_, **__):
        raise StoreUnavailable("gone")

    keep = spend = find


def job(**settings):
    given = TranslationSettings(**settings)
    return TranslationJob(given, Secret("k"), "293", NOW, "r1")


REQUEST = TranslationRequest("Hello", "en", "hi")


def translator(store=None):
    upstream = Upstream()
    return upstream, HttpTranslator(upstream, monotonic=lambda: 100.0, store=store, hash_key="h")


def test_a_database_that_is_not_there_costs_a_call_and_no_answer(caplog):
    upstream, ours = translator(BrokenStore())
    for _ in range(2):
        assert ours.translate(REQUEST, job(cache="store")).text == "a"
    assert len(upstream.calls) == 2
    assert "translation not kept" in caplog.text


@pytest.mark.parametrize("store", [None, BrokenStore()])
def test_a_cap_that_cannot_be_counted_stops_the_call(store):
    upstream, ours = translator(store)
    with pytest.raises(StoreUnavailable):
        ours.translate(REQUEST, job(monthly_characters=100))
    assert upstream.calls == []


def test_the_call_as_it_leaves():
    upstream, ours = translator()
    ours.translate(REQUEST, job(timeout=2.5))
    ((call, deadline),) = upstream.calls
    assert deadline == 102.5
    assert (call.purpose, call.keep_alive, call.account, call.request_id) == (
        "translation",
        "293",
        "293",
        "r1",
    )
    assert (call.secrets, call.allow_http, call.max_reply) == (("k",), False, 1_048_576)


def test_an_engine_asked_without_a_deadline_has_its_own():
    upstream = Upstream()
    engine = HttpEngine(EngineSettings(key=Secret("k")), job(timeout=3.0), upstream, lambda _: True)
    start = time.monotonic()
    assert translate(REQUEST, engine=engine).text == "a"
    assert 3.0 <= upstream.calls[0][1] - start < 10.0


def test_a_call_without_a_key_hides_nothing():
    upstream, ours = translator()
    ours.translate(REQUEST, replace(job(), key=Secret()))
    assert upstream.calls[0][0].secrets == ()
