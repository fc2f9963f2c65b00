"""A call nobody waits for, through the durable engine: queued by a request, made by a delivery."""

from __future__ import annotations

from dataclasses import replace

from rules.gateways.engine import Delivery, WorkStarter
from rules.storage import transaction
from rules.storage.seal import DataSeal
from rules.storage.webhooks import SqlWebhooks
from rules.worker import handlers
from tests.engine.support import end, until
from tests.gateways.servers import answering
from tests.webhooks.test_served import called, services


def test_queued_by_a_request_and_made_once_by_the_delivery_process(sqlite_engine):
    store = SqlWebhooks(sqlite_engine, DataSeal("a data key"), WorkStarter(sqlite_engine))
    with answering() as server:
        made = replace(services(server, wait=False), webhooks=store)
        assert called(made) == {"response_line": "0"}
        delivery = Delivery(
            sqlite_engine,
            {"call-webhook": handlers(made)["call-webhook"]},
            node="test",
            write=lambda: transaction(sqlite_engine),
        )
        delivery.start()
        try:
            until(lambda: server.requests)
            until(lambda: store.take("r-1") is None)
        finally:
            end(delivery)
    assert len(server.requests) == 1
