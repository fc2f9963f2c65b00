"""Pauses of agents in memory."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from rules.prefs import AgentState

if TYPE_CHECKING:
    from datetime import datetime

    from rules.prefs import Interval
    from rules.services.prefs import PauseRule

__all__ = ["MemoryPauses"]


class MemoryPauses:
    """`PauseStore` in memory."""

    def __init__(self) -> None:
        self._running: dict[str, Interval] = {}
        self._closed: list[Interval] = []
        self._lock = Lock()

    def running(self, cli: str) -> Interval | None:
        """The open interval of an agent."""
        return self._running.get(cli)

    def change(self, cli: str, account: str, rule: PauseRule) -> AgentState:
        """Apply a rule to the agent's state; gives back the new state."""
        with self._lock:
            running = self._running.get(cli)
            state = AgentState(cli, running.account if running else account, running)
            new, closed = rule(state)
            self._closed += closed
            if new.running is not None:
                self._running[cli] = new.running
            else:
                self._running.pop(cli, None)
        return new

    def overlapping(
        self, start: datetime, end: datetime, *, cli: str = "", account: str = ""
    ) -> list[Interval]:
        """Intervals that touch a time."""
        found = [
            one
            for one in (*self._closed, *self._running.values())
            if one.start < end and (one.end is None or one.end > start)
            if cli in ("", one.cli) and account in ("", one.account)
        ]
        return sorted(found, key=lambda one: one.start)

    def all_running(self) -> list[Interval]:
        """Every open interval, by number."""
        return [self._running[cli] for cli in sorted(self._running)]

    def past_end(self, now: datetime) -> list[Interval]:
        """Open intervals whose planned end is not ahead."""
        found = [
            (one.planned_end, one)
            for one in self._running.values()
            if one.planned_end is not None and one.planned_end <= now
        ]
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]
