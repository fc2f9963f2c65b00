"""What the kill tests share: a sandbox that lives on, processes to kill, the reckoning."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module

from rules.bootstrap import build, prepare_database
from rules.outbound import OutboundRequest, State, open_order, plan
from rules.sandbox import Sandbox, SandboxServer
from rules.sandbox.config import SandboxConfig
from rules.services.handover import grounds_of
from rules.settings import Settings
from tests.kills import accepter
from tests.kills.accepter import SECURITY_ID
from tests.processes import command, running

RETRY = import_module("rules.outbound.retry")
OPEN = (State.QUEUED, State.HELD, State.SENDING)


class World:
    """A database, a sandbox, and processes that may die at any moment."""

    def __init__(self, address, folder, **more):
        config = SandboxConfig(rate_realtime=1_000_000)
        self.sandbox = Sandbox(clock=lambda: datetime.now(UTC), config=config)
        self.server = SandboxServer(self.sandbox).start()
        self.noted = folder / "noted"
        self.environ = {
            **os.environ,
            "RULES_DATABASE": address,
            "RULES_SANDBOX_DIALLER": self.server.url,
            **more,
        }
        settings = {name: value for name, value in self.environ.items() if name[:6] == "RULES_"}
        self.settings = Settings.from_mapping(settings)
        prepare_database(self.settings)
        self.services = build(self.settings)
        self._starts = 0

    def accepting(self):
        """A process that accepts, killed at the end of the block."""
        self._starts += 1
        prefix = f"c{self._starts}"
        return running(accepter.main, str(self.noted), prefix, environ=self.environ)

    def delivering(self, node="one", waits=RETRY.WAITS):
        """A delivery process, killed at the end of the block; `waits`: seconds between attempts."""
        return running(deliver, waits, environ=self.environ | {"RULES_NODE": node})

    def queue(self, count, first=0):
        """Orders that are on disk and due, as if whoever accepted them died right then."""
        grounds = grounds_of(self.services, "", "")
        for number in range(first, first + count):
            now = self.services.clock()
            request = OutboundRequest(
                security_id=SECURITY_ID,
                flow_id="aB3dE5gH",
                contact_numbers="9876543210",
                client_id=f"q{number}",
            )
            order = plan(request, now=now, order_id=f"own-{number}", settings=grounds.settings)
            order = open_order(order, now=now, grounds=grounds)
            self.services.orders.accept(order, memory=timedelta(hours=1))

    def accepted(self):
        """Own ids of orders whose acceptance was answered, by client id."""
        lines = self.noted.read_text().splitlines() if self.noted.exists() else []
        return {line.split()[0]: line.split()[1] for line in lines if len(line.split()) == 3}

    def orders(self):
        return self.services.orders.listing(limit=1_000_000)

    def open_orders(self):
        return sum(1 for order in self.orders() if order.state in OPEN)

    def calls(self):
        """How many calls the sandbox placed for each client id."""
        records = self.sandbox.memory.find(lambda record: record.accepted)
        placed = [call for record in records for call in record.calls if call.phonon_uuid]
        return Counter(call.client_id for call in placed)

    def reckon(self):
        """Nothing accepted was lost, nobody was called twice, every order has come to an end."""
        known = {order.id: order for order in self.orders()}
        lost = [own for own in self.accepted().values() if own not in known]
        assert lost == []
        doubled = {client: count for client, count in self.calls().items() if count > 1}
        assert doubled == {}
        states = Counter(order.state for order in known.values())
        assert set(states) == {State.ACCEPTED}, states
        assert len(self.calls()) == len(known)
        return len(known)

    def close(self):
        self.server.close()


def deliver(waits):
    RETRY.WAITS = waits
    command("deliver")


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.03)
