"""A brake on guessing: who asks for too many codes that do not exist must wait.

More than thirty misses within a minute from one network (an IPv4 /24, an IPv6 /48) and everything
from there, hits too, is refused until the minute ends. Counts live in one process; several
processes each allow thirty.

>>> from datetime import datetime
>>> misses, now = Misses(allowed=1), datetime.fromisoformat("2026-11-18T10:30:20+05:30")
>>> misses.add(now, "8.8.8.8"), misses.add(now, "8.8.8.9"), misses.wait(now, "8.8.8.1")
(0, 40, 40)
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from rules.urls import as_address

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Misses", "network_of"]

ALLOWED = 30
MOST_NETWORKS = 200_000
_MINUTE = 60


def network_of(address: str) -> tuple[int, int]:
    """The network an address is counted with; one for all addresses that cannot be read."""
    try:
        found = as_address(address)
    except ValueError:
        return (0, 0)
    return (found.version, int(found) >> (8 if found.version == 4 else 80))


class Misses:
    """Misses of the present minute by network; keeps at most `MOST_NETWORKS` networks."""

    def __init__(self, allowed: int = ALLOWED) -> None:
        self._allowed = allowed
        self._minute = -1
        self._counts: dict[tuple[int, int], int] = {}
        self._lock = Lock()

    def wait(self, now: datetime, address: str) -> int:
        """Seconds this address must wait, 0 when it need not."""
        minute, second = divmod(int(now.timestamp()), _MINUTE)
        if not self._counts or minute != self._minute:
            return 0
        over = self._counts.get(network_of(address), 0) > self._allowed
        return _MINUTE - second if over else 0

    def add(self, now: datetime, address: str) -> int:
        """Count a miss; gives back `wait` after it."""
        network, minute = network_of(address), int(now.timestamp()) // _MINUTE
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            if network in self._counts or len(self._counts) < MOST_NETWORKS:
                self._counts[network] = self._counts.get(network, 0) + 1
        return self.wait(now, address)
