"""Answers, spending and records of live sources in memory."""

from __future__ import annotations

from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING

from rules.services.telecom import RECORDS_KEPT

if TYPE_CHECKING:
    from datetime import date, datetime

    from rules.services.telecom import Budget, KeptAnswer, Question

__all__ = ["MemoryLive"]


class MemoryLive:
    """`LiveStore` in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: dict[str, KeptAnswer] = {}
        self._days: dict[tuple[str, date], int] = {}
        self._months: dict[tuple[str, str], Decimal] = {}
        self._questions: list[Question] = []

    def find(self, key: str) -> KeptAnswer | None:
        """The answer kept under a key, also one whose time has passed."""
        return self._answers.get(key)

    def keep(self, key: str, kept: KeptAnswer) -> None:
        """Keep an answer in the place of an older one."""
        self._answers[key] = kept

    def reserve(self, budget: Budget) -> bool:
        """Take a question from day and month if both have room."""
        with self._lock:
            count = self._days.get((budget.account, budget.day), 0)
            amount = self._months.get((budget.account, budget.month), Decimal(0)) + budget.cost
            if count >= budget.daily or (budget.monthly is not None and amount > budget.monthly):
                return False
            self._days[budget.account, budget.day] = count + 1
            self._months[budget.account, budget.month] = amount
            return True

    def give_back(self, budget: Budget) -> None:
        """Undo a `reserve` whose question was not sent."""
        with self._lock:
            self._days[budget.account, budget.day] -= 1
            self._months[budget.account, budget.month] -= budget.cost

    def record(self, question: Question) -> None:
        """Add a record."""
        self._questions.append(question)

    def questions(self, account: str, start: datetime, end: datetime) -> list[Question]:
        """Records of an account from `start`, before `end`, oldest first."""
        found = [one for one in self._questions if one.account == account and start <= one.at < end]
        return sorted(found, key=lambda one: one.at)

    def purge(self, now: datetime) -> int:
        """Delete answers past their end and records past their keeping; how many."""
        with self._lock:
            over = [key for key, kept in self._answers.items() if kept.until <= now]
            for key in over:
                del self._answers[key]
            old = [one for one in self._questions if one.at < now - RECORDS_KEPT]
            self._questions = [one for one in self._questions if one not in old]
        return len(over) + len(old)
