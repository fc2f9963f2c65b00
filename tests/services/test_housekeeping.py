"""Housekeeping on all three stores: what is past its end goes, in small steps, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rules.methods import answer
from rules.services.housekeeping import Swept, sweep
from rules.storage.pauses import SqlPauses
from rules.storage.preferences import SqlPreferences
from rules.testing import at, make_services
from tests.stores import three_stores

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
DAY = timedelta(days=1)
ACCOUNTS = {
    "account": {
        "293": {"pause_default_minutes": 30},
        "294": {"pause_default_minutes": 30, "pause_auto_end": False},
    }
}


def on(engine):
    kept = make_services(now=NOW, accounts=ACCOUNTS)
    return replace(kept, preferences=SqlPreferences(engine), pauses=SqlPauses(engine))


services = three_stores(lambda: make_services(now=NOW, accounts=ACCOUNTS), on)


def call(services, method, **fields):
    keys = [{"name": name.replace("user_", "$user.key."), "value": v} for name, v in fields.items()]
    reply = answer({"keys": keys}, services, method=method)
    assert reply.status == 200
    return {key["name"].split(".")[-1]: key["value"] for key in reply.body["keys"]}


def remember(services, contact, **values):
    call(services, "updateUserPreferences", contactNumber=contact, accountID="293", **values)


def test_nothing_to_do(services):
    remember(services, "9800000001", user_city="Pune")
    assert sweep(services, NOW) == Swept()
    assert Swept().total == 0


def test_expired_values_go(services):
    for n in range(5):
        remember(services, f"980000000{n}", user_otp="1", prefsTtlDays=1)
        remember(services, f"980000000{n}", user_city="Pune")
    later = NOW + 2 * DAY
    assert [sweep(services, later, limit=2).expired for _ in range(4)] == [2, 2, 1, 0]
    assert set(services.preferences.find("293", "919800000001")) == {"city"}


def test_pauses_that_ended_by_themselves_are_closed_there(services):
    for cli, account in (("9800000001", "293"), ("9800000002", "294"), ("9800000003", "293")):
        call(services, "updatePauseStatusForCLI", pause="true", cli=cli, accountID=account)
    later = at(services, NOW + timedelta(hours=1))
    report = call(later, "pullBreakReport")
    assert [sweep(later, later.clock(), limit=1).closed for _ in range(3)] == [1, 1, 0]
    assert call(later, "pullBreakReport") == report, "readers knew it before"
    assert [one.cli for one in services.pauses.all_running()] == ["919800000002"]


def test_history_older_than_a_year_goes(services):
    remember(services, "9800000001", user_city="Pune")
    later = at(services, NOW + 100 * DAY)
    remember(later, "9800000001", user_city="Goa")
    assert sweep(services, NOW + 365 * DAY).purged == 0
    assert sweep(services, NOW + 366 * DAY).purged == 1
    assert services.preferences.find("293", "919800000001")["city"].value == "Goa"


def test_an_installation_without_stores_has_nothing_to_do(services):
    bare = replace(services, preferences=None, pauses=None)
    assert sweep(bare, NOW + 999 * DAY) == Swept()


@pytest.mark.parametrize("what", ["expired", "closed", "purged"])
def test_total_counts_all(what):
    assert Swept(**{what: 3}).total == 3
