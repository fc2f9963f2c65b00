"""Durable orders on both stores: accepting against the engine's raw enqueue, delivering against
plain POSTs, how late a delay ends, and what accepting costs when much is stored.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from sqlalchemy import insert, select

from rules.bootstrap import build, open_store, prepare_database
from rules.gateways.engine import WorkStarter
from rules.outbound import OutboundRequest, OutboundSettings, open_order, plan, postpone
from rules.sandbox import Sandbox, SandboxServer
from rules.sandbox.config import SandboxConfig
from rules.services.handover import grounds_of
from rules.services.work import Work
from rules.settings import Settings
from rules.storage import make_engine, transaction
from rules.storage.orders import CHANGES, ORDERS
from tests.bench._row import Row
from tests.stores import PostgresServer, database_at, on_server

__all__ = ["BENCHES"]

ROOT = Path(__file__).parents[2]
MEMORY = timedelta(hours=1)
ACCEPTED, DELIVERED, POSTED, ROUNDS = 400, 400, 400, 3
DRAW = random.Random(5)  # waits of equal length would all end in the same beat of a poll
STORED = (1_000, 1_000_000)
SETTINGS = OutboundSettings()
_numbers = itertools.count()


class Installation:
    """A database, its services, a sandbox dialler of its own."""

    def __init__(self, address):
        config = SandboxConfig(rate_realtime=1_000_000)
        self.sandbox = Sandbox(clock=lambda: datetime.now(UTC), config=config)
        self.server = SandboxServer(self.sandbox).start()
        self.environ = {"RULES_DATABASE": address, "RULES_SANDBOX_DIALLER": self.server.url}
        self.settings = Settings.from_mapping(self.environ)
        prepare_database(self.settings)
        self.services = build(self.settings)
        self.orders = self.services.orders
        self.grounds = grounds_of(self.services, "", "")

    def order(self, wait=0.0):
        """A new order that is due after so many seconds."""
        now = datetime.now(UTC)
        request = OutboundRequest("s" * 64, "aB3dE5gH", "9876543210", client_id=uuid.uuid4().hex)
        order = plan(request, now=now, order_id=str(uuid.uuid4()), settings=SETTINGS)
        order = open_order(order, now=now, grounds=self.grounds)
        return postpone(order, now + timedelta(seconds=wait)) if wait else order

    def accept(self, wait=0.0):
        self.orders.accept(self.order(wait), memory=MEMORY)

    @contextmanager
    def delivering(self, *command):
        process = subprocess.Popen(
            [sys.executable, "-m", *(command or ("rules", "deliver"))],
            cwd=ROOT,
            env={**os.environ, **self.environ},
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def arrivals(self):
        """When each call arrived."""
        return [record.at for record in self.sandbox.memory.find(lambda record: record.accepted)]


@contextmanager
def stores():
    """By the name of each store two installations, the second for many orders."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = PostgresServer(Path(tempfile.mkdtemp(prefix="flow-rules-bench-")), fsync=True)
        server.start()
        stack.callback(server.close)
        on_server(server.address, "CREATE DATABASE many")
        addresses = {
            "SQLite": (str(folder / "few.sqlite3"), str(folder / "many.sqlite3")),
            "PostgreSQL": (server.address, database_at(server.address, "many")),
        }
        found = {name: [Installation(one) for one in pair] for name, pair in addresses.items()}
        for one in itertools.chain(*found.values()):
            stack.callback(one.server.close)
        yield found


def spent(call, count):
    """Milliseconds of each of many calls."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)


def percentile(times, part):
    return times[min(len(times) - 1, int(len(times) * part))]


def accepting(name, one) -> list[Row]:
    """An order kept with its work, against the engine's enqueue alone in a transaction."""
    engine = open_store(one.settings)
    starter = WorkStarter(engine)

    def enqueue():
        with transaction(engine) as connection:
            number = next(_numbers)
            work = Work("deliver-order", f"raw-{number}", {"order": "none", "by": "x"}, 86_400.0)
            starter.start(connection, work)

    spent(lambda: one.accept(86_400), 50), spent(enqueue, 50)
    ours, raw = [], []
    for _ in range(4):
        ours += spent(lambda: one.accept(86_400), ACCEPTED // 4)
        raw += spent(enqueue, ACCEPTED // 4)
    ours, raw = sorted(ours), sorted(raw)
    against = "the engine's enqueue alone, one transaction"
    mean = sum(ours) / len(ours), sum(raw) / len(raw)
    first = Row(
        f"accepting, {name}",
        1000 / mean[0],
        "orders/s",
        1000 / mean[1],
        against,
        mean[1] / mean[0],
        ">= 0.4",
    )
    rows = [first]
    for part, word in ((0.5, "p50"), (0.99, "p99")):
        mine, theirs = percentile(ours, part), percentile(raw, part)
        ratio = mine / theirs
        rows.append(Row(f"accepting, {word}, {name}", mine, "ms", theirs, against, ratio))
    return rows


def delivering(name, one) -> list[Row]:
    """Orders sent by one delivery process, in turn with the engine alone, and plain POSTs."""
    alone, rates, lags, late = [], [], [], []
    for _ in range(ROUNDS):
        alone.append(engine_alone(one))
        with one.delivering():
            before = len(one.arrivals())
            one.accept()
            wait_for(one, before + 1)
            late += [lateness(one, 1.0 + DRAW.random()) for _ in range(8)]
            rates.append(burst(one, lags))
    rate, bare, plain = statistics.median(rates), statistics.median(alone), posting(one)
    lags.sort()
    note = f"all {DELIVERED} due in the same moment; lag p50 {percentile(lags, 0.5):,.0f} ms"
    return [
        Row(
            f"delivering, one process, {name}",
            rate,
            "calls/s",
            bare,
            "the engine alone: one step that posts, tuned alike, no order, claim or history",
            rate / bare,
            ">= 0.8",
            f"{note}, last {lags[-1]:,.0f} ms; the least and the most of {ROUNDS} rounds: "
            f"{min(rates):.0f} to {max(rates):.0f}, alone {min(alone):.0f} to {max(alone):.0f}",
        ),
        Row(
            f"delivering against plain posts, {name}",
            rate,
            "calls/s",
            plain,
            "a loop of requests.post to the same sandbox",
            rate / plain,
        ),
        Row(
            f"lateness of a delay, p50, {name}",
            statistics.median(late),
            "ms",
            600.0,
            "the engine as measured for its choice",
            statistics.median(late) / 600.0,
            "<= 1",
            f"worst of {len(late)}: {max(late):,.0f} ms",
        ),
    ]


def burst(one, lags) -> float:
    """Calls a second when many orders are due in the same moment; each one's lag in ms."""
    before = len(one.arrivals())
    due = datetime.now(UTC) + timedelta(seconds=8)
    for _ in range(DELIVERED):
        one.accept(max(0.1, (due - datetime.now(UTC)).total_seconds()))
    wait_for(one, before + DELIVERED)
    came = sorted(one.arrivals())[-DELIVERED:]
    lags += [(moment - due).total_seconds() * 1000 for moment in came]
    return pace([max(due, came[0]), *came[1:]])


def posting(one) -> float:
    """Calls a second of a loop that posts such bodies and keeps its connection."""
    bodies = [one.order().body for _ in range(POSTED)]
    with requests.Session() as session:
        start = time.perf_counter()
        for body in bodies:
            session.post(one.server.url, data=body, timeout=10)
        return POSTED / (time.perf_counter() - start)


def engine_alone(one) -> float:
    """Calls a second of a workflow of one step that posts, on the same database."""
    engine = open_store(one.settings)
    starter = WorkStarter(engine)
    with transaction(engine) as connection:
        for _ in range(DELIVERED):
            argument = {"body": one.order().body.decode()}
            starter.start(connection, Work("deliver-order", str(uuid.uuid4()), argument))
    engine.dispose()
    before = len(one.arrivals())
    with one.delivering("tests.bench._bare", one.settings.database, one.server.url):
        wait_for(one, before + DELIVERED)
    return pace(sorted(one.arrivals())[-DELIVERED:])


def pace(moments) -> float:
    """Arrivals a second between the first and the last."""
    return len(moments) / (moments[-1] - moments[0]).total_seconds()


def wait_for(one, count):
    end = time.monotonic() + 90
    while len(one.arrivals()) < count:
        if time.monotonic() > end:
            raise TimeoutError(f"{len(one.arrivals())} of {count} calls arrived")
        time.sleep(0.05)


def lateness(one, wait):
    """Milliseconds between the moment an order was due and its arrival."""
    before = len(one.arrivals())
    due = datetime.now(UTC) + timedelta(seconds=wait)
    one.accept(wait)
    wait_for(one, before + 1)
    return (max(one.arrivals()) - due).total_seconds() * 1000


def stored(name, few, many) -> list[Row]:
    """What accepting costs with few and with many orders in the tables, in turn."""
    for one, wanted in zip((few, many), STORED, strict=True):
        one.accept(86_400)
        engine = make_engine(one.settings.database)
        fill(engine, one, wanted)
        engine.dispose()
        spent(lambda one=one: one.accept(86_400), 40)
    costs = {few: [], many: []}
    for _ in range(8):
        for one, cost in costs.items():
            cost.extend(spent(lambda one=one: one.accept(86_400), 50))
    less, more = (statistics.median(cost) for cost in costs.values())
    return [
        Row(
            f"accepting with {STORED[1]:,} orders stored, p50, {name}",
            more,
            "ms",
            less,
            f"with {STORED[0]:,} stored",
            more / less,
            "<= 1.5",
        )
    ]


def fill(engine, one, wanted):
    """Copies of one finished order until there are so many."""
    with transaction(engine) as connection:
        row = dict(connection.execute(select(ORDERS).limit(1)).one()._mapping)
        change = dict(
            connection.execute(select(CHANGES).where(CHANGES.c.order_id == row["id"]).limit(1))
            .one()
            ._mapping
        )
    have = sum(one.orders.counts(overdue_before=datetime.now(UTC)).by_state.values())
    row |= {"state": "accepted", "wake": None, "next_attempt": None, "idempotency_key": None}
    for start in range(have, wanted, 5_000):
        ids = [f"copy-{start + n}" for n in range(min(5_000, wanted - start))]
        with transaction(engine) as connection:
            connection.execute(insert(ORDERS), [row | {"id": one_id} for one_id in ids])
            connection.execute(insert(CHANGES), [change | {"order_id": one_id} for one_id in ids])


def durable_orders() -> list[Row]:
    """All figures of both stores."""
    rows = []
    with stores() as found:
        for name, (one, many) in found.items():
            rows += accepting(name, one) + delivering(name, one) + stored(name, one, many)
    return rows


BENCHES = [durable_orders]
