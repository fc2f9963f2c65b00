"""Single rows through the driver: the same answers and the same words for failures."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rules.errors import StoreUnavailable
from rules.storage import make_engine, transaction
from rules.storage.quick import Quick

FIND = "SELECT token, id FROM rules_link_domains WHERE name = ?"


@pytest.fixture
def filled(engine):
    with transaction(engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO rules_link_domains (name, state, token, created)"
            " VALUES ('a.example', 'ready', 'tok', 1)"
        )
    return engine


def test_a_row_and_none(filled):
    quick = Quick(filled)
    assert quick.row(FIND, ("a.example",))[0] == "tok"
    assert quick.row(FIND, ("b.example",)) is None


def test_many_threads(filled):
    quick = Quick(filled)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: quick.row(FIND, ("a.example",))[0], range(200)))
    assert set(found) == {"tok"}


def test_a_change_is_seen_at_once(filled):
    quick = Quick(filled)
    quick.row(FIND, ("a.example",))
    with transaction(filled) as connection:
        connection.exec_driver_sql("UPDATE rules_link_domains SET token = 'new'")
    assert quick.row(FIND, ("a.example",))[0] == "new"


def test_a_bad_statement_is_a_failure_of_the_store(filled):
    with pytest.raises(StoreUnavailable, match="the database cannot be used"):
        Quick(filled).row("SELECT nothing FROM nowhere WHERE x = ?", ("secret",))


def test_a_closed_connection_is_replaced(sqlite_engine):
    quick = Quick(sqlite_engine)
    quick.row(FIND, ("a",))
    quick._idle[0].close()
    assert quick.row(FIND, ("a",)) is None
    assert not quick._idle
    assert quick.row(FIND, ("a",)) is None
    assert len(quick._idle) == 1


def test_nothing_can_be_written_through_it(sqlite_engine):
    quick = Quick(sqlite_engine)
    quick.row(FIND, ("a",))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        quick._idle[0].execute("DELETE FROM rules_link_domains")


def test_connections_close_with_the_engine(sqlite_address):
    engine = make_engine(sqlite_address)
    quick = Quick(engine)
    quick.row(FIND, ("a",))
    (own,) = quick._idle
    engine.dispose()
    with pytest.raises(sqlite3.ProgrammingError):
        own.execute("SELECT 1")


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_opens_its_own(sqlite_engine, tmp_path):
    quick = Quick(sqlite_engine)
    quick.row(FIND, ("a",))
    mine = quick._idle[0]
    child = os.fork()
    if child == 0:
        try:
            quick.row(FIND, ("a",))
            (tmp_path / "said").write_text(str(quick._idle[0] is not mine))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert Path(tmp_path / "said").read_text() == "True"
    assert quick.row(FIND, ("a",)) is None
    assert quick._idle[0] is mine
