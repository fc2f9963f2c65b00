"""A whole installation for tests: store, dialler, a clock turned by hand, a worker on demand."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from rules.methods import answer
from rules.services.handover import hand_over
from rules.testing import make_services
from tests.outbound.made import FLOW, NOW, SECURITY, URL
from tests.sandbox.made import Clock

BASE = {"securityID": SECURITY, "flowID": FLOW, "contactNumbers": "9876543210"}


class World:
    """Requests, time and deliveries; `dialler` and `orders` may be real ones."""

    def __init__(self, *, orders=None, dialler=None, url=URL, sandbox="", **account):
        self.clock = Clock()
        known = {"http_enabled": True, "dialler_url": url, **account}
        services = make_services(
            now=NOW, accounts={"default": known}, sandbox_dialler=sandbox, hash_key="k3y"
        )
        self.services = replace(
            services,
            clock=self.clock,
            draw=lambda n: n // 2,
            orders=orders or services.orders,
            dialler=dialler or services.dialler,
        )
        if dialler is None:
            services.dialler.sandbox.clock = self.clock
        self._names = count()

    @property
    def sandbox(self):
        return self.services.dialler.sandbox

    def call(self, method, **fields):
        """The variables of a reply."""
        keys = [{"name": name, "value": value} for name, value in fields.items()]
        reply = answer({"keys": keys}, self.services, method=method)
        assert reply.status == 200, reply.body
        return {key["name"].rpartition(".")[2]: key["value"] for key in reply.body["keys"]}

    def create(self, **fields):
        return self.call("createOutbound", **{**BASE, **fields})

    def status(self, reply):
        return self.call("fetchOutboundStatus", obdReqID=reply["obdOwnReqID"])

    def cancel(self, reply):
        return self.call("cancelOutbound", obdReqID=reply["obdOwnReqID"])

    def deliver(self):
        """What the delivery process does at this moment: everything that is due, once."""
        due = self.services.orders.due(self.clock(), limit=100)
        return [hand_over(self.services, name, by=f"work-{next(self._names)}") for name in due]

    def turn(self, **given):
        """Turn the clock and deliver."""
        self.clock.turn(**given)
        return self.deliver()

    def order(self, reply):
        return self.services.orders.get(reply["obdOwnReqID"])

    def calls(self, sandbox=None):
        """Every call the sandbox makes."""
        records = (sandbox or self.sandbox).memory.find(lambda record: record.accepted)
        return [call for record in records for call in record.calls if call.phonon_uuid]
