"""What outbound calls need from outside: a store of orders, and the dialler.

An order is changed by replacing it: `save` writes the new one only if nobody changed the stored one
in between, so of two who claim an order one wins. Keeping an order and starting the engine's work
for it is one transaction, as is every later change with its next waking where it needs one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rules.outbound import OutboundOrder, Outcome, State

__all__ = [
    "AGAIN",
    "LATE",
    "Accepting",
    "Counts",
    "Dialler",
    "OrderStore",
    "is_carried",
    "work_name",
]

AGAIN = "@"
LATE = timedelta(minutes=2)
"""So long after its waking an order is taken to have been forgotten."""


@dataclass(frozen=True)
class Counts:
    """How many orders stand where; the oldest start that still waits; how many wait too long."""

    by_state: Mapping[State, int] = field(default_factory=dict)
    oldest_waiting: datetime | None = None
    overdue: int = 0


def work_name(order: OutboundOrder) -> str:
    """Name of the work that follows from an order as it stands; `AGAIN` begins its repetitions."""
    return f"{order.id}~{len(order.history)}"


def is_carried(order: OutboundOrder) -> bool:
    """Does work of the engine hold the claim? Such work comes back to it by itself after a death.

    Any other claim (of a request, of a person) needs work that comes when it has run out.
    """
    return order.claimed_by.startswith(f"{order.id}~")


class Accepting(Protocol):
    """The one step from which an order cannot be lost."""

    def accept(self, order: OutboundOrder, *, memory: timedelta) -> OutboundOrder | None:
        """Keep a new order and start its work, both or neither; `None` when that was done.

        When another order of the account, not older than `memory`, has the same idempotency key,
        nothing is kept and that order is given back.
        """
        ...


class OrderStore(Accepting, Protocol):
    """Orders with their history. Every method may raise `StoreUnavailable`."""

    def save(self, order: OutboundOrder, *, was: OutboundOrder) -> bool:
        """Replace `was` by what became of it; `False` when somebody else changed it first."""
        ...

    def wake_again(self, order: OutboundOrder, *, now: datetime) -> None:
        """Start the work of a waiting order once more, for the moment it is to be woken."""
        ...

    def get(self, order_id: str) -> OutboundOrder | None:
        """An order by our own id."""
        ...

    def find(self, any_id: str) -> OutboundOrder | None:
        """An order by our id, the dialler's request id or its phonon uuid."""
        ...

    def find_key(self, account: str, key: str, *, since: datetime) -> OutboundOrder | None:
        """The order of an account with this idempotency key, made at `since` or later."""
        ...

    def settled(self, order_id: str, *, seconds: float) -> OutboundOrder | None:
        """An order as soon as no attempt is running, or as it stands after so many seconds."""
        ...

    def last_attempts(self, dialler: str, count: int) -> Sequence[tuple[datetime, bool]]:
        """When the last attempts at a dialler ended and whether they failed, newest first."""
        ...

    def due(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Ids of orders that somebody should look at, oldest start first."""
        ...

    def listing(
        self, *, states: Sequence[State] = (), account: str | None = None, limit: int = 100
    ) -> Sequence[OutboundOrder]:
        """Orders, newest first; all states when none is named."""
        ...

    def counts(self, *, overdue_before: datetime) -> Counts:
        """Numbers for the health page; waiting orders with an earlier start are overdue."""
        ...


class Dialler(Protocol):
    """The telephony platform's create API."""

    def send(self, order: OutboundOrder, url: str) -> Outcome:
        """Hand an order's bytes over and read the answer; never raises for what comes back."""
        ...
