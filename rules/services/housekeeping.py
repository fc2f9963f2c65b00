"""Housekeeping of preferences and pauses: delete what has expired, close what ended, purge history.

All of it is true already: readers compute it from the moment. So it may run rarely, late, or twice
at once; each batch is a few short transactions that keep nobody waiting.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rules.prefs import PREFS, drop_expired, end_if_over
from rules.services.prefs import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from rules.prefs import AgentState, Change, Interval, PausePolicy, Stored
    from rules.services import Sweep
    from rules.services.prefs import PauseStore, PreferenceStore
    from rules.settings import Accounts

__all__ = ["HISTORY_DAYS", "prefs_tasks"]

HISTORY_DAYS = 365
BATCH = 500
_EXPIRY = Origin("expiry")


def prefs_tasks(
    preferences: PreferenceStore,
    pauses: PauseStore,
    accounts: Callable[[], Accounts],
    *,
    batch: int = BATCH,
) -> dict[str, Sweep]:
    """The tasks by name; each does at most `batch` contacts, agents or rows, and says how many."""
    return {
        "preferences": lambda now: _expire(preferences, now, batch),
        "preference history": lambda now: _purge(preferences, now, batch),
        "breaks": lambda now: _close(pauses, accounts(), now, batch),
    }


def _expire(store: PreferenceStore, now: datetime, batch: int) -> int:
    def rule(stored: Stored) -> tuple[Stored, Sequence[Change]]:
        return drop_expired(stored, now=now)

    return sum(len(store.change(*whose, rule, _EXPIRY)) for whose in store.ended(now, batch))


def _close(store: PauseStore, accounts: Accounts, now: datetime, batch: int) -> int:
    closed = 0

    def policy_of(account: str) -> PausePolicy:
        return accounts.settings(PREFS, account or None).pauses

    def rule(state: AgentState) -> tuple[AgentState, Sequence[Interval]]:
        return end_if_over(state, at=now, policy=policy_of(state.account))

    for interval in store.past_end(now):
        if closed < batch and policy_of(interval.account).auto_end:
            store.change(interval.cli, interval.account, rule)
            closed += 1
    return closed


def _purge(store: PreferenceStore, now: datetime, batch: int) -> int:
    """Whole days: a store need not look for them at each housekeeping."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return store.purge_history(midnight - timedelta(days=HISTORY_DAYS), batch)
