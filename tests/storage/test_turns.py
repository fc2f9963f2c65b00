"""Writers of one process at one SQLite file: in turn, each for as long as it writes."""

import threading
import time

import pytest
from sqlalchemy import event

from rules.errors import StoreUnavailable
from rules.storage import make_engine, reading, transaction
from rules.storage.engine import WAIT_SECONDS
from rules.storage.nodes import NODES
from rules.storage.turns import _Turns

COUNT = "SELECT count(*) FROM rules_nodes"


class Record:
    def __init__(self):
        self.info = {}


@pytest.fixture
def turns():
    return _Turns(0.05)


def test_one_at_a_time(turns):
    first, second = Record(), Record()
    turns.begin(first, None, "BEGIN IMMEDIATE")
    turns.begin(first, None, "INSERT INTO x")  # still its own turn
    turns.begin(second, None, "UPDATE x")  # waits, then leaves it to SQLite
    turns.end(None, second)
    assert turns._lock.locked()
    turns.end(None, first)
    assert not turns._lock.locked()


def test_readers_need_no_turn(turns):
    turns.begin(Record(), None, "SELECT 1")
    assert not turns._lock.locked()


def test_a_child_begins_anew(turns):
    turns.begin(Record(), None, "DELETE FROM x")
    turns.reset()
    assert not turns._lock.locked()


def test_nobody_asks_sqlite_before_it_is_his_turn(sqlite_engine):
    asked = []

    @event.listens_for(sqlite_engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        asked.append((threading.current_thread().name, statement))

    def write():
        with transaction(sqlite_engine):
            pass

    second = threading.Thread(target=write, name="second")
    with transaction(sqlite_engine):
        second.start()
        second.join(0.2)
        assert [name for name, _ in asked] == ["MainThread"]
    second.join()
    assert asked[-1] == ("second", "BEGIN IMMEDIATE")


def test_whoever_ends_lets_the_next_one_in(sqlite_engine):
    order = []

    def write(name, seconds):
        with transaction(sqlite_engine):
            order.append(name)
            time.sleep(seconds)
            order.append(name)

    threads = [threading.Thread(target=write, args=(n, 0.02)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order[::2] == order[1::2], "nobody came in between"
    assert sorted(order[::2]) == list(range(8))


def test_a_failed_and_a_lost_connection_end_their_turn(sqlite_engine):
    with pytest.raises(ZeroDivisionError), transaction(sqlite_engine):
        raise ZeroDivisionError
    with pytest.raises(StoreUnavailable), transaction(sqlite_engine) as connection:
        connection.invalidate()
    started = time.monotonic()
    with transaction(sqlite_engine) as connection:
        connection.execute(NODES.delete())
    with reading(sqlite_engine) as connection:
        assert connection.exec_driver_sql(COUNT).scalar() == 0
    assert time.monotonic() - started < WAIT_SECONDS, "nobody waited for a turn that had no end"


def test_another_process_is_still_waited_for(sqlite_address):
    here, elsewhere = make_engine(sqlite_address, wait_seconds=0.2), make_engine(sqlite_address)
    with transaction(elsewhere), pytest.raises(StoreUnavailable), transaction(here):
        pass
    with transaction(here):
        pass
    here.dispose()
    elsewhere.dispose()
