"""The order store in the database: each change, and the work that follows from it, together.

Statements stand in `rules.storage.orders`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from rules.outbound import OutboundOrder, State
from rules.services.outbound import AGAIN, LATE, Counts, is_carried, work_name
from rules.services.work import Work
from rules.storage.engine import reading, transaction
from rules.storage.orders import (
    CHANGES,
    ORDERS,
    get_order,
    insert_order,
    key_of,
    load_order,
    load_orders,
    update_order,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Engine

    from rules.services.work import Starter

__all__ = ["SqlOrders"]

WAITING = (State.QUEUED, State.HELD, State.SENDING)
_POLL_SECONDS = 0.05
_MOST_LATE, _BATCH = 1000, 100


class SqlOrders:
    """The order store on SQLite and PostgreSQL; `starter` is how the engine is told of work."""

    def __init__(self, engine: Engine, starter: Starter | None = None) -> None:
        self._engine = engine
        self._starter = starter

    def accept(self, order: OutboundOrder, *, memory: timedelta) -> OutboundOrder | None:
        """Keep a new order and start its work, or give back the holder of its key."""
        with transaction(self._engine) as connection:
            holder = insert_order(connection, order, memory=memory)
            if holder is None:
                self._begin(connection, order)
        return holder

    def save(self, order: OutboundOrder, *, was: OutboundOrder) -> bool:
        """Replace `was` and start what follows; `False` when somebody else changed it first.

        A claim that work of the engine holds needs nothing to follow: that work comes back.
        """
        with transaction(self._engine) as connection:
            saved = update_order(connection, order, was=was)
            if saved and not is_carried(order):
                self._begin(connection, order)
        return saved

    def _begin(self, connection: Connection, order: OutboundOrder) -> None:
        """Have somebody look at the order when it is to be woken, once for each revision."""
        if order.wake is not None:
            delay = (order.wake - order.history[-1].at).total_seconds()
            self._start(connection, order.id, work_name(order), delay)

    def _start(self, connection: Connection, order_id: str, name: str, delay: float) -> None:
        if self._starter is not None:
            argument = {"order": order_id, "by": name}
            self._starter.start(connection, Work("deliver-order", name, argument, max(0.0, delay)))

    def wake_again(self, order: OutboundOrder, *, now: datetime) -> None:
        """Start the work of a waiting order once more, for the moment it is to be woken."""
        if order.wake is not None:
            name = f"{work_name(order)}{AGAIN}{now.timestamp():.3f}"
            delay = (order.wake - now).total_seconds()
            with transaction(self._engine) as connection:
                self._start(connection, order.id, name, delay)

    def sweep(self, now: datetime) -> int:
        """Start the work of orders that should have been woken long ago; always 0, one go is all.

        The work written with each change makes this needless, except after a clock was set back,
        or a database was brought back from a copy.
        """
        late = (
            select(ORDERS.c.id, ORDERS.c.revision)
            .where(ORDERS.c.wake <= now - LATE)
            .order_by(ORDERS.c.start)
            .limit(_MOST_LATE)
        )
        with reading(self._engine) as connection:
            found = connection.execute(late).all()
        span = int(now.timestamp() // LATE.total_seconds())
        for start in range(0, len(found), _BATCH):
            with transaction(self._engine) as connection:
                for row in found[start : start + _BATCH]:
                    name = f"{row.id}~{row.revision}{AGAIN}{span}"
                    self._start(connection, row.id, name, 0.0)
        return 0

    def get(self, order_id: str) -> OutboundOrder | None:
        """An order by our own id."""
        with reading(self._engine) as connection:
            return get_order(connection, order_id)

    def find(self, any_id: str) -> OutboundOrder | None:
        """An order by our id, the dialler's request id or its phonon uuid."""
        if not any_id:
            return None
        names = (ORDERS.c.id, ORDERS.c.request_id, ORDERS.c.phonon_uuid)
        with reading(self._engine) as connection:
            return load_order(connection, or_(*(name == any_id for name in names)))

    def find_key(self, account: str, key: str, *, since: datetime) -> OutboundOrder | None:
        """The order of an account with this idempotency key, made at `since` or later."""
        with reading(self._engine) as connection:
            return load_order(connection, *key_of(account, key), ORDERS.c.created_at >= since)

    def settled(self, order_id: str, *, seconds: float) -> OutboundOrder | None:
        """An order as soon as no attempt is running, or as it stands after so many seconds."""
        end = time.monotonic() + seconds
        while True:
            order = self.get(order_id)
            if order is None or order.state is not State.SENDING or time.monotonic() >= end:
                return order
            time.sleep(_POLL_SECONDS)

    def last_attempts(self, dialler: str, count: int) -> list[tuple[datetime, bool]]:
        """When the last attempts at a dialler ended and whether they failed, newest first."""
        failed = CHANGES.c.new.in_([State.QUEUED.value, State.UNCERTAIN.value])
        newest = (
            select(CHANGES.c.at, failed)
            .where(CHANGES.c.dialler == dialler)
            .order_by(CHANGES.c.at.desc())
            .limit(count)
        )
        with reading(self._engine) as connection:
            return [(at, bool(bad)) for at, bad in connection.execute(newest)]

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of orders that somebody should look at, oldest start first."""
        ids = select(ORDERS.c.id).where(ORDERS.c.wake <= now).order_by(ORDERS.c.start).limit(limit)
        with reading(self._engine) as connection:
            return list(connection.execute(ids).scalars())

    def listing(
        self, *, states: Sequence[State] = (), account: str | None = None, limit: int = 100
    ) -> list[OutboundOrder]:
        """Orders, newest first."""
        orders = select(ORDERS).order_by(ORDERS.c.created_at.desc(), ORDERS.c.id).limit(limit)
        if states:
            orders = orders.where(ORDERS.c.state.in_([state.value for state in states]))
        if account is not None:
            orders = orders.where(ORDERS.c.account == account)
        with reading(self._engine) as connection:
            return load_orders(connection, orders)

    def counts(self, *, overdue_before: datetime) -> Counts:
        """Numbers for the health page."""
        waiting = ORDERS.c.state.in_([state.value for state in WAITING])
        by_state = select(ORDERS.c.state, func.count()).group_by(ORDERS.c.state)
        oldest = select(func.min(ORDERS.c.start)).where(waiting)
        late = select(func.count()).where(waiting, ORDERS.c.start < overdue_before)
        with reading(self._engine) as connection:
            return Counts(
                {State(name): count for name, count in connection.execute(by_state)},
                connection.execute(oldest).scalar(),
                connection.execute(late).scalar_one(),
            )
