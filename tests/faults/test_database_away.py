"""The database goes away while orders are accepted and delivered: clear failures, nothing lost."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from sqlalchemy import event

from rules.methods import answer
from rules.storage import make_engine
from rules.storage.outbound import SqlOrders
from tests.kills.accepter import body
from tests.kills.world import World, until
from tests.outbound.world import World as Quiet

FILLING = "x" * 3_000


def place(services, client_id, **more):
    """Status and variables of the answer to one order."""
    asked = body(client_id)
    asked["keys"] += [{"name": f"$flow.key.{name}", "value": value} for name, value in more.items()]
    reply = answer(asked, services, method="createOutbound")
    values = {key["name"].rpartition(".")[2]: key["value"] for key in reply.body["keys"]}
    return reply.status, values


def test_a_full_disk_refuses_orders_and_keeps_those_it_has(sqlite_address):
    engine = make_engine(sqlite_address)
    limit = [0]

    def bound(connection, _record, _proxy):
        connection.execute(f"PRAGMA max_page_count={limit[0] or 1_000_000}")

    event.listen(engine, "checkout", bound)
    world = Quiet(orders=SqlOrders(engine))
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    limit[0] = pages + 30
    replies = [place(world.services, f"c{number}", note=FILLING) for number in range(60)]
    accepted = [status for status, _ in replies].count(200)
    assert 3 < accepted < 60
    refused = next(values for status, values in replies if status != 200)
    assert refused == {"obdResponseCode": "500", "obdReqID": "", "obdPhononUUID": ""}
    counts = world.services.orders.counts(overdue_before=world.clock())
    assert sum(counts.by_state.values()) == accepted
    limit[0] = 0
    assert world.create()["obdState"] == "accepted"
    assert max(calls_by_client(world).values()) == 1
    engine.dispose()


def calls_by_client(world):
    return Counter(call.client_id for call in world.calls())


def test_without_postgres_an_order_is_refused_and_not_kept(postgres_server, tmp_path):
    world = World(postgres_server.address, tmp_path)
    assert place(world.services, "before")[1]["obdState"] == "accepted"
    postgres_server.stop()
    status, values = place(world.services, "during")
    assert status == 500
    assert values["obdResponseCode"] == "500"
    postgres_server.start()
    assert place(world.services, "after")[1]["obdState"] == "accepted"
    assert [order.call.client_id for order in world.orders()] == ["after", "before"]
    assert sorted(world.calls()) == ["after", "before"]
    world.close()


def further(world):
    """Wait until twenty more calls have arrived."""
    before = len(world.calls())
    until(lambda: len(world.calls()) > before + 20, 60)


@pytest.mark.soak
@pytest.mark.parametrize("way", ["stop", "kill"])
def test_postgres_stopped_and_started_while_all_goes_on(postgres_server, tmp_path, way):
    world = World(postgres_server.address, tmp_path)
    world.queue(300)
    refused = []
    ended = threading.Event()

    def accept(number):
        for count in range(100_000):
            if ended.is_set():
                return
            status, _ = place(world.services, f"t{number}-{count}")
            if status != 200:
                refused.append(status)
                time.sleep(0.05)

    threads = [threading.Thread(target=accept, args=(number,)) for number in range(4)]
    with world.delivering():
        for thread in threads:
            thread.start()
        for _ in range(3):
            further(world)
            getattr(postgres_server, way)()
            time.sleep(1.5)
            postgres_server.start()
        further(world)
        ended.set()
        for thread in threads:
            thread.join(60)
        until(lambda: world.open_orders() == 0, 200)
    assert set(refused) == {500}
    assert world.reckon() > 300
    world.close()
