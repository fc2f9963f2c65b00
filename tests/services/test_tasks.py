"""Everything that expires is looked after: the tasks of an installation, run on both stores."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.bootstrap import build, prepare_database
from rules.settings import Settings
from rules.worker import sweep

TASKS = {
    "orders": "due orders that nobody looked at",
    "live": "answers and questions of live number sources",
    "messages": "flow-end messages after 30 days",
    "links": "targets of links 90 days after they expired",
    "webhook variables": "kept variables after 365 days",
    "translations": "translations past their term",
    "nodes": "delivery processes not seen for a day",
}


@pytest.fixture
def services(address):
    settings = Settings(database=address)
    prepare_database(settings)
    return build(settings)


def test_every_task_is_there_and_runs(services, caplog):
    assert set(TASKS) <= set(services.housekeeping)
    counts = sweep(services)
    assert set(counts) == set(services.housekeeping)
    assert set(counts.values()) == {0}, "a new database has nothing to delete"
    assert "housekeeping failed" not in caplog.text


def test_preferences_breaks_and_reports_are_among_them(services):
    others = " ".join(sorted(set(services.housekeeping) - set(TASKS)))
    for word in ("preference", "break", "history", "report"):
        assert word in others


def test_a_task_that_fails_leaves_the_others_to_be_done(services, caplog):
    done = []

    def fail(_):
        raise ValueError("919876543210")

    tasks = {"bad": fail, "good": lambda now: len(done) or done.append(now) or 0}
    object.__setattr__(services, "housekeeping", tasks)
    assert sweep(services)["bad"] == 0
    assert len(done) == 1
    assert done[0] - services.clock() < timedelta(minutes=1)
    assert "housekeeping failed" in caplog.text
