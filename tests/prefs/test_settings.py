"""Account settings of preferences and pauses, and the list of agents."""

import json

import pytest

from rules.errors import SettingMistake
from rules.prefs import PREFS, Agent, Roster, read_roster
from rules.settings import Accounts
from tests._cases import cases
from tests.rows import each


def build(mapping, files=None):
    return PREFS.build(mapping, files or {})


@each("row", cases("pref_settings"))
def test_setting(row):
    given = {row["setting"]: json.loads(row["value"])}
    if not row["mistake"]:
        build(given)
        return
    with pytest.raises(SettingMistake) as caught:
        build(given)
    assert caught.value.key == row["setting"]
    assert row["mistake"] in caught.value.message


@each("row", cases("roster"))
def test_list_of_agents(row):
    if not row["mistake"]:
        read_roster(row["text"])
        return
    with pytest.raises(SettingMistake) as caught:
        build({"agents": "a.csv"}, {"a.csv": row["text"]})
    assert row["mistake"] in caught.value.message
    assert "9879912345" not in caught.value.message


def test_agents_are_found_by_number():
    roster = build(
        {"agents": "a.csv"},
        {"a.csv": "number,name,account,active\n98799 12345,Asha,293,\n9800000001,,294,No\n"},
    ).roster
    assert roster.find("919879912345") == Agent("919879912345", "Asha", "293", active=True)
    assert roster.knows("919879912345")
    assert not roster.knows("919800000001")
    assert not roster.knows("919800000002")
    assert roster.find("919800000002") is None


def test_no_list_knows_every_number():
    assert build({}).roster == Roster()
    assert Roster().knows("919800000002")
    assert read_roster("").knows("919800000002")


def test_account_without_settings():
    found = Accounts().settings(PREFS)
    assert (found.ttl_days, found.language_preference, found.names.strict) == ({}, "", False)
    assert found.pauses.auto_end
    assert found.pauses.planned_minutes("LUNCH") is None
    assert str(found.zone) == "Asia/Kolkata"


@each(
    ("maximum", "default", "reason", "minutes", "why"),
    [
        (None, None, "LUNCH", 45, "a reason's own time"),
        (None, 30, "TEA", 30, "a reason without a time takes the default"),
        (None, 30, "", 30, "no reason takes the default"),
        (None, None, "TEA", None, "nothing says when it ends"),
        (40, None, "LUNCH", 40, "no plan is longer than the maximum"),
        (60, 90, "TEA", 60, "not even the default"),
    ],
)
def test_planned_minutes(maximum, default, reason, minutes, why):
    given = {"pause_reasons": [{"code": "LUNCH", "minutes": 45}, {"code": "TEA"}]}
    if maximum:
        given["pause_max_minutes"] = maximum
    if default:
        given["pause_default_minutes"] = default
    assert build(given).pauses.planned_minutes(reason) == minutes, why
