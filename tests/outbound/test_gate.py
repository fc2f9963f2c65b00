"""The call gate: every worked example, dates and zones, narrowing, and what it says besides."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from rules.outbound import (
    CallQuestion,
    CallRules,
    Purpose,
    Verdict,
    check_call,
    is_indian,
    load_rules,
)
from rules.outbound.records import RuleKind, Severity, Status
from tests._cases import cases
from tests.outbound.made import clock, settings
from tests.rows import each

RULES = load_rules()
INDIAN = "919876543210"


def ask(purpose, at, *, number=INDIAN, rules=RULES, **given):
    question = CallQuestion(number, Purpose(purpose), clock(at))
    return check_call(question, rules=rules, settings=settings(**given))


def changed(rule_id, **given):
    """The rules with one record changed."""
    return CallRules(
        tuple(replace(r, **given) if r.id == rule_id else r for r in RULES.records), "test"
    )


def added(**given):
    """The rules with one more window record."""
    base = next(r for r in RULES.records if r.id == "R11")
    record = replace(base, **{"id": "X1", "purposes": frozenset(), **given})
    return CallRules((*RULES.records, record), "test")


@each("row", cases("call_gate"))
def test_verdict(row):
    question = CallQuestion(
        INDIAN,
        Purpose(row["purpose"]),
        datetime.fromisoformat(row["at"]),
        row["caller_id"] or None,
        row["entity_type"] or None,
    )
    decision = check_call(question, rules=RULES, settings=settings())
    assert decision.verdict.value == row["verdict"]
    at = decision.at.isoformat().replace("+00:00", "Z") if decision.at else ""
    assert at == row["allowed_at"]
    assert {f"{s.id}:{s.effect.value}" for s in decision.rules} == set(row["rules"].split())
    assert set(decision.warnings) == set(row["warnings"].split())


def test_caller_id_and_entity_type_from_the_settings():
    given = {"caller_id": "9876543210", "entity_type": "commercial_bank"}
    assert ask("transactional", "11:00", **given).verdict is Verdict.BLOCK
    assert ask("transactional", "11:00", caller_id="1600000001").verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    ("number", "indian"), [(INDIAN, True), ("14155550123", False), ("9198765432101", False)]
)
def test_which_numbers_are_indian(number, indian):
    assert is_indian(number) is indian


def test_another_country_has_no_rules_here():
    decision = ask("promotional", "23:30", number="14155550123")
    assert (decision.verdict, decision.warnings) == (Verdict.ALLOW, ("NO_RULES_FOR_COUNTRY",))
    assert decision.at == clock("23:30")
    assert decision.rules == ()


@pytest.mark.parametrize(
    ("at", "change", "why"),
    [
        ("09:30", "10:00", "a deferral: when it may be made"),
        ("11:00", "21:00", "allowed until the window ends"),
        ("21:00", "2026-11-19T10:00:00+05:30", "the next morning"),
    ],
)
def test_next_change_of_a_promotional_call(at, change, why):
    assert ask("promotional", at).next_change == clock(change), why


def test_no_change_within_thirty_days():
    assert ask("transactional", "11:00").next_change is None


def test_a_blocking_caller_id_leaves_the_hours_of_the_day():
    decision = ask("promotional", "23:30", caller_id="9876543210")
    assert (decision.verdict, decision.against) == (Verdict.BLOCK, ("R8a",))
    assert list(map(str, decision.window_today)) == ["10:00-21:00"]


def test_a_block_of_another_kind_is_no_change():
    question = CallQuestion(
        INDIAN,
        Purpose.SERVICE_EXPLICIT,
        clock("2025-12-31T20:30:00+05:30"),
        "9876543210",
        "commercial_bank",
    )
    decision = check_call(question, rules=RULES, settings=settings())
    assert (decision.verdict, decision.next_change) == (Verdict.BLOCK, None)


@pytest.mark.parametrize(
    ("begins", "change"), [(date(2027, 1, 1), "2026-12-02T09:00:00+05:30"), (None, None)]
)
def test_a_deferral_that_comes_within_reach_is_a_change(begins, change):
    never = changed("R11", value="03:00-04:00")
    if begins:
        last = date.fromordinal(begins.toordinal() - 1)
        old = next(r for r in never.records if r.id == "R11")
        later = replace(old, version=2, value="09:00-18:00", effective_from=begins)
        kept = [r for r in never.records if r.id != "R11"]
        never = CallRules((*kept, replace(old, effective_to=last), later), "test")
    decision = ask("recovery", "11:00", rules=never, call_hours="09:00-22:00")
    assert decision.verdict is Verdict.BLOCK
    assert decision.next_change == (clock(change) if change else None)


@each(
    ("number", "indian"),
    [
        ("919876543210", True),
        ("+919876543210", True),
        ("14155550123", False),
        ("+6561234567", False),
    ],
)
def test_numbers_that_can_be_judged(number, indian):
    decision = ask("promotional", "23:30", number=number)
    assert decision.verdict is (Verdict.DEFER if indian else Verdict.ALLOW)


@each(
    "number",
    ["9876543210", "09876543210", "91 98765 43210", "9198765432101", "98765XXXXX", "", "163", "+"],
)
def test_numbers_that_cannot_be_judged(number):
    with pytest.raises(ValueError, match="digits with country code"):
        ask("promotional", "11:00", number=number)


@each("number", [INDIAN, "14155550123"])
def test_a_moment_without_an_offset_cannot_be_judged(number):
    with pytest.raises(ValueError, match="with an offset"):
        ask("promotional", "2026-11-18T11:00:00", number=number)


def test_a_rule_that_begins_is_a_change():
    question = CallQuestion(
        INDIAN,
        Purpose.TRANSACTIONAL,
        datetime.fromisoformat("2025-12-31T11:00:00+05:30"),
        "9876543210",
        "commercial_bank",
    )
    decision = check_call(question, rules=RULES, settings=settings())
    assert decision.next_change == datetime.fromisoformat("2026-01-01T00:00:00+05:30")


def test_a_deferral_looks_at_the_rules_of_its_own_day():
    at = "2025-12-31T20:30:00+05:30"
    question = CallQuestion(
        INDIAN, Purpose.SERVICE_EXPLICIT, clock(at), "9876543210", "commercial_bank"
    )
    decision = check_call(question, rules=RULES, settings=settings())
    assert decision.verdict is Verdict.BLOCK, "from tomorrow the caller id is forbidden"
    assert "NO_ALLOWED_HOUR" in decision.warnings


@each(
    ("given", "at", "verdict", "allowed", "why"),
    [
        ("12:00-18:00", "11:00", "defer", "12:00", "the account narrows"),
        ("12:00-18:00", "12:00", "allow", "12:00", "inside its own hours"),
        ("06:00-23:00", "22:00", "defer", "2026-11-19T10:00:00+05:30", "it cannot widen"),
        ({"recovery": "12:00-13:00"}, "11:00", "allow", "11:00", "hours for another purpose"),
        ({"promotional": "12:00-13:00"}, "11:00", "defer", "12:00", "hours for this one"),
        ("20:00-06:00", "11:00", "defer", "20:00", "hours past midnight, cut by the law"),
    ],
)
def test_an_account_may_only_narrow(given, at, verdict, allowed, why):
    decision = ask("promotional", at, call_hours=given)
    assert (decision.verdict.value, decision.at) == (verdict, clock(allowed)), why


def test_the_account_speaks_as_a_record():
    decision = ask("promotional", "11:00", call_hours="12:00-18:00")
    assert decision.against == ("ACCOUNT",)
    assert list(map(str, decision.window_today)) == ["12:00-18:00"]


def test_no_allowed_hour_blocks():
    decision = ask("promotional", "11:00", call_hours="22:00-23:00")
    assert decision.verdict is Verdict.BLOCK
    assert decision.at is None
    assert decision.window_today == ()
    assert "NO_ALLOWED_HOUR" in decision.warnings
    assert decision.next_change is None


def test_callback_hours_of_the_account():
    assert ask("appointment_callback", "20:15", callback_hours="09:00-21:00").at == clock("20:15")
    assert ask("appointment_callback", "21:15", callback_hours="09:00-21:00").at == clock(
        "2026-11-19T09:00:00+05:30"
    )


def test_reject_turns_a_deferral_into_a_refusal():
    decision = ask("recovery", "19:00", on_outside_window="reject")
    assert (decision.verdict, decision.at) == (Verdict.BLOCK, None)
    assert decision.against == ("R11",)
    assert decision.next_change == clock("2026-11-19T08:00:00+05:30")
    assert ask("recovery", "18:00", on_outside_window="reject").verdict is Verdict.ALLOW


def test_a_window_may_block_or_only_warn():
    blocking = changed("R11", severity=Severity.BLOCK)
    assert ask("recovery", "19:00", rules=blocking).verdict is Verdict.BLOCK
    warning = ask("recovery", "19:00", rules=changed("R11", severity=Severity.WARN))
    assert warning.verdict is Verdict.ALLOW
    assert "OUTSIDE_WINDOW" in warning.warnings


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUPERSEDED])
def test_what_is_not_in_force_never_acts(status):
    decision = ask("recovery", "19:00", rules=changed("R11", status=status))
    assert decision.verdict is Verdict.ALLOW
    assert decision.would_apply == ()


def test_drafts_are_shown_to_those_who_want():
    draft = added(status=Status.DRAFT, value="09:00-18:00")
    decision = ask("recovery", "18:30", rules=draft, show_drafts=True)
    assert decision.verdict is Verdict.ALLOW
    assert [(s.id, s.effect.value) for s in decision.would_apply] == [("X1", "defer")]


def test_the_highest_version_of_the_day_speaks():
    old = next(r for r in RULES.records if r.id == "R11")
    rules = CallRules(
        (
            replace(old, effective_to=date(2026, 11, 18)),
            replace(old, version=2, effective_from=date(2026, 11, 19), value="09:00-18:00"),
        ),
        "test",
    )
    today = ask("recovery", "18:30", rules=rules)
    assert [(s.id, s.version) for s in today.rules] == [("R11", 1)]
    tomorrow = ask("recovery", "2026-11-19T18:30:00+05:30", rules=rules)
    assert [(s.id, s.version) for s in tomorrow.rules] == [("R11", 2)]
    deferred = ask("recovery", "19:30", rules=rules)
    assert deferred.at == clock("2026-11-19T09:00:00+05:30"), "by the rules of its own day"


def test_overlapping_versions_the_higher_wins():
    old = next(r for r in RULES.records if r.id == "R11")
    for records in ((old, replace(old, version=2)), (replace(old, version=2), old)):
        said = ask("recovery", "11:00", rules=CallRules(records)).rules
        assert [s.version for s in said] == [2]


def test_a_window_for_some_entity_types():
    rules = added(entity_types=frozenset({"insurer"}), value="12:00-13:00")
    unknown = ask("transactional", "11:00", rules=rules)
    assert unknown.verdict is Verdict.ALLOW
    assert "ENTITY_TYPE_UNKNOWN" in unknown.warnings
    assert ask("transactional", "11:00", rules=rules, entity_type="insurer").at == clock("12:00")
    assert ask("transactional", "11:00", rules=rules, entity_type="cra").at == clock("11:00")


def test_windows_of_two_zones():
    from zoneinfo import ZoneInfo

    rules = added(zone=ZoneInfo("UTC"), value="06:00-12:00")
    decision = ask("recovery", "10:30", rules=rules)
    assert decision.at == clock("11:30"), "06:00 UTC"
    assert decision.at.utcoffset() == timedelta(hours=5, minutes=30)


def test_kinds_and_statuses_of_the_table():
    assert {r.kind for r in RULES.records} == set(RuleKind)
    assert {r.status for r in RULES.records} == {
        Status.IN_FORCE,
        Status.OPERATOR_PRACTICE,
        Status.HOUSE_RULE,
    }
