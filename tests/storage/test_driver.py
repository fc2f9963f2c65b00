"""The driver's own connection: autocommit, rolled back on failure, one thread at a time."""

import os
import threading

import pytest

from rules.errors import StoreUnavailable
from rules.storage import driver, is_sqlite
from rules.storage.driver import MOST_IDLE, _kept


@pytest.fixture(autouse=True)
def table(engine):
    with driver(engine) as connection:
        connection.execute("CREATE TABLE t (x INTEGER)")


def count(engine):
    with driver(engine) as connection:
        return connection.execute("SELECT count(*) FROM t").fetchone()[0]


def test_one_statement_is_kept_at_once(engine):
    with driver(engine) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        with driver(engine) as other:
            assert other is not connection
            assert other.execute("SELECT count(*) FROM t").fetchone()[0] == 1


def test_a_sqlite_file_is_read_where_the_system_keeps_it(sqlite_engine):
    with driver(sqlite_engine) as connection:
        assert connection.execute("PRAGMA mmap_size").fetchone() == (1 << 30,)


def test_connection_is_used_again(engine):
    with driver(engine) as first:
        pass
    with driver(engine) as second:
        assert second is first


def insert_and_fail(engine, failure):
    with driver(engine) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO t VALUES (1)")
        failure(connection)


def test_failed_block_is_rolled_back_and_its_connection_kept(engine):
    with pytest.raises(ZeroDivisionError):
        insert_and_fail(engine, lambda _: 1 / 0)
    assert count(engine) == 0


def test_failed_statement_is_rolled_back_and_its_connection_closed(engine):
    with pytest.raises(StoreUnavailable):
        insert_and_fail(engine, lambda connection: connection.execute("SELECT nothing"))
    assert count(engine) == 0


def test_few_idle_connections_are_kept(engine):
    ready, go = threading.Barrier(MOST_IDLE + 4), threading.Event()

    def use():
        with driver(engine) as connection:
            connection.execute("SELECT 1")
            ready.wait()
        go.wait()

    threads = [threading.Thread(target=use) for _ in range(MOST_IDLE + 3)]
    for thread in threads:
        thread.start()
    ready.wait()
    go.set()
    for thread in threads:
        thread.join()
    assert len(_kept[engine]._free) == MOST_IDLE


def test_forked_child_uses_none_of_its_parents_connections(engine):
    with driver(engine) as connection:
        mine = id(connection)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with driver(engine) as connection:
            connection.execute("INSERT INTO t VALUES (1)")
            os.write(write, b"same" if id(connection) == mine else b"other")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 9) == b"other"
    os.close(read)
    os.close(write)
    assert count(engine) == 1


def test_connections_closed_by_the_server_are_replaced_unseen(engine):
    if not is_sqlite(engine):
        with driver(engine) as connection, driver(engine) as victim:
            pid = victim.execute("SELECT pg_backend_pid()").fetchone()[0]
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert [count(engine) for _ in range(3)] == [0, 0, 0]
