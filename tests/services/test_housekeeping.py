"""Housekeeping on all three stores: what is past its end goes, in small steps, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rules.methods import answer
from rules.services.housekeeping import prefs_tasks
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


def sweep(services, task, *, batch=500):
    tasks = prefs_tasks(services.preferences, services.pauses, services.accounts, batch=batch)
    return tasks[task](services.clock())


@pytest.mark.parametrize("task", ["preferences", "preference history", "breaks"])
def test_nothing_to_do(services, task):
    remember(services, "9800000001", user_city="Pune")
    call(services, "updatePauseStatusForCLI", pause="true", cli="9800000001", accountID="293")
    assert sweep(services, task) == 0


def test_expired_values_go(services):
    for n in range(5):
        remember(services, f"980000000{n}", user_otp="1", prefsTtlDays=1)
        remember(services, f"980000000{n}", user_city="Pune")
    later = at(services, NOW + 2 * DAY)
    assert [sweep(later, "preferences", batch=2) for _ in range(4)] == [2, 2, 1, 0]
    assert set(services.preferences.find("293", "919800000001")) == {"city"}


def test_pauses_that_ended_by_themselves_are_closed_there(services):
    for cli, account in (("9800000001", "293"), ("9800000002", "294"), ("9800000003", "293")):
        call(services, "updatePauseStatusForCLI", pause="true", cli=cli, accountID=account)
    later = at(services, NOW + timedelta(hours=1))
    report = call(later, "pullBreakReport")
    assert [sweep(later, "breaks", batch=1) for _ in range(3)] == [1, 1, 0]
    assert call(later, "pullBreakReport") == report, "readers knew it before"
    assert [one.cli for one in services.pauses.all_running()] == ["919800000002"]


def test_history_older_than_a_year_goes(services):
    remember(services, "9800000001", user_city="Pune")
    remember(at(services, NOW + 100 * DAY), "9800000001", user_city="Goa")
    days = (365, 366)
    assert [sweep(at(services, NOW + n * DAY), "preference history") for n in days] == [0, 1]
    assert services.preferences.find("293", "919800000001")["city"].value == "Goa"
