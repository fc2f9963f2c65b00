"""Orders in memory: the same contract as in a database, for tests and trials."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from rules.outbound import State
from rules.services.outbound import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta

    from rules.outbound import OutboundOrder

__all__ = ["MemoryOrders"]

_WAITING = (State.QUEUED, State.HELD, State.SENDING)
_FAILED = (State.QUEUED, State.UNCERTAIN)


class MemoryOrders:
    """The order store in a dictionary; safe to use from several threads."""

    def __init__(self) -> None:
        self._orders: dict[str, OutboundOrder] = {}
        self._changed = threading.Condition()

    def accept(self, order: OutboundOrder, *, memory: timedelta) -> OutboundOrder | None:
        """Keep a new order, or give back the holder of its idempotency key."""
        with self._changed:
            holder = self._holder(order.account, order.idempotency_key)
            if holder is not None:
                if holder.created_at >= order.created_at - memory:
                    return holder
                self._orders[holder.id] = replace(holder, idempotency_key="")
            self._orders[order.id] = order
            return None

    def save(self, order: OutboundOrder, *, was: OutboundOrder) -> bool:
        """Replace `was`; `False` when somebody else changed it first."""
        with self._changed:
            known = self._orders.get(order.id)
            if known is None or len(known.history) != len(was.history):
                return False
            self._orders[order.id] = replace(order, idempotency_key=known.idempotency_key)
            self._changed.notify_all()
            return True

    def wake_again(self, order: OutboundOrder, *, now: datetime) -> None:
        """Nothing to do: `due` tells of every order that should be looked at."""

    def get(self, order_id: str) -> OutboundOrder | None:
        """An order by our own id."""
        with self._changed:
            return self._orders.get(order_id)

    def find(self, any_id: str) -> OutboundOrder | None:
        """An order by our id, the dialler's request id or its phonon uuid."""
        return self._first(
            lambda order: bool(any_id) and any_id in (order.id, order.request_id, order.phonon_uuid)
        )

    def find_key(self, account: str, key: str, *, since: datetime) -> OutboundOrder | None:
        """The order of an account with this idempotency key, made at `since` or later."""
        with self._changed:
            holder = self._holder(account, key)
        return holder if holder is not None and holder.created_at >= since else None

    def settled(self, order_id: str, *, seconds: float) -> OutboundOrder | None:
        """An order as soon as no attempt is running, or as it stands after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_sending(order_id), seconds)
            return self._orders.get(order_id)

    def last_attempts(self, dialler: str, count: int) -> list[tuple[datetime, bool]]:
        """When the last attempts at a dialler ended and whether they failed, newest first."""
        ends = [
            (change.at, change.new in _FAILED)
            for order in self._all()
            for change in order.history
            if change.dialler == dialler
        ]
        return sorted(ends, reverse=True)[:count]

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of orders that somebody should look at, oldest start first."""
        found = [order for order in self._all() if order.wake is not None and order.wake <= now]
        return [order.id for order in sorted(found, key=lambda order: order.start)[:limit]]

    def listing(
        self, *, states: Sequence[State] = (), account: str | None = None, limit: int = 100
    ) -> list[OutboundOrder]:
        """Orders, newest first."""
        found = [
            order
            for order in self._all()
            if (not states or order.state in states) and account in (None, order.account)
        ]
        return sorted(found, key=lambda order: order.created_at, reverse=True)[:limit]

    def counts(self, *, overdue_before: datetime) -> Counts:
        """Numbers for the health page."""
        by_state: dict[State, int] = {}
        for order in self._all():
            by_state[order.state] = by_state.get(order.state, 0) + 1
        starts = [order.start for order in self._all() if order.state in _WAITING]
        late = sum(start < overdue_before for start in starts)
        return Counts(by_state, min(starts, default=None), late)

    def _all(self) -> list[OutboundOrder]:
        with self._changed:
            return list(self._orders.values())

    def _first(self, fits: Callable[[OutboundOrder], bool]) -> OutboundOrder | None:
        return next(filter(fits, reversed(self._all())), None)

    def _holder(self, account: str, key: str) -> OutboundOrder | None:
        held: Iterable[OutboundOrder] = self._orders.values() if key else ()
        return next((o for o in held if (o.account, o.idempotency_key) == (account, key)), None)

    def _is_sending(self, order_id: str) -> bool:
        order = self._orders.get(order_id)
        return order is not None and order.state is State.SENDING
