"""Contract of the preference and consent stores, on memory, SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from rules.prefs import (
    Change,
    Consent,
    Kind,
    Preference,
    TooManyPreferences,
    apply_preferences,
    drop_expired,
    visible,
)
from rules.services.prefs import HistoryRow, Origin
from rules.storage.consents import SqlConsents
from rules.storage.memory.preferences import MemoryConsents, MemoryPreferences
from rules.storage.preferences import SqlPreferences
from tests.stores import three_stores

NOW = datetime(2026, 11, 18, 5, 0, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
ORIGIN = Origin("updateUserPreferences", "r1", "58", "")
ERASER = Origin("eraseUserPreferences", "r2", "", "Asha")
WHO = ("293", "918000374123")


@dataclass
class Stores:
    preferences: object
    consents: object


def memory():
    consents = MemoryConsents()
    return Stores(MemoryPreferences(consents), consents)


stores = three_stores(memory, lambda engine: Stores(SqlPreferences(engine), SqlConsents(engine)))


@pytest.fixture
def store(stores):
    return stores.preferences


def put(store, changes, *, who=WHO, now=NOW, days=None, origin=ORIGIN):
    def rule(stored):
        return apply_preferences(stored, changes, now=now, ttl=lambda _: days)

    return len(store.change(*who, rule, origin))


def values(store, who=WHO, now=NOW):
    return visible(store.find(*who), now=now)


def test_unknown_contact_is_empty(store):
    assert store.find(*WHO) == {}


def test_values_come_back_as_stored(store):
    odd = {
        "city": "Pune",
        "शहर": "पुणे",
        "a b.c": " kept ",
        "empty": "",
        "quote": "'\";--\\",
        "😀": "😀",
    }
    assert put(store, odd) == len(odd)
    assert values(store) == odd


def test_only_named_variables_change(store):
    put(store, {"city": "Pune", "plan": "gold"})
    assert put(store, {"plan": "silver", "age": "41", "city": None}) == 2
    assert values(store) == {"city": "Pune", "plan": "silver", "age": "41"}


def test_account_and_contact_keep_apart(store):
    put(store, {"city": "Pune"})
    put(store, {"city": "Delhi"}, who=("294", WHO[1]))
    put(store, {"city": "Goa"}, who=("293", "CUST-00123"))
    put(store, {"city": "Agra"}, who=("293", "cust-00123"))
    found = [values(store, who) for who in (WHO, ("294", WHO[1]), ("293", "CUST-00123"))]
    assert found == [{"city": "Pune"}, {"city": "Delhi"}, {"city": "Goa"}]


def test_end_of_a_value_is_kept_exactly(store):
    put(store, {"otp": "1"}, days=2)
    assert store.find(*WHO) == {"otp": Preference("1", NOW + 2 * DAY)}
    assert values(store, now=NOW + 2 * DAY - timedelta(microseconds=1)) == {"otp": "1"}
    assert values(store, now=NOW + 2 * DAY) == {}


def test_same_value_again_makes_no_history(store):
    put(store, {"city": "Pune"})
    assert put(store, {"city": "Pune"}) == 0
    assert len(store.history("293", [WHO[1]], limit=10)) == 1


def test_same_value_again_starts_a_new_term(store):
    put(store, {"city": "Pune"}, days=2)
    assert put(store, {"city": "Pune"}, days=2, now=NOW + DAY) == 0
    assert values(store, now=NOW + 2 * DAY) == {"city": "Pune"}


def test_history_is_complete_and_newest_first(store):
    put(store, {"city": "Pune", "plan": "gold"})
    put(store, {"city": "Goa"}, now=NOW + DAY, origin=Origin("updateUserPreferences", "r9"))
    rows = store.history("293", [WHO[1]], limit=10)
    assert rows[0] == HistoryRow(
        "293",
        "918000374123",
        Change(NOW + DAY, "city", "Pune", "Goa", Kind.SET),
        Origin("updateUserPreferences", "r9"),
    )
    assert [(r.change.name, r.change.old, r.change.new) for r in rows[1:]] == [
        ("plan", None, "gold"),
        ("city", None, "Pune"),
    ]
    assert rows[1].origin == ORIGIN
    assert store.history("293", [WHO[1]], limit=1) == rows[:1]
    assert store.history("293", [WHO[1]], name="plan", limit=9) == rows[1:2]
    assert store.history("294", [WHO[1]], limit=9) == []


def test_rule_that_raises_changes_nothing(store):
    put(store, {"city": "Pune"})
    with pytest.raises(TooManyPreferences):
        put(store, {"city": "Goa"} | {f"v{n}": "x" for n in range(500)})
    assert values(store) == {"city": "Pune"}
    assert len(store.history("293", [WHO[1]], limit=10)) == 1
    assert put(store, {"city": "Goa"}) == 1


def test_many_contacts_in_one_go(store):
    def setting(value):
        return lambda stored: apply_preferences(stored, {"n": value}, now=NOW)

    def failing(_):
        raise TooManyPreferences("n", 1)

    changes = [("b", setting("1")), ("a", setting("2")), ("b", failing), ("b", setting("3"))]
    made = store.change_many("293", changes, ORIGIN)
    assert [type(one).__name__ for one in made][2] == "TooManyPreferences"
    assert [made[place][0].old for place in (0, 1, 3)] == [None, None, "1"]
    assert values(store, ("293", "a")) == {"n": "2"}
    assert values(store, ("293", "b")) == {"n": "3"}
    assert store.change_many("293", [], ORIGIN) == []


def test_many_in_one_go_are_all_or_none(store):
    def bug(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.change_many("293", [("b", bug), ("a", bug)], ORIGIN)
    assert store.count("293") == 0


def test_five_hundred_long_values(store):
    many = {f"v{n:03}": "अ" * 4_000 for n in range(500)}
    assert put(store, many) == 500
    assert values(store) == many


def test_writers_at_once_lose_nothing(store):
    def write(writer):
        for n in range(10):
            put(store, {f"w{writer}": str(n), "last": f"{writer}-{n}"})

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = store.history("293", [WHO[1]], limit=1_000)
    assert len(rows) == 80
    found = values(store)
    assert {found[f"w{writer}"] for writer in range(4)} == {"9"}
    last = [row.change for row in rows if row.change.name == "last"]
    assert found["last"] == last[0].new
    assert [change.old for change in last] == [change.new for change in last[1:]] + [None]


def test_expired_values_go_with_a_row_of_history(store):
    put(store, {"otp": "1"}, days=1)
    put(store, {"city": "Pune"})
    later = NOW + 3 * DAY
    assert store.ended(NOW, 10) == []
    assert store.ended(later, 10) == [WHO]
    store.change(*WHO, lambda stored: drop_expired(stored, now=later), Origin("expiry"))
    assert store.ended(later, 10) == []
    assert store.find(*WHO) == {"city": Preference("Pune")}
    newest = store.history("293", [WHO[1]], limit=1)[0]
    assert newest.change == Change(NOW + DAY, "otp", "1", None, Kind.EXPIRED)


def test_contact_without_values_leaves_no_row(store):
    put(store, {"otp": "1"}, days=1)
    assert store.count("293") == 1
    store.change(*WHO, lambda stored: drop_expired(stored, now=NOW + DAY), Origin("expiry"))
    assert store.count("293") == 0
    assert put(store, {"otp": "2"}) == 1
    assert values(store) == {"otp": "2"}


def erase(store, names=None, now=NOW):
    return store.erase(*WHO, names=names, hashed="hash", at=now, origin=ERASER)


def test_erase_all(stores):
    store = stores.preferences
    put(store, {"city": "Pune", "plan": "gold"})
    put(store, {"city": "Goa"})
    put(store, {"city": "Goa"}, who=("294", WHO[1]))
    stores.consents.add(*WHO, [Consent("recovery", "voice", "refused", NOW)])
    assert erase(store) == 2
    assert store.find(*WHO) == {}
    assert store.history("293", [WHO[1]], limit=10) == []
    log = store.history("293", ["hash"], limit=10)
    assert [row.change.name for row in log] == ["plan", "city"]
    assert log[0].change == Change(NOW, "plan", None, None, Kind.ERASED)
    assert log[0].origin == ERASER
    assert stores.consents.of("293", [WHO[1]]) == []
    assert [row.status for row in stores.consents.of("293", ["hash"])] == ["refused"]
    assert values(store, ("294", WHO[1])) == {"city": "Goa"}


def test_erase_some_names(stores):
    store = stores.preferences
    put(store, {"city": "Pune", "plan": "gold"})
    stores.consents.add(*WHO, [Consent("recovery", "voice", "refused", NOW)])
    assert erase(store, ["city", "unknown"]) == 1
    assert values(store) == {"plan": "gold"}
    assert [row.change.name for row in store.history("293", [WHO[1]], limit=9)] == ["plan"]
    assert [row.change.name for row in store.history("293", ["hash"], limit=9)] == ["city"]
    assert len(stores.consents.of("293", [WHO[1]])) == 1


def test_erase_of_nothing(store):
    assert erase(store) == 0
    (row,) = store.history("293", ["hash"], limit=9)
    assert row == HistoryRow("293", "hash", Change(NOW, "", None, None, Kind.ERASED), ERASER)


def test_erase_takes_history_of_values_that_have_gone(store):
    put(store, {"otp": "1"}, days=1)
    store.change(*WHO, lambda stored: drop_expired(stored, now=NOW + DAY), Origin("expiry"))
    assert erase(store) == 0
    assert store.history("293", [WHO[1]], limit=9) == []
    assert [row.change.name for row in store.history("293", ["hash"], limit=9)] == ["otp"]


def test_write_after_erase_starts_afresh(store):
    put(store, {"city": "Pune"})
    erase(store)
    assert put(store, {"plan": "gold"}) == 1
    assert values(store) == {"plan": "gold"}


def test_stale_writer_never_brings_back_what_was_erased(store):
    put(store, {"city": "Pune"})
    runs = []

    def rule(stored):
        if not runs and type(store).__name__ == "SqlPreferences" and not store._sqlite:
            erase(store)  # between this writer's read and its write
            put(store, {"plan": "gold"})
        runs.append(dict(stored))
        return apply_preferences(stored, {"age": "41"}, now=NOW)

    store.change(*WHO, rule, ORIGIN)
    expected = {"age": "41"} | ({"city": "Pune"} if len(runs) == 1 else {"plan": "gold"})
    assert values(store) == expected


def test_pages_hold_every_contact_once(store):
    contacts = [f"91800037{n:04}" for n in range(25)]
    for contact in contacts:
        put(store, {"n": contact}, who=("293", contact))
    put(store, {"n": "x"}, who=("294", "other"))
    found, after = [], ""
    while page := store.page("293", after=after, limit=10):
        found += page
        after = page[-1][0]
    assert [contact for contact, _ in found] == contacts
    assert found[3][1] == {"n": Preference(contacts[3])}
    assert store.count("293") == 25


def test_old_history_is_purged_in_small_steps(store):
    for n in range(6):
        put(store, {"n": str(n)}, now=NOW + n * DAY)
    assert store.purge_history(NOW + 4 * DAY, 3) == 3
    assert store.purge_history(NOW + 4 * DAY, 3) == 1
    assert store.purge_history(NOW + 4 * DAY, 3) == 0
    assert [row.change.new for row in store.history("293", [WHO[1]], limit=9)] == ["5", "4"]
    assert values(store) == {"n": "5"}


CONSENT = Consent(
    purpose="service_explicit",
    channel="voice",
    status="given",
    at=NOW,
    valid_until=date(2027, 11, 18),
    how="keypad",
    evidence="call-1",
    notice_version="v2",
    language="hi",
    recorded_by="r1",
    id="0b0c0d0e",
)


def test_consents_come_back_as_added_oldest_first(stores):
    consents = stores.consents
    later = Consent("recovery", "any", "refused", NOW + DAY)
    consents.add(*WHO, [later])
    consents.add(*WHO, [CONSENT, Consent("recovery", "sms", "given", NOW + DAY)])
    consents.add("294", WHO[1], [CONSENT])
    found = consents.of("293", [WHO[1], "hash"])
    assert found[:2] == [CONSENT, later]
    assert found[2].channel == "sms"
    assert consents.of("293", ["hash"]) == []
