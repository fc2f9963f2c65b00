"""Housekeeping: delete what has expired, close pauses that ended by themselves, purge old history.

Everything it does is true already: readers compute it from the moment. So it may run rarely, late,
or twice at once; it works in small steps, each a short transaction of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from rules.prefs import PREFS, drop_expired, end_if_over
from rules.services.prefs import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.prefs import Change, Stored
    from rules.services import Services

__all__ = ["HISTORY_DAYS", "Swept", "sweep"]

HISTORY_DAYS = 365
_EXPIRY = Origin("expiry")


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did: values deleted, pauses closed, history rows purged."""

    expired: int = 0
    closed: int = 0
    purged: int = 0

    @property
    def total(self) -> int:
        """Zero: there was nothing to do."""
        return self.expired + self.closed + self.purged


def sweep(services: Services, now: datetime, limit: int = 500) -> Swept:
    """One step of each kind of work, at most `limit` contacts, agents and rows."""
    return Swept(
        expired=_expire(services, now, limit),
        closed=_close(services, now, limit),
        purged=_purge(services, now, limit),
    )


def _expire(services: Services, now: datetime, limit: int) -> int:
    store = services.preferences
    if store is None:
        return 0

    def rule(stored: Stored) -> tuple[Stored, Sequence[Change]]:
        return drop_expired(stored, now=now)

    return sum(len(store.change(*whose, rule, _EXPIRY)) for whose in store.ended(now, limit))


def _close(services: Services, now: datetime, limit: int) -> int:
    store = services.pauses
    if store is None:
        return 0
    accounts = services.accounts()
    closed = 0
    for interval in store.past_end(now):
        policy = accounts.settings(PREFS, interval.account or None).pauses
        if policy.auto_end and closed < limit:
            rule = partial(end_if_over, at=now, policy=policy)
            store.change(interval.cli, interval.account, rule)
            closed += 1
    return closed


def _purge(services: Services, now: datetime, limit: int) -> int:
    store = services.preferences
    return 0 if store is None else store.purge_history(now - timedelta(days=HISTORY_DAYS), limit)
