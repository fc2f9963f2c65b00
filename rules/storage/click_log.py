"""Clicks on their way to the store: taken in a moment, kept in batches by a thread of their own.

A redirect only appends to a list. The thread makes the visitor mark, forgets address and
User-Agent, and keeps what came within a fifth of a second in one transaction. It starts with the
first click, in whichever process that is, so nothing is lost or doubled by a fork. Clicks that
cannot be kept are dropped and counted in the log, never waited for.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING

from rules.links.clicks import day_number, visitor_mark
from rules.services.links import Click
from rules.storage.fork import at_end, in_child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.services.links import ClickStore, Visit

__all__ = ["BatchedClicks", "DirectClicks"]

PAUSE_SECONDS = 0.2
MOST_WAITING = 20_000
MOST_AT_ONCE = 1_000
_log = logging.getLogger(__name__)


class DirectClicks:
    """`ClickLog` that keeps each click at once: for tests, and the work done in batches."""

    def __init__(self, store: ClickStore) -> None:
        self._store = store
        self._day, self._key = -1, b""

    def add(self, visit: Visit) -> None:
        """Keep a click; a failure is logged."""
        self.keep([visit])

    def flush(self) -> None:
        """Nothing is ever waiting."""

    def keep(self, visits: Sequence[Visit]) -> None:
        """Keep clicks as marks, in one transaction; a failure is logged."""
        try:
            key = self._key_of(day_number(visits[-1].at))
            self._store.keep(
                [
                    Click(
                        visit.link,
                        visit.at,
                        visit.human,
                        visit.device,
                        visitor_mark(key, visit.address, visit.agent),
                    )
                    for visit in visits
                ]
            )
        except Exception as error:  # noqa: BLE001  no click is worth a failing redirect
            _log.warning(
                "clicks lost", extra={"clicks": len(visits), "error": type(error).__name__}
            )

    def _key_of(self, day: int) -> bytes:
        if day != self._day:
            self._key = self._store.visitor_key(day, secrets.token_bytes(32))
            self._day = day
        return self._key


class BatchedClicks:
    """`ClickLog` with a thread that keeps the clicks of each fifth of a second together."""

    def __init__(self, store: ClickStore) -> None:
        self._direct = DirectClicks(store)
        self._fresh()
        in_child(self._fresh)
        at_end(self.flush)

    def _fresh(self) -> None:
        """Begin anew, also in a forked child: what its parent still holds, the parent keeps."""
        self._waiting: deque[Visit] = deque()
        self._lost = 0
        self._starting = threading.Lock()
        self._keeping = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, visit: Visit) -> None:
        """Take a click; never raises, never waits."""
        if len(self._waiting) >= MOST_WAITING:
            self._lost += 1
            return
        self._waiting.append(visit)
        if self._thread is None:
            self._start()

    def flush(self) -> None:
        """Keep every click taken so far, or give it up."""
        with self._keeping:
            while self._waiting:
                size = min(len(self._waiting), MOST_AT_ONCE)
                self._direct.keep([self._waiting.popleft() for _ in range(size)])
            if self._lost:
                _log.warning("clicks lost", extra={"clicks": self._lost, "error": "too many"})
                self._lost = 0

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=_keep_on, args=(weakref.ref(self),), name="clicks", daemon=True
                )
                self._thread.start()


def _keep_on(log: weakref.ref[BatchedClicks]) -> None:
    """Flush again and again, for as long as somebody holds the log."""
    while (found := log()) is not None:
        found.flush()
        del found
        time.sleep(PAUSE_SECONDS)
