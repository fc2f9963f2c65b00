"""Durable work: what must be done later, whatever dies in between.

A store that accepts something starts its work **in the same transaction**: it hands its open
connection to `Starter.start`, so that the row and the work are both on disk or neither is. The
engine runs each piece of work by its kind, at least once; the handler of a kind (`rules.worker`)
makes a second run harmless. A retry is new work with a delay, started in the transaction that
records the attempt before it.

>>> Work(kind="deliver-order", id="0b6f~2", argument={"order": "0b6f"}, delay=5.0).queue
'orders'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Handler = Callable[[Mapping[str, str]], None]

__all__ = ["KINDS", "Starter", "Work"]

KINDS = {
    "deliver-order": "orders",
    "deliver-message": "messages",
    "call-webhook": "webhooks",
    "housekeeping": "housekeeping",
}
"""Kind of work to its queue. Queues are apart: a dead receiver never delays a call."""


@dataclass(frozen=True)
class Work:
    """One piece of work; starting the same `id` again does nothing. `delay` is in seconds.

    `argument` holds ids, not personal data: the handler reads what it needs from its store.
    """

    kind: str
    id: str
    argument: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0

    @property
    def queue(self) -> str:
        """The queue of its kind."""
        return KINDS[self.kind]


class Starter(Protocol):
    """What starts work inside a transaction of ours."""

    def start(self, connection: Any, work: Work) -> None:
        """Write the work with this open connection; it runs once the transaction commits."""
        ...
