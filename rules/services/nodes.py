"""Who delivers: each delivery process keeps a sign of life in the database under its node name.

It does two things: the health page can say that nobody delivers, and two live processes never use
the same node name, which would do each other's work twice. On one machine a lock on a file decides
at once; between machines the name is free when its owner ended, or was silent for `SILENT`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["BEAT", "FORGOTTEN", "SILENT", "Node", "Nodes", "delivery_health"]

BEAT = timedelta(seconds=3)
"""A sign of life is given so often."""
SILENT = timedelta(seconds=15)
"""Without a sign for so long a node counts as dead."""
FORGOTTEN = timedelta(days=1)
"""A dead node is named on the health page for so long."""


@dataclass(frozen=True)
class Node:
    """A delivery process: its name, when it was last seen."""

    name: str
    seen: datetime

    def alive(self, now: datetime) -> bool:
        """Was it seen lately?"""
        return self.seen > now - SILENT


class Nodes(Protocol):
    """Names of delivery processes. `token` is a process's own, `place` the machine's own."""

    def claim(self, name: str, *, token: str, place: str, now: datetime) -> bool:
        """Take a name, unless a live process elsewhere has it."""
        ...

    def beat(self, name: str, *, token: str, now: datetime) -> bool:
        """Give a sign of life; `False`: somebody else has the name now."""
        ...

    def leave(self, name: str, *, token: str) -> None:
        """Give the name back."""
        ...

    def listing(self) -> Sequence[Node]:
        """All nodes, by name."""
        ...

    def sweep(self, before: datetime) -> int:
        """Forget nodes last seen before a moment; how many."""
        ...


def delivery_health(nodes: Nodes, now: datetime) -> dict[str, Any]:
    """The part of the health page about delivery: well when at least one node is alive."""
    known = nodes.listing()
    return {
        "ok": any(node.alive(now) for node in known),
        "nodes": [
            {
                "name": node.name,
                "alive": node.alive(now),
                "seen": node.seen.isoformat(timespec="seconds"),
            }
            for node in known
        ],
    }
