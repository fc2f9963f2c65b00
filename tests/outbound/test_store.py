"""One contract for every order store: memory, SQLite, PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from rules.outbound import Purpose, State, cancel
from rules.storage import transaction
from rules.storage.memory.outbound import MemoryOrders
from rules.storage.outbound import SqlOrders
from tests.outbound.made import (
    DOWN,
    LOST,
    NO,
    NOW,
    TAKEN,
    URL,
    at,
    claimed,
    ended,
    grounds,
    opened,
    tried,
)
from tests.stores import three_stores

DAY = timedelta(hours=24)
store = three_stores(MemoryOrders, SqlOrders)


def kept(store, *orders):
    for order in orders:
        assert store.accept(order, memory=DAY) is None
    return orders[-1]


def test_an_order_comes_back_as_it_was_kept(store):
    order = opened(
        contact_numbers="9876543210; 98765XXXXX; +1 415 555 0123",
        keys=(("$flow.key.city", "Pune"), ("$flow.key.नाम", "आशा")),
        purpose=Purpose.PROMOTIONAL,
        delay_minutes=60 * 11,
        account="293",
        flow="58",
        idempotency_key="call-1",
    )
    kept(store, order)
    assert store.get("o-1") == order
    assert store.get("o-1").start.isoformat() == "2026-11-19T10:00:00+05:30"
    assert store.get("o-1").notes == ("MASKED_NUMBER", "DEFERRED", "R5a", "R5b")


def test_an_unknown_id_is_none(store):
    assert store.get("nobody") is None
    assert store.find("nobody") is None
    assert store.find("") is None
    assert store.settled("nobody", seconds=0) is None


def test_every_change_is_kept_with_its_facts(store):
    queued = kept(store, opened())
    sending = claimed(queued)
    assert store.save(sending, was=queued)
    assert store.get("o-1") == sending
    down = ended(sending, replace(LOST, retry_after=7))
    assert store.save(down, was=sending)
    accepted = tried(down, TAKEN, now=at(1))
    assert store.save(accepted, was=down), "two rows in one change"
    found = store.get("o-1")
    assert found == accepted
    assert [(c.old, c.new, c.attempt, c.known, c.retry_after) for c in found.history] == [
        (None, State.QUEUED, 0, True, 0),
        (State.QUEUED, State.SENDING, 1, True, 0),
        (State.SENDING, State.QUEUED, 1, False, 7),
        (State.QUEUED, State.SENDING, 2, True, 0),
        (State.SENDING, State.ACCEPTED, 2, True, 0),
    ]


def test_a_change_of_something_changed_since_is_refused(store):
    queued = kept(store, opened())
    assert store.save(claimed(queued, by="first"), was=queued)
    assert not store.save(claimed(queued, by="second"), was=queued)
    assert not store.save(cancel(queued, now=NOW), was=queued)
    assert store.get("o-1").claimed_by == "first"


def test_a_change_of_nothing_kept_is_refused(store):
    assert not store.save(claimed(opened()), was=opened())


def test_of_many_who_claim_one_wins(store):
    queued = kept(store, opened())
    ready = threading.Barrier(8)

    def claim(who):
        ready.wait()
        return store.save(claimed(queued, by=str(who)), was=queued)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(claim, range(8)))
    assert won.count(True) == 1
    assert store.get("o-1").claimed_by == str(won.index(True))


@pytest.mark.parametrize(
    ("by", "started", "why"),
    [
        ("o-1~1", [], "work of the engine comes back by itself"),
        ("o-1~1@17.250", [], "and so does its repetition"),
        ("request/r-1", ["o-1~2"], "a request that dies does not"),
        ("command line", ["o-1~2"], "nor does a person"),
        ("o-10~1", ["o-1~2"], "work of another order is not this one's"),
    ],
)
def test_a_claim_that_nobody_comes_back_to_has_work(sqlite_engine, by, started, why):
    names = []

    class Starter:
        def start(self, _connection, work):
            names.append(work.id)

    store = SqlOrders(sqlite_engine, Starter())
    queued = kept(store, opened())
    assert names == ["o-1~1"]
    sending = claimed(queued, by=by)
    assert store.save(sending, was=queued)
    assert store.save(ended(sending, TAKEN), was=sending)
    assert names[1:] == started, why


def test_found_by_each_id(store):
    queued = kept(store, opened())
    store.save(tried(queued, TAKEN), was=queued)
    assert {store.find(name).id for name in ("o-1", "r-1", "u-1")} == {"o-1"}


def test_a_key_is_held_by_one_order_of_an_account(store):
    first = kept(store, opened("o-1", account="293", idempotency_key="k"))
    assert store.accept(opened("o-2", account="293", idempotency_key="k"), memory=DAY) == first
    assert store.get("o-2") is None
    kept(store, opened("o-3", account="294", idempotency_key="k"))
    assert store.find_key("293", "k", since=NOW - DAY).id == "o-1"
    assert store.find_key("294", "k", since=NOW - DAY).id == "o-3"
    assert store.find_key("293", "other", since=NOW - DAY) is None


def test_orders_without_a_key_do_not_meet(store):
    kept(store, opened("o-1"), opened("o-2"))
    assert store.find_key("", "", since=NOW - DAY) is None


def test_a_key_is_forgotten_after_its_memory(store):
    first = kept(store, opened("o-1", idempotency_key="k"))
    later = NOW + DAY + timedelta(seconds=1)
    assert store.find_key("", "k", since=later - DAY) is None
    kept(store, opened("o-2", now=later, idempotency_key="k"))
    assert store.find_key("", "k", since=NOW).id == "o-2"
    assert store.save(cancel(first, now=later), was=first), "the old order lives on"
    assert store.get("o-1").idempotency_key == ""
    assert store.find_key("", "k", since=NOW).id == "o-2"


def test_of_many_with_one_key_one_is_kept(store):
    ready = threading.Barrier(8)

    def accept(number):
        ready.wait()
        return store.accept(opened(f"o-{number}", idempotency_key="k"), memory=DAY)

    with ThreadPoolExecutor(8) as pool:
        holders = list(pool.map(accept, range(8)))
    assert holders.count(None) == 1
    winner = f"o-{holders.index(None)}"
    assert {holder.id for holder in holders if holder} == {winner}
    assert len(store.listing()) == 1


def test_settled_waits_for_a_running_attempt(store):
    queued = kept(store, opened())
    sending = claimed(queued)
    store.save(sending, was=queued)
    assert store.settled("o-1", seconds=0.01).state is State.SENDING
    timer = threading.Timer(0.1, lambda: store.save(ended(sending, TAKEN), was=sending))
    timer.start()
    assert store.settled("o-1", seconds=5).state is State.ACCEPTED
    timer.join()


def test_settled_at_once_when_nothing_runs(store):
    kept(store, opened())
    assert store.settled("o-1", seconds=60).state is State.QUEUED


def test_last_attempts_at_one_dialler(store):
    for number, outcome in enumerate([TAKEN, DOWN, LOST, NO]):
        queued = kept(store, opened(f"o-{number}"))
        store.save(tried(queued, outcome, now=at(number)), was=queued)
    assert store.last_attempts(URL, 3) == [(at(3), False), (at(2), True), (at(1), True)]
    assert store.last_attempts("https://other.example/", 3) == []


def test_due_is_what_has_to_be_woken_oldest_start_first(store):
    until_due = grounds(hold="until_due")
    held = opened("held", delay_minutes=30, on=until_due)
    late = opened("late", now=at(1))
    kept(store, held, late, opened("early"))
    done = kept(store, opened("done"))
    store.save(tried(done, TAKEN), was=done)
    running = kept(store, opened("running", now=at(2)))
    store.save(claimed(running, now=at(2)), was=running)
    assert store.due(at(2), limit=10) == ["early", "late"]
    assert store.due(at(2), limit=1) == ["early"]
    assert store.due(at(31), limit=10) == ["early", "late", "running", "held"]


def test_listing_newest_first_by_state_and_account(store):
    kept(store, *(opened(f"o-{n}", now=at(n), account=str(n % 2)) for n in range(4)))
    done = store.get("o-0")
    store.save(tried(done, TAKEN), was=done)

    def ids(**chosen):
        return [order.id for order in store.listing(**chosen)]

    assert ids() == ["o-3", "o-2", "o-1", "o-0"]
    assert ids(limit=2) == ["o-3", "o-2"]
    assert ids(account="0") == ["o-2", "o-0"]
    assert ids(states=[State.ACCEPTED]) == ["o-0"]
    assert ids(states=[State.REJECTED, State.EXPIRED]) == []
    assert store.listing(states=[State.ACCEPTED])[0].phonon_uuid == "u-1"


def test_counts(store):
    assert store.counts(overdue_before=NOW).by_state == {}
    assert store.counts(overdue_before=NOW).oldest_waiting is None
    kept(store, *(opened(f"o-{n}", now=at(n)) for n in range(4)))
    done = store.get("o-0")
    store.save(tried(done, TAKEN), was=done)
    counts = store.counts(overdue_before=at(2))
    assert counts.by_state == {State.QUEUED: 3, State.ACCEPTED: 1}
    assert counts.oldest_waiting == at(1)
    assert counts.overdue == 1


class Engine:
    """Notes what it is told to start, on the connection of the transaction."""

    def __init__(self, *, fails=False):
        self.started = []
        self.fails = fails

    def start(self, connection, work):
        assert connection.in_transaction()
        self.started.append((work.kind, work.id, work.argument, work.delay))
        if self.fails:
            raise RuntimeError


def test_each_change_starts_the_work_that_follows(engine):
    work = Engine()
    store = SqlOrders(engine, work)
    queued = kept(store, opened())
    sending = claimed(queued, now=at(seconds=1))
    store.save(sending, was=queued)
    down = ended(sending, DOWN, now=at(seconds=2))
    store.save(down, was=sending)
    store.save(tried(down, TAKEN, now=at(1)), was=down)
    wanted = [("o-1~1", 0.0), ("o-1~2", 60.0), ("o-1~3", 5.0)]
    assert work.started == [
        ("deliver-order", name, {"order": "o-1", "by": name}, delay) for name, delay in wanted
    ]


def test_the_work_of_a_waiting_order_can_be_started_again(engine):
    work = Engine()
    store = SqlOrders(engine, work)
    down = tried(opened(), DOWN)
    kept(store, down)
    store.wake_again(down, now=at(seconds=1))
    stamp = f"{at(seconds=1).timestamp():.3f}"
    argument = {"order": "o-1", "by": f"o-1~3@{stamp}"}
    assert work.started[1:] == [("deliver-order", f"o-1~3@{stamp}", argument, 4.0)]
    store.wake_again(tried(down, TAKEN, now=at(1)), now=at(1))
    assert len(work.started) == 2, "nothing follows an end"


def test_forgotten_orders_are_woken_by_the_sweep(engine):
    work = Engine()
    store = SqlOrders(engine, work)
    kept(store, *(opened(f"o-{n}", now=at(n)) for n in range(3)))
    done = kept(store, opened("done"))
    store.save(tried(done, TAKEN), was=done)
    work.started.clear()
    assert store.sweep(at(1)) == 0
    assert work.started == []
    assert store.sweep(at(3)) == 0
    names = [name for _, name, _, _ in work.started]
    assert [name.partition("@")[0] for name in names] == ["o-0~1", "o-1~1"]
    store.sweep(at(3))
    assert [name for _, name, _, _ in work.started][2:] == names, "the same work, started once"


def test_nothing_is_kept_when_the_work_cannot_be_started(engine):
    store = SqlOrders(engine, Engine(fails=True))
    with pytest.raises(RuntimeError):
        store.accept(opened(), memory=DAY)
    assert store.get("o-1") is None
    kept(SqlOrders(engine), opened())
    queued = store.get("o-1")
    with pytest.raises(RuntimeError):
        store.save(claimed(queued), was=queued)
    assert store.get("o-1") == queued


def test_no_work_for_the_loser_of_a_key(engine):
    work = Engine()
    store = SqlOrders(engine, work)
    kept(store, opened("o-1", idempotency_key="k"))
    store.accept(opened("o-2", idempotency_key="k"), memory=DAY)
    assert [entry[1] for entry in work.started] == ["o-1~1"]


def test_an_order_is_never_read_half_changed(engine):
    """A change is stored between reading the order and reading its history.

    `get` reads both with one statement; whatever finds orders otherwise reads them one by one.
    """
    from sqlalchemy import event

    store, other = SqlOrders(engine), SqlOrders(engine)
    queued = kept(store, opened())
    sending = claimed(queued)
    store.save(sending, was=queued)

    pending = [ended(sending, TAKEN)]

    def meanwhile(_connection, _cursor, statement, *_):
        if "FROM rules_order_changes" in statement and pending:
            other.save(pending.pop(), was=sending)

    event.listen(engine, "before_cursor_execute", meanwhile)
    assert store.find("o-1") == sending, "as it was, not columns of then and history of now"
    assert store.get("o-1").state is State.ACCEPTED


def test_history_goes_with_its_order(engine):
    from rules.storage.orders import CHANGES, ORDERS

    kept(SqlOrders(engine), opened())
    with transaction(engine) as connection:
        connection.execute(ORDERS.delete())
        assert connection.execute(CHANGES.select()).all() == []
