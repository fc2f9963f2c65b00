"""Where customers' preferences, consent and agents' pauses are kept. The stores only keep and find.

What becomes of stored values is decided by a rule of `rules.prefs`, a function that the store runs
on what is stored at that moment; if another writer comes between, the store runs it again. A rule
that raises leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rules.prefs import AgentState, Change, Consent, Interval, Stored

if TYPE_CHECKING:
    from datetime import datetime

    from rules.errors import RulesError

__all__ = [
    "ConsentStore",
    "HistoryRow",
    "Origin",
    "PauseRule",
    "PauseStore",
    "PreferenceRule",
    "PreferenceStore",
]

PreferenceRule = Callable[[Stored], tuple[Stored, Sequence[Change]]]
"""What is stored of a contact to what shall be, and the rows of history."""
PauseRule = Callable[[AgentState], tuple[AgentState, Sequence[Interval]]]
"""An agent's state to the new one, and the intervals it closed."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made a change: method, request, flow, and for erasing who asked."""

    method: str
    request_id: str = ""
    flow: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A change as it is kept; `contact` is a keyed hash in the rows of an erasure."""

    account: str
    contact: str
    change: Change
    origin: Origin


class PreferenceStore(Protocol):
    """Values by account and contact, and their history."""

    def find(self, account: str, contact: str) -> Stored:
        """What is stored, past its end or not; empty for a contact never seen."""
        ...

    def change(
        self, account: str, contact: str, rule: PreferenceRule, origin: Origin
    ) -> Sequence[Change]:
        """Apply a rule, all or nothing; gives back the rows of history it made."""
        ...

    def change_many(
        self, account: str, changes: Sequence[tuple[str, PreferenceRule]], origin: Origin
    ) -> list[Sequence[Change] | RulesError]:
        """Apply a rule to each contact, in one transaction; rows of history in the same order.

        A rule that raises a `RulesError` leaves its contact as it was; the error stands there.
        """
        ...

    def history(
        self, account: str, contacts: Collection[str], *, name: str | None = None, limit: int
    ) -> list[HistoryRow]:
        """Rows of these contact ids, newest first."""
        ...

    def erase(
        self,
        account: str,
        contact: str,
        *,
        names: Collection[str] | None,
        hashed: str,
        at: datetime,
        origin: Origin,
    ) -> int:
        """Delete these names (`None`: all) with their history, at once; how many values went.

        A value that had ended is deleted and not counted. A row of kind `erased` per name stays
        under `hashed`, one with an empty name where there was none; of all names, consents move
        there.
        """
        ...

    def page(
        self, account: str, *, after: str = "", limit: int = 1_000
    ) -> list[tuple[str, Stored]]:
        """Contacts of an account in order, those behind `after`."""
        ...

    def count(self, account: str) -> int:
        """How many contacts of an account have values."""
        ...

    def ended(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Accounts and contacts that hold a value past its end."""
        ...

    def purge_history(self, before: datetime, limit: int) -> int:
        """Delete history rows older than a moment; how many."""
        ...


class ConsentStore(Protocol):
    """Rows of consent, only ever added."""

    def add(self, account: str, contact: str, rows: Iterable[Consent]) -> None:
        """Keep rows, all or none."""
        ...

    def of(self, account: str, contacts: Collection[str]) -> list[Consent]:
        """Rows of these contact ids, oldest first."""
        ...


class PauseStore(Protocol):
    """Intervals by agent; at most one of an agent is open."""

    def running(self, cli: str) -> Interval | None:
        """The open interval of an agent."""
        ...

    def change(self, cli: str, account: str, rule: PauseRule) -> AgentState:
        """Apply a rule to the agent's state, all or nothing; gives back the new state.

        `account` is whose agent it is when no interval is open.
        """
        ...

    def overlapping(
        self, start: datetime, end: datetime, *, cli: str = "", account: str = ""
    ) -> list[Interval]:
        """Intervals that touch the time from `start` to `end`; empty filters let all pass."""
        ...

    def all_running(self) -> list[Interval]:
        """Every open interval, by number."""
        ...

    def past_end(self, now: datetime) -> list[Interval]:
        """Open intervals whose planned end is not ahead, longest past first."""
        ...
