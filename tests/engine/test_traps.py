"""The twelve known traps of the engine: where the test of each stands, and some of them."""

from __future__ import annotations

import ast
import os
import threading
from datetime import UTC, datetime

from dbos import DBOS
from sqlalchemy import text

from rules.gateways.engine import WorkStarter
from rules.gateways.engine import delivery as delivery_module
from rules.gateways.engine.starter import VERSION
from rules.services.work import KINDS
from rules.storage import is_sqlite, make_engine, reading, transaction
from rules.storage.nodes import NODES
from rules.storage.upsert import insert_or_nothing
from tests.engine.support import ROOT, delivering, order, put, until
from tests.processes import command, running
from tests.rows import each

TRAPS = {
    1: "engine/test_traps.py::test_one_live_process_of_a_machine_delivers",
    2: "engine/test_nodes.py::test_work_of_a_dead_node_is_taken_over",
    3: "storage/test_engine.py::test_unixepoch_with_parts_of_a_second_on_every_sqlite",
    4: "engine/test_traps.py::test_what_was_inserted_is_told_alike_by_both_stores",
    5: "engine/test_nodes.py::test_the_file_is_in_write_ahead_mode_and_fully_synced",
    6: "engine/test_traps.py::test_every_queue_is_polled_often_and_wide",
    7: "engine/test_nodes.py::test_arguments_are_stored_as_plain_json",
    8: "engine/test_traps.py::test_failures_leave_no_number_in_the_engine",
    9: "engine/test_traps.py::test_the_version_of_work_is_pinned",
    10: "engine/test_nodes.py::test_resumed_work_stays_in_its_queue",
    11: "engine/test_traps.py::test_many_writers_wait_and_none_fails",
    12: "outbound/test_worked.py::test_the_worker_died_and_comes_back",
}


@each("number", range(1, 13))
def test_every_trap_has_its_test(number):
    path, _, name = TRAPS[number].partition("::")
    tree = ast.parse((ROOT / "tests" / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_one_live_process_of_a_machine_delivers(engine, address, tmp_path):
    """Trap 1: two processes of one name would call everybody twice."""
    logs = [(tmp_path / name) for name in ("first", "second")]
    environ = {**os.environ, "RULES_DATABASE": address, "RULES_NODE": f"n{tmp_path.name}"}

    def deliver(log):
        return running(command, "deliver", environ=environ, stderr=log)

    def delivers(log):
        lines = log.read_text().splitlines() if log.exists() else []
        assert all(line.startswith('{"time":') for line in lines), "the engine speaks as we do"
        return any('"delivering"' in line for line in lines)

    with deliver(logs[0]) as first:
        until(lambda: delivers(logs[0]))
        with deliver(logs[1]) as second:
            second.join(0.8)
            assert second.is_alive()
            assert not delivers(logs[1])
            first.kill()
            until(lambda: delivers(logs[1]))


def test_what_was_inserted_is_told_alike_by_both_stores(engine):
    """Trap 4: a row count is -1 on PostgreSQL."""
    moment = datetime(2026, 11, 18, tzinfo=UTC)
    row = {"name": "one", "token": "t", "place": "p", "seen_at": moment}
    with transaction(engine) as connection:
        assert insert_or_nothing(connection, NODES, row) is True
        assert insert_or_nothing(connection, NODES, row) is False


def test_every_queue_is_polled_often_and_wide(engine):
    """Trap 6: polled once a second, a queue does no more than its concurrency a second."""
    with delivering(engine, lambda _: None):
        known = {queue.name: queue for queue in DBOS.list_queues()}
        assert set(delivery_module.POLL_SECONDS) == set(KINDS.values())
        for name, seconds in delivery_module.POLL_SECONDS.items():
            assert known[name].polling_interval_sec == seconds
            assert known[name].worker_concurrency == 32
            assert seconds <= 0.2 or name == "housekeeping", "nobody waits for that"
    assert delivery_module.WAKE_SECONDS <= 0.2, "the engine alone looks at delays once a second"


def test_failures_leave_no_number_in_the_engine(engine, caplog):
    """Trap 8: what failed is not told in the words of a library."""
    assert engine.hide_parameters

    def fail(argument):
        raise ValueError(f"919876543210 {argument}")

    with delivering(engine, fail):
        put(engine, order("fails"))
        until(lambda: "work failed" in caplog.text)
        until(lambda: stored(engine, "count(*)", "status = 'SUCCESS'") == [1])
    assert stored(engine, "count(*)", "error IS NOT NULL") == [0]
    assert not any("919876543210" in str(cell) for cell in stored(engine, "output"))


def stored(engine, columns, condition="1 = 1"):
    table = "workflow_status" if is_sqlite(engine) else "dbos.workflow_status"
    with reading(engine) as connection:
        query = f"SELECT {columns} FROM {table} WHERE {condition}"  # noqa: S608  names of the engine
        return list(connection.execute(text(query)).scalars())


def test_the_version_of_work_is_pinned(engine):
    """Trap 9: a version made of the code's checksum would strand the work of every release."""
    put(engine, order("kept"))
    assert stored(engine, "application_version") == [VERSION] == ["1"]
    done = []
    with delivering(engine, lambda argument: done.append(argument["n"])):
        until(lambda: done == ["kept"])
    assert stored(engine, "application_version", "workflow_uuid = 'wkept'") == ["1"]


def test_many_writers_wait_and_none_fails(sqlite_address):
    """Trap 11: on one file writers queue, each with a connection of its own."""
    engines = [make_engine(sqlite_address) for _ in range(6)]
    failures = []

    def write(number):
        starter = WorkStarter(engines[number])
        try:
            for count in range(20):
                with transaction(engines[number]) as connection:
                    starter.start(connection, order(f"{number}-{count}"))
        except Exception as error:  # noqa: BLE001  told below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert stored(engines[0], "count(*)") == [120]
    for engine in engines:
        engine.dispose()
