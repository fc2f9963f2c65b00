"""Laws of the call gate, for any moment, purpose, caller id and record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.outbound import (
    CallQuestion,
    CallRules,
    Purpose,
    Verdict,
    check_call,
    load_rules,
    open_order,
)
from rules.outbound.records import RuleKind, Severity, Status
from rules.outbound.settings import read_settings
from tests.outbound.made import grounds, planned

RULES = load_rules()
WINDOW = next(record for record in RULES.records if record.id == "R11")

moments = st.datetimes(
    datetime(2011, 1, 1),  # noqa: DTZ001  the strategy adds the zone
    datetime(2028, 1, 1),  # noqa: DTZ001  as above
    timezones=st.sampled_from([UTC, WINDOW.zone]),
).map(lambda moment: moment.replace(microsecond=0))
questions = st.builds(
    CallQuestion,
    st.sampled_from(["919876543210", "14155550123"]),
    st.sampled_from(Purpose),
    moments,
    st.sampled_from([None, "1401234567", "1600123456", "9876543210"]),
    st.sampled_from([None, *sorted(RULES.entity_types)]),
)
hours = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda pair: pair[0] != pair[1])
windows = hours.map(lambda pair: f"{pair[0]:02}:00-{pair[1]:02}:30")
accounts = st.builds(
    read_settings,
    st.fixed_dictionaries({}, optional={"call_hours": windows, "callback_hours": windows}),
)
more = st.builds(
    lambda value, severity, purposes: replace(
        WINDOW,
        id="X1",
        value=value,
        severity=severity,
        purposes=frozenset(purposes),
        kind=RuleKind.WINDOW,
        status=Status.IN_FORCE,
        effective_from=None,
    ),
    windows,
    st.sampled_from(Severity),
    st.sets(st.sampled_from(Purpose)),
)
RANK = {Verdict.ALLOW: 0, Verdict.DEFER: 1, Verdict.BLOCK: 2}


@given(questions, accounts)
def test_asked_again_at_its_moment_the_answer_is_allow(question, account):
    decision = check_call(question, rules=RULES, settings=account)
    if decision.verdict is Verdict.BLOCK:
        assert decision.at is None
        return
    again = check_call(replace(question, at=decision.at), rules=RULES, settings=account)
    assert (again.verdict, again.at) == (Verdict.ALLOW, decision.at)
    assert decision.at >= question.at
    if decision.verdict is Verdict.ALLOW:
        assert decision.at == question.at


@given(questions, accounts, more)
def test_one_more_window_never_frees_a_call(question, account, record):
    before = check_call(question, rules=RULES, settings=account)
    rules = CallRules((*RULES.records, record))
    after = check_call(question, rules=rules, settings=account)
    assert RANK[after.verdict] >= RANK[before.verdict]
    if before.at is not None and after.at is not None:
        assert after.at >= before.at


@given(questions, accounts)
def test_the_answer_stays_until_its_next_change(question, account):
    decision = check_call(question, rules=RULES, settings=account)
    if decision.next_change is not None:
        assert decision.next_change > question.at
        at_change = check_call(
            replace(question, at=decision.next_change), rules=RULES, settings=account
        )
        assert (at_change.verdict, at_change.at) != (decision.verdict, decision.at) or (
            decision.verdict is Verdict.DEFER
        )


@given(moments, st.integers(0, 3000))
def test_without_a_purpose_no_byte_differs(now, delay):
    order = planned(now=now, delay_minutes=delay)
    opened = open_order(order, now=now, grounds=grounds())
    assert opened.body == order.body
    assert opened.start == order.start


def plain_view(question, at, account):
    """The same rules read once more in the plainest way: may a call start at this moment?"""
    local = at.astimezone(WINDOW.zone)
    caller = "".join(filter(str.isdigit, question.caller_id or ""))
    own = account.call_hours.get(None)
    inside = own is None or own.holds(local.time())
    for record in RULES.records:
        begun = record.effective_from is None or record.effective_from <= local.date()
        if not begun or question.purpose not in record.purposes:
            continue
        if record.kind is RuleKind.SERIES:
            mine = not record.entity_types or question.entity_type in record.entity_types
            wrong = not any(caller.startswith(start) for start in record.value.split("|"))
            if caller and mine and wrong and record.severity is Severity.BLOCK:
                return "block"
        elif record.kind is RuleKind.ACCOUNT_WINDOW:
            inside = inside and account.callback_hours.holds(local.time())
        else:
            opens, closes = record.value.split("-")
            inside = inside and opens <= f"{local:%H:%M}" < closes
    return "allow" if inside else "wait"


@given(questions, accounts, st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_a_plain_reading_of_the_rules_agrees(question, account, parts):
    decision = check_call(question, rules=RULES, settings=account)
    if question.number == "14155550123":
        assert decision.verdict is Verdict.ALLOW
        return
    now = plain_view(question, question.at, account)
    never = "NO_ALLOWED_HOUR" in decision.warnings
    words = {Verdict.ALLOW: "allow", Verdict.DEFER: "wait", Verdict.BLOCK: "block"}
    assert now == ("wait" if never else words[decision.verdict])
    if now != "wait":
        return
    until = decision.at or question.at + timedelta(days=30)
    moments = [question.at + (until - question.at) * part for part in parts]
    for moment in (*moments, until - timedelta(seconds=1)):
        if question.at <= moment < until:
            assert plain_view(question, moment, account) != "allow", "not the first moment"
    assert never or plain_view(question, until, account) == "allow"
