"""Contract of the translation store, on memory, SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from rules.services.translation import Kept
from rules.storage.memory.translation import MemoryTranslations
from rules.storage.translation import SqlTranslations
from tests.stores import three_stores

NOW = datetime(2026, 11, 18, 5, tzinfo=UTC)
DAY = timedelta(days=1)
store = three_stores(MemoryTranslations, SqlTranslations)


def test_cache_keeps_until_its_days_are_over(store):
    store.keep("k", Kept("नमस्ते", "en"), until=NOW + DAY)
    assert store.find("k", now=NOW) == Kept("नमस्ते", "en")
    assert store.find("k", now=NOW + DAY) is None
    assert store.find("other", now=NOW) is None


def test_cache_takes_the_newer_one(store):
    store.keep("k", Kept("a", "en"), until=NOW + DAY)
    store.keep("k", Kept("b"), until=NOW + 2 * DAY)
    assert store.find("k", now=NOW + DAY) == Kept("b", None)


def test_cap_is_never_passed(store):
    assert store.spend("293", "2026-11", 60, cap=100)
    assert not store.spend("293", "2026-11", 41, cap=100)
    assert store.spend("293", "2026-11", 40, cap=100), "what was refused was not counted"
    assert not store.spend("293", "2026-11", 1, cap=100)
    assert store.spend("293", "2026-11", 1, cap=101), "a higher cap holds at once"


def test_cap_is_of_one_account_and_month(store):
    assert not store.spend("293", "2026-11", 101, cap=100)
    assert store.spend("293", "2026-11", 100, cap=100)
    assert store.spend("294", "2026-11", 100, cap=100)
    assert store.spend("293", "2026-12", 100, cap=100)


def test_cap_holds_when_many_count_at_once(store):
    with ThreadPoolExecutor(4) as pool:
        spent = list(pool.map(lambda _: store.spend("293", "2026-11", 10, cap=100), range(20)))
    assert spent.count(True) == 10


def test_sweep_deletes_what_is_over_in_portions(store):
    for n in range(5):
        store.keep(f"k{n}", Kept("x"), until=NOW)
    store.keep("live", Kept("x"), until=NOW + DAY)
    for month in ("2026-08", "2026-10", "2026-11"):
        store.spend("293", month, 100, cap=100)
    assert store.sweep(NOW, limit=3) == 3
    assert store.sweep(NOW) == 2
    assert store.sweep(NOW) == 0
    assert store.find("live", now=NOW)
    assert store.spend("293", "2026-08", 1, cap=100), "a month gone by is not counted any more"
    assert not store.spend("293", "2026-10", 1, cap=100)
    assert not store.spend("293", "2026-11", 1, cap=100)
