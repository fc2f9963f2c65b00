"""Laws of preferences, consent and pauses, for any values and moments."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.errors import ContactTooLong, UnreadableNumber
from rules.prefs import (
    AgentState,
    EndedBy,
    Interval,
    Kind,
    PausePolicy,
    apply_preferences,
    break_rows,
    contact_id,
    drop_expired,
    end_if_over,
    pause,
    resume,
    state_at,
    visible,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=30)).map(lambda d: START + d)
names = st.sampled_from(["city", "plan", "otp", "वय"])
changes = st.dictionaries(names, st.none() | st.text(max_size=3), max_size=4)
terms = st.none() | st.integers(1, 20)
writes = st.lists(st.tuples(moments, changes, terms), max_size=6)
zones = st.sampled_from(["Asia/Kolkata", "America/New_York", "UTC", "Australia/Lord_Howe"])
laws = settings()


def applied(steps):
    """What is stored after these writes, in order of time, and all history."""
    stored, history = {}, []
    for now, change, days in sorted(steps, key=lambda step: step[0]):
        stored, rows = apply_preferences(stored, change, now=now, ttl=lambda _, d=days: d)
        history += rows
    return stored, history


@laws
@given(st.text(st.sampled_from("0123456789+- ()xOl*ABCअ९"), max_size=16))
def test_contact_id_of_its_own_result_is_the_same(text):
    try:
        first = contact_id(text)
    except (UnreadableNumber, ContactTooLong):
        return
    assert contact_id(first.written).value == first.value


@laws
@given(writes, moments, changes, terms)
def test_apply_twice_is_apply_once(steps, now, change, days):
    stored, _ = applied(steps)
    once, _ = apply_preferences(stored, change, now=now, ttl=lambda _: days)
    assert apply_preferences(once, change, now=now, ttl=lambda _: days) == (once, [])


@laws
@given(writes, moments)
def test_nothing_is_seen_after_its_end(steps, now):
    stored, _ = applied(steps)
    seen = visible(stored, now=now)
    assert set(seen) <= set(stored)
    assert all(stored[n].expires is None or stored[n].expires > now for n in seen)
    kept, ended = drop_expired(stored, now=now)
    assert visible(kept, now=now) == seen
    assert {c.name for c in ended} == set(stored) - set(seen)


@laws
@given(writes)
def test_history_tells_how_each_value_came(steps):
    stored, history = applied(steps)
    last = {}
    for row in history:
        assert last.get(row.name) == row.old
        last[row.name] = row.new
    assert {name: one.value for name, one in stored.items()} == {
        name: value for name, value in last.items() if value is not None
    }
    assert all((row.new is None) == (row.kind is Kind.EXPIRED) for row in history)


steps = st.lists(
    st.tuples(
        moments,
        st.sampled_from(["pause", "resume", "worker"]),
        st.sampled_from("AB"),
        st.integers(0, 20),  # hours until the planned end, 0 for none
    ),
    max_size=8,
)


def played(acts, policy, *, worker):
    """State and closed intervals after these acts, with or without the worker's."""
    state, closed = AgentState("919879912345"), ()
    for at, act, reason, hours in sorted(acts):
        until = at + timedelta(hours=hours) if hours else None
        if act == "pause":
            state, more = pause(state, at=at, reason=reason, until=until, policy=policy)
        elif act == "resume":
            state, more = resume(state, at=at, policy=policy)
        else:
            state, more = end_if_over(state, at=at, policy=policy) if worker else (state, ())
        closed += more
    return state, closed


@laws
@given(steps, st.booleans(), st.timedeltas(timedelta(), timedelta(days=2)))
def test_state_is_the_same_whether_or_not_the_worker_ran(acts, auto_end, later):
    policy = PausePolicy(auto_end=auto_end)
    now = max([at for at, *_ in acts], default=START) + later
    with_worker, closed = played(acts, policy, worker=True)
    without, closed_late = played(acts, policy, worker=False)
    assert state_at(with_worker, at=now, policy=policy) == state_at(without, at=now, policy=policy)
    ended, more = end_if_over(without, at=now, policy=policy)
    assert state_at(ended, at=now, policy=policy) == state_at(without, at=now, policy=policy)
    done = end_if_over(with_worker, at=now, policy=policy)[1]
    assert closed + done == closed_late + more


@laws
@given(moments, st.timedeltas(timedelta(), timedelta(days=9)), zones)
def test_split_rows_add_up_to_the_interval(start, length, zone):
    interval = Interval("1", "", "", start, None, start + length, EndedBy.AGENT)
    found = break_rows(
        [interval],
        start=date(2026, 10, 1),
        end=date(2027, 1, 31),
        now=START + timedelta(days=90),
        zone=ZoneInfo(zone),
    )
    assert sum((row.length for row in found), timedelta()) == length
    assert all(row.start.date() == row.date for row in found)
    days = [row.date for row in found]
    assert days == sorted(set(days))
