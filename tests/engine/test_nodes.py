"""Delivery processes that die, come back, take over; and how the engine is set up."""

from __future__ import annotations

import time

from sqlalchemy import text

from rules.gateways.engine import WorkStarter, prepare
from rules.gateways.engine import delivery as delivery_module
from rules.storage import is_sqlite, make_engine, reading
from tests.engine.support import delivering, node, noted, order, put, until
from tests.processes import start


def test_a_killed_node_takes_up_its_work_when_it_returns(engine, address, tmp_path):
    path = tmp_path / "log"
    put(engine, *(order(n) for n in range(5)))
    with node(address, "one", path, 30):
        until(lambda: len(noted(path, "begin")) == 5)
    with node(address, "one", path):
        until(lambda: sorted(noted(path, "end")) == list("01234"))


def test_resumed_work_stays_in_its_queue(engine, address, tmp_path):
    path = tmp_path / "log"
    put(engine, order(1))
    with node(address, "gone", path, 30):
        until(lambda: noted(path, "begin"))
    client = WorkStarter(engine).client()
    client.resume_workflows(["w1"], queue_name="orders")
    assert client.retrieve_workflow("w1").get_status().queue_name == "orders"


def test_an_orderly_end_leaves_nothing_behind(engine, address, tmp_path):
    path = tmp_path / "log"
    put(engine, order(1))
    with node(address, "one", path, 0.4) as process:
        until(lambda: noted(path, "begin"))
        process.terminate()
        process.join(15)
        assert process.exitcode == 0
    assert noted(path, "end") == ["1"]


def test_arguments_are_stored_as_plain_json(engine):
    put(engine, order(7))
    schema = "" if is_sqlite(engine) else "dbos."
    with reading(engine) as connection:

        def stored(column, table):
            query = f"SELECT {column} FROM {schema}{table}"  # noqa: S608  names of the engine
            return connection.execute(text(query)).scalar()

        assert stored("serialization", "workflow_status") == "portable_json"
        assert '"n":"7"' in stored("inputs", "workflow_input").replace(" ", "")


def test_the_limit_of_a_queue_holds(engine):
    done = []
    with delivering(engine, lambda argument: done.append(argument["n"]), rate=3):
        put(engine, *(order(n) for n in range(8)))
        until(lambda: len(done) == 3)
        time.sleep(0.4)
        assert len(done) == 3


def test_the_file_is_in_write_ahead_mode_and_fully_synced(tmp_path):
    engine = make_engine(str(tmp_path / "x.sqlite3"))
    prepare(engine)
    with engine.connect() as connection:

        def pragma(name):
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        assert (pragma("journal_mode"), pragma("synchronous")) == ("wal", 2)
        assert pragma("foreign_keys") == 1
        assert connection.exec_driver_sql("SELECT unixepoch('subsec')").scalar() > 1.7e9


def prepare_at(address):
    prepare(make_engine(address))


def test_prepare_may_run_in_many_processes_at_once(empty_address, tmp_path):
    log = tmp_path / "errors"
    started = [start(prepare_at, empty_address, stderr=log) for _ in range(3)]
    for process in started:
        process.join(60)
    assert log.read_text() == ""
    assert [process.exitcode for process in started] == [0, 0, 0]


def test_work_of_a_dead_node_is_taken_over(engine, address, tmp_path, monkeypatch):
    path = tmp_path / "log"
    monkeypatch.setitem(delivery_module.TAKEN_SECONDS, "orders", 0.5)
    monkeypatch.setattr(delivery_module, "REAP_SECONDS", 0.2)
    done = []
    put(engine, *(order(n) for n in range(5)))
    with node(address, "gone", path, 30):
        until(lambda: len(noted(path, "begin")) == 5)
    with delivering(engine, lambda argument: done.append(argument["n"])):
        until(lambda: sorted(done) == list("01234"))
