"""Live number sources: what can be asked, what is kept of the answers, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from rules.errors import RulesError

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from rules.telecom import LiveAnswer, Lookup, TelecomSettings

__all__ = [
    "RECORDS_KEPT",
    "Budget",
    "KeptAnswer",
    "LiveFailed",
    "LiveNumbers",
    "LiveSource",
    "LiveStore",
    "Outcome",
    "Question",
]


RECORDS_KEPT = timedelta(days=400)
"""So long records of questions are kept: the same month of the last year can be compared."""


class LiveFailed(RulesError):
    """A source gave no usable answer. `sent`: could it have seen the question?"""

    code = "LIVE_SOURCE"

    def __init__(self, *, sent: bool, timed_out: bool = False) -> None:
        super().__init__("a live source gave no usable answer")
        self.sent = sent
        self.timed_out = timed_out


class LiveSource(Protocol):
    """A service that knows single numbers; `cost` is per question, in the budget's currency."""

    name: str
    cost: Decimal

    def ask(self, e164: str, *, timeout: float) -> LiveAnswer | None:
        """What it says, `None` when it knows nothing; raises `LiveFailed`."""
        ...


class Outcome(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOTHING = "nothing"
    TIMEOUT = "timeout"
    FAILED = "failed"


@dataclass(frozen=True)
class Budget:
    """What one question takes from an account's day and month; `monthly` of `None` is no limit."""

    account: str
    day: date
    cost: Decimal
    daily: int
    monthly: Decimal | None

    @property
    def month(self) -> str:
        """Year and month: `2026-11`."""
        return self.day.isoformat()[:7]


@dataclass(frozen=True)
class KeptAnswer:
    """An answer that holds until a moment; `None`: the source knew nothing."""

    answer: LiveAnswer | None
    until: datetime


@dataclass(frozen=True)
class Question:
    """The record of one question. It holds no number."""

    at: datetime
    account: str
    source: str
    outcome: Outcome
    milliseconds: int
    cost: Decimal


class LiveStore(Protocol):
    """Keeps answers under keys that no number can be read from, spending, and records."""

    def find(self, key: str) -> KeptAnswer | None:
        """The answer kept under a key, also one whose time has passed."""
        ...

    def keep(self, key: str, kept: KeptAnswer) -> None:
        """Keep an answer in the place of an older one."""
        ...

    def reserve(self, budget: Budget) -> bool:
        """Take a question from day and month if both have room; one conditional update."""
        ...

    def give_back(self, budget: Budget) -> None:
        """Undo a `reserve` whose question was not sent."""
        ...

    def record(self, question: Question) -> None:
        """Add a record."""
        ...

    def questions(self, account: str, start: datetime, end: datetime) -> list[Question]:
        """Records of an account from `start`, before `end`, oldest first."""
        ...

    def purge(self, now: datetime) -> int:
        """Delete a batch of answers past their end and records past their keeping; how many."""
        ...


class LiveNumbers(Protocol):
    """Asks the account's live source where that is wanted and allowed.

    `asked` and `spent` are the questions this process has sent, and what they cost.
    """

    asked: int
    spent: Decimal

    def ask(
        self,
        found: Lookup,
        settings: TelecomSettings,
        *,
        account: str,
        timeout: float | None = None,
    ) -> LiveAnswer | None:
        """A fresh answer about a number already looked up. Never raises; `None`: use the tables.

        `timeout` replaces the account's `live_timeout`, for bulk work.
        """
        ...
