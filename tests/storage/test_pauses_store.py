"""Contract of the pause store, on memory, SQLite and PostgreSQL."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.prefs import AgentState, EndedBy, Interval, PausePolicy, pause, resume
from rules.storage.memory.pauses import MemoryPauses
from rules.storage.pauses import SqlPauses
from tests.stores import three_stores

store = three_stores(MemoryPauses, SqlPauses)

NOW = datetime(2026, 11, 18, 5, 0, 0, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLI = "919879912345"
POLICY = PausePolicy(auto_end=False)
ALWAYS = (NOW - timedelta(days=9), NOW + timedelta(days=9))


def begin(store, at=NOW, *, cli=CLI, reason=None, until=None, account="293"):
    return store.change(
        cli,
        account,
        lambda state: pause(state, at=at, reason=reason, until=until, policy=POLICY),
    )


def end(store, at, cli=CLI):
    return store.change(cli, "293", lambda state: resume(state, at=at, policy=POLICY))


def test_nobody_is_paused_at_first(store):
    assert store.running(CLI) is None
    assert store.all_running() == []
    assert store.overlapping(*ALWAYS) == []


def test_pause_is_found_as_it_was_made(store):
    state = begin(store, reason="LUNCH", until=NOW + 45 * MINUTE)
    expected = Interval(CLI, "293", "LUNCH", NOW, NOW + 45 * MINUTE)
    assert state == AgentState(CLI, "293", expected)
    assert store.running(CLI) == expected
    assert store.all_running() == [expected]
    assert store.running("919800000000") is None


def test_new_end_moves_the_open_interval(store):
    begin(store)
    begin(store, NOW + MINUTE, until=NOW + 9 * MINUTE)
    assert store.overlapping(*ALWAYS) == [Interval(CLI, "293", "", NOW, NOW + 9 * MINUTE)]


def test_other_reason_closes_and_opens(store):
    begin(store, reason="TEA")
    begin(store, NOW + 5 * MINUTE, reason="LUNCH")
    at = NOW + 5 * MINUTE
    assert store.overlapping(*ALWAYS) == [
        Interval(CLI, "293", "TEA", NOW, None, at, EndedBy.REASON_CHANGE),
        Interval(CLI, "293", "LUNCH", at),
    ]


def test_end_and_pause_again(store):
    begin(store)
    assert end(store, NOW + MINUTE).running is None
    assert store.running(CLI) is None
    begin(store, NOW + 2 * MINUTE)
    found = store.overlapping(*ALWAYS)
    assert [one.ended_by for one in found] == ["agent", "open"]


def test_rule_that_raises_changes_nothing(store):
    begin(store)

    def fail(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.change(CLI, "293", fail)
    assert len(store.overlapping(*ALWAYS)) == 1


def test_running_agent_keeps_its_account(store):
    begin(store)
    assert begin(store, NOW + MINUTE, account="777").account == "293"


def test_overlapping_looks_at_time_and_filters(store):
    begin(store, reason="TEA")
    end(store, NOW + 10 * MINUTE)
    begin(store, NOW + 20 * MINUTE, cli="919800000001", account="294")
    at = [NOW + n * MINUTE for n in (-5, 0, 10, 15, 30)]

    def found(start, end, **filters):
        return [one.cli[-2:] for one in store.overlapping(at[start], at[end], **filters)]

    assert found(0, 1) == []
    assert found(1, 2) == ["45"]
    assert found(2, 3) == []
    assert found(3, 4) == ["01"]
    assert found(0, 4) == ["45", "01"]
    assert found(0, 4, cli=CLI) == ["45"]
    assert found(0, 4, account="294") == ["01"]
    assert found(0, 4, cli=CLI, account="294") == []


def test_past_end_lists_the_longest_past_first(store):
    for n, minutes in enumerate((3, 1, 2)):
        begin(store, cli=f"91980000000{n}", until=NOW + minutes * MINUTE)
    begin(store, cli="919800000009")
    past = store.past_end(NOW + 2 * MINUTE)
    assert [one.cli[-1] for one in past] == ["1", "2"]


def test_many_pausing_one_agent_open_one_interval(store):
    def work(n):
        for k in range(5):
            begin(store, NOW + n * MINUTE, reason=f"R{n}{k}")
            end(store, NOW + (n + 1) * MINUTE)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    begin(store, NOW + 60 * MINUTE)
    found = store.overlapping(NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert [one for one in found if one.end is None] == [store.running(CLI)]
    assert all(replace(one, cli=CLI) == one for one in found)
