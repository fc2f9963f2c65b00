"""One engine factory: how connections are set, transactions, failures, forks."""

import multiprocessing
import os
import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import text

from rules.errors import SettingMistake, StoreUnavailable
from rules.storage import engine as engine_module
from rules.storage import is_sqlite, make_engine, reading, transaction
from rules.storage.engine import database_url
from tests.rows import each

ADDRESSES = [
    ("data/rules.sqlite3", "sqlite", "a file path is taken from the folder of the start"),
    ("sqlite:///data/rules.sqlite3", "sqlite", "SQLAlchemy's spelling of the same"),
    ("postgres://u:p@host/db", "postgresql+psycopg", "what hosting companies hand out"),
    ("postgresql://u@/db?host=/run/postgresql", "postgresql+psycopg", "a socket folder"),
    ("postgresql+psycopg://u@host/db", "postgresql+psycopg", "with the driver's name"),
]
REFUSED = [
    ("mysql://root:secret@host/db", "must be a file path", "no such store"),
    ("postgresql://u@host:port/db", "cannot be read", "a port that is no number"),
    (":memory:", "must name a file", "each process would have its own"),
    ("sqlite://", "must name a file", "the same in the other spelling"),
]


@each(("address", "driver", "why"), ADDRESSES)
def test_address(address, driver, why):
    assert database_url(address).drivername == driver, why


@each(("address", "words", "why"), REFUSED)
def test_refused_address_is_not_repeated(address, words, why):
    with pytest.raises(SettingMistake, match=words) as caught:
        make_engine(address)
    assert "secret" not in str(caught.value), why


def test_relative_path_survives_a_change_of_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    engine = make_engine("here.sqlite3")
    monkeypatch.chdir("/")
    with transaction(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    engine.dispose()
    assert (tmp_path / "here.sqlite3").exists()


def test_sqlite_connection(sqlite_engine):
    with reading(sqlite_engine) as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 15000,
        "foreign_keys": 1,
    }


def test_sqlite_stays_immediate_after_a_read(sqlite_engine):
    with reading(sqlite_engine):
        pass
    with sqlite_engine.connect() as connection:
        assert connection.connection.dbapi_connection.isolation_level == "IMMEDIATE"


def test_unixepoch_with_parts_of_a_second_on_every_sqlite(sqlite_engine):
    with reading(sqlite_engine) as connection:
        row = connection.exec_driver_sql(
            "SELECT unixepoch('subsec'), unixepoch(), unixepoch('now', 'subsec'), unixepoch('x')"
        ).one()
    whole, exact = row[1], row[0]
    assert isinstance(exact, float)
    assert 0 <= exact - whole < 5
    assert row[3] is None


def insert_and_fail(engine):
    with transaction(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        raise ZeroDivisionError


def test_transaction_is_all_or_nothing(engine):
    with transaction(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    with pytest.raises(ZeroDivisionError):
        insert_and_fail(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0


def test_write_of_one_statement_in_reading_is_kept(engine):
    with reading(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 1


def test_read_then_write_loses_nothing_between_threads(sqlite_engine):
    with transaction(sqlite_engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (0)"))

    def count():
        for _ in range(20):
            with transaction(sqlite_engine) as connection:
                seen = connection.execute(text("SELECT x FROM t")).scalar()
                connection.execute(text("UPDATE t SET x = :x"), {"x": seen + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(sqlite_engine) as connection:
        assert connection.execute(text("SELECT x FROM t")).scalar() == 80


def test_failure_says_kind_and_nothing_of_the_row(engine):
    with transaction(engine) as connection:
        connection.execute(text("CREATE TABLE t (contact TEXT PRIMARY KEY)"))
    insert = text("INSERT INTO t VALUES (:contact)")
    twice = [{"contact": "918000374123"}] * 2
    with pytest.raises(StoreUnavailable) as caught, transaction(engine) as connection:
        connection.execute(insert, twice)
    assert "918000374123" not in str(caught.value)
    assert caught.value.__cause__ is None
    code = "SQLITE_CONSTRAINT" if is_sqlite(engine) else "23505"
    assert code in str(caught.value)


def test_driver_failure_is_told_apart_from_a_bug(engine):
    with pytest.raises(StoreUnavailable), reading(engine) as connection:
        connection.connection.cursor().execute("SELECT nothing FROM nowhere")
    with pytest.raises(KeyError), reading(engine):
        {}["a bug"]


def test_no_server_is_a_quick_clear_failure():
    engine = make_engine("postgresql://u:secret@127.0.0.1:1/db")
    words = "cannot be used: OperationalError"
    with pytest.raises(StoreUnavailable, match=words) as caught, reading(engine):
        pass
    assert "secret" not in str(caught.value)


def test_no_folder_is_a_clear_failure(tmp_path):
    engine = make_engine(str(tmp_path / "missing" / "rules.sqlite3"))
    with pytest.raises(StoreUnavailable, match="cannot be opened"), reading(engine):
        pass


@pytest.fixture
def own_postgres_engine(postgres_address):
    engine = make_engine(postgres_address)
    yield engine
    engine.dispose()


def test_closed_connections_are_replaced_unseen(own_postgres_engine):
    backends = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()"
    )
    with reading(own_postgres_engine), reading(own_postgres_engine):
        pass  # two idle connections now
    with reading(own_postgres_engine) as connection:
        connection.execute(text(f"{backends} AND datname = current_database()"))
    for _ in range(3):
        with transaction(own_postgres_engine) as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1


def test_forked_child_opens_its_own_connection(own_postgres_engine):
    backend = text("SELECT pg_backend_pid()")
    with reading(own_postgres_engine) as connection:
        mine = connection.execute(backend).scalar()
    receive, send = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        with reading(own_postgres_engine) as connection:
            send.send(connection.execute(backend).scalar())
        os._exit(0)
    os.waitpid(child, 0)
    assert receive.recv() != mine
    with reading(own_postgres_engine) as connection:
        assert connection.execute(backend).scalar() == mine


def test_a_new_file_in_which_somebody_writes_is_waited_for(tmp_path):
    """SQLite would fail at once, whatever its time-out, since the file must become write-ahead."""
    path = str(tmp_path / "new.sqlite3")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE theirs (x)")
    release = threading.Timer(0.2, other.execute, ["COMMIT"])
    release.start()
    engine = make_engine(path)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    release.join()
    other.close()
    engine.dispose()


def test_a_file_that_cannot_be_written_is_not_asked_again(tmp_path, monkeypatch):
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    monkeypatch.setattr(engine_module.time, "sleep", lambda _: pytest.fail("asked again"))
    readonly = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with closing(readonly), pytest.raises(sqlite3.OperationalError) as caught:
        engine_module._SqliteConnect(15.0)(readonly, None)
    assert caught.value.sqlite_errorname == "SQLITE_READONLY"


def test_a_new_file_that_stays_locked_is_a_failure(tmp_path):
    path = str(tmp_path / "new.sqlite3")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE theirs (x)")
    engine = make_engine(path, wait_seconds=0.1)
    with pytest.raises(StoreUnavailable, match="SQLITE_BUSY"), reading(engine):
        pass
    other.close()
    engine.dispose()
