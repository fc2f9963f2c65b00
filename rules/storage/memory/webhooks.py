"""Webhook calls made later and variables kept, in memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rules.services.webhooks import KeptVariables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.services.webhooks import Later

__all__ = ["MemoryWebhooks"]


class MemoryWebhooks:
    """The store for tests and trials; `queued` are the ids of the calls that wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[str, Later] = {}
        self._begun: set[str] = set()
        self._variables: dict[tuple[str, str, str], tuple[str, datetime]] = {}

    @property
    def queued(self) -> tuple[str, ...]:
        """Ids of queued calls, oldest first; `make_call` makes one."""
        return tuple(self._calls)

    def queue(self, later: Later, *, now: datetime) -> None:  # noqa: ARG002  nothing expires here
        """Keep a call; somebody has to make it."""
        with self._lock:
            self._calls[later.id] = later

    def take(self, call_id: str) -> Later | None:
        """Begin a queued call; None when it was begun."""
        with self._lock:
            if call_id not in self._calls:
                return None
            self._begun.add(call_id)
            return self._calls.pop(call_id)

    def forget(self, call_id: str) -> bool:
        """Forget a call; was it still there?"""
        with self._lock:
            waiting = self._calls.pop(call_id, None) is not None
            begun = call_id in self._begun
            self._begun.discard(call_id)
            return waiting or begun

    def keep(
        self, account: str, run: str, variables: Sequence[tuple[str, str]], *, now: datetime
    ) -> None:
        """Keep variables of a run, each in place of an older one of its name."""
        with self._lock:
            for name, value in variables:
                self._variables[account, run, name] = (value.replace("\0", "\ufffd"), now)

    def kept(
        self, account: str, *, since: datetime, until: datetime, after: str = "", limit: int = 500
    ) -> Sequence[KeptVariables]:
        """Runs of an account whose variables were kept in a span, by run after `after`."""
        with self._lock:
            rows = sorted(
                (run, name, value, at)
                for (owner, run, name), (value, at) in self._variables.items()
                if owner == account and run > after
            )
        runs = sorted({run for run, _, _, at in rows if since <= at < until})[:limit]
        found: dict[str, KeptVariables] = {}
        for run, name, value, at in rows:
            if run in runs:
                found.setdefault(run, KeptVariables(account, run, at, {})).variables[name] = value
        return list(found.values())

    def sweep(self, before: datetime, *, limit: int = 500) -> int:
        """Delete a batch of variables kept before a moment; how many."""
        with self._lock:
            old = [key for key, (_, at) in self._variables.items() if at < before][:limit]
            for key in old:
                del self._variables[key]
            return len(old)
