"""The worked examples hold on SQLite and PostgreSQL through all doors."""

from dataclasses import replace

import pytest

from rules.storage.consents import SqlConsents
from rules.storage.pauses import SqlPauses
from rules.storage.preferences import SqlPreferences
from tests.doors import DOORS, check, read_cases

METHODS = {
    "updateUserPreferences",
    "fetchUserPreferences",
    "updatePauseStatusForCLI",
    "fetchPauseStatusForCLI",
    "pullBreakReport",
}
WORKED = [
    case
    for case in read_cases()
    if case.method in METHODS and case.why.startswith("worked example")
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", WORKED, ids=lambda case: f"{case.method}-{case.why[16:]}"[:60])
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_worked_example(store, case, door, request, tmp_path):
    engine = request.getfixturevalue(f"{store}_engine")
    stores = {
        "preferences": SqlPreferences(engine),
        "consents": SqlConsents(engine),
        "pauses": SqlPauses(engine),
    }
    database = engine.url.render_as_string(hide_password=False)
    check(door, replace(case, stores=stores, database=database), tmp_path)


def test_all_of_them_are_here():
    assert len(WORKED) == 11
