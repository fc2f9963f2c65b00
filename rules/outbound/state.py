"""States of an order, which may follow which, and the history that records every change.

The history is the order's memory: how often it was tried, whether the fate of an attempt is
unknown and since when are read from it, never kept a second time.

>>> State.ACCEPTED.is_end, State.QUEUED in NEXT[State.UNCERTAIN]
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["NEXT", "Change", "State", "attempts", "failures", "unknown_since"]


class State(Enum):
    """Where an order stands."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_end(self) -> bool:
        """Does nothing follow?"""
        return not NEXT[self]


NEXT: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset(
        {
            State.SENDING,
            State.HELD,
            State.BLOCKED,
            State.UNCERTAIN,
            State.CANCELLED,
            State.EXPIRED,
        }
    ),
    State.HELD: frozenset({State.QUEUED, State.CANCELLED, State.EXPIRED, State.BLOCKED}),
    State.SENDING: frozenset({State.ACCEPTED, State.REJECTED, State.QUEUED, State.UNCERTAIN}),
    State.UNCERTAIN: frozenset({State.ACCEPTED, State.QUEUED}),
    State.ACCEPTED: frozenset(),
    State.REJECTED: frozenset(),
    State.BLOCKED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}
"""State to the states that may follow. A state without any is an end."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of an order's history.

    `attempt` is the number of the attempt that was running or had run last. For a row that leaves
    `sending`, `known` says whether the fate of the attempt is certain, `retry_after` how many
    seconds the dialler asked to wait, `dialler` which address was tried. `decision` is the gate's
    decision behind the change, as JSON text.
    """

    at: datetime
    old: State | None
    new: State
    reason: str = ""
    attempt: int = 0
    known: bool = True
    retry_after: int = 0
    dialler: str = ""
    decision: str = ""


def attempts(history: Sequence[Change]) -> int:
    """How many attempts were begun."""
    return history[-1].attempt if history else 0


def failures(history: Sequence[Change]) -> int:
    """How many attempts ended without an answer to rely on."""
    return sum(
        1
        for change in history
        if change.old is State.SENDING and change.new in (State.QUEUED, State.UNCERTAIN)
    )


def unknown_since(history: Sequence[Change]) -> datetime | None:
    """When the first attempt of unknown fate began; a person's release forgets it."""
    begun = since = None
    for change in history:
        if change.new is State.SENDING:
            begun = change.at
        elif change.old is State.SENDING and not change.known and since is None:
            since = begun
        elif change.old is State.UNCERTAIN:
            since = None
    return since
