"""Answers, spending and records of live sources in the database.

Answers lie under keyed hashes, so no number can be read from the table. Spending is one row per
account and month: a question is taken from its day and its month by one conditional update, so no
two processes can spend the same money. Amounts are whole millionths.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    Text,
    case,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from rules.services.telecom import RECORDS_KEPT, KeptAnswer, Outcome, Question
from rules.storage.engine import reading, transaction
from rules.storage.tables import Moment, Serial, table
from rules.telecom import LiveAnswer

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from rules.services.telecom import Budget

__all__ = ["SqlLive"]

ANSWERS = table(
    "live_answers",
    Column("key", Text, primary_key=True),
    Column("until", Moment, nullable=False),
    Column("asked_at", Moment),
    Column("operator", Text),
    Column("circle", Text),
    Column("ported", Boolean),
    Column("line_type", Text),
    Index("ix_rules_live_answers_until", "until"),
)
SPENDING = table(
    "live_spending",
    Column("account", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("questions", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "month"),
)
QUESTIONS = table(
    "live_questions",
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("account", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Index("ix_rules_live_questions_account", "account", "at"),
    Index("ix_rules_live_questions_at", "at"),
)
BATCH = 1_000
_MILLION = 1_000_000
_NEW_MONTH = text(
    "INSERT INTO rules_live_spending (account, month, day, questions, amount)"
    " VALUES (:account, :month, :day, 0, 0) ON CONFLICT DO NOTHING"
)
_FIELDS = ("asked_at", "operator", "circle", "ported", "line_type")
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class SqlLive:
    """`LiveStore` on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, key: str) -> KeptAnswer | None:
        """The answer kept under a key, also one whose time has passed."""
        with reading(self._engine) as connection:
            row = connection.execute(select(ANSWERS).where(ANSWERS.c.key == key)).first()
        if row is None:
            return None
        return KeptAnswer(None if row.asked_at is None else _answer(row), row.until)

    def keep(self, key: str, kept: KeptAnswer) -> None:
        """Keep an answer in the place of an older one."""
        values = {"key": key, "until": kept.until}
        values |= {name: getattr(kept.answer, name, None) for name in _FIELDS}
        new = _INSERT[self._engine.dialect.name](ANSWERS).values(values)
        newer = {name: new.excluded[name] for name in ("until", *_FIELDS)}
        with transaction(self._engine) as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=newer))

    def reserve(self, budget: Budget) -> bool:
        """Take a question from day and month if both have room; one conditional update."""
        row, day, cost = SPENDING.c, budget.day.isoformat(), _millionths(budget.cost)
        today = case((row.day == day, row.questions), else_=0)
        take = (
            update(SPENDING)
            .where(row.account == budget.account, row.month == budget.month)
            .where(today < budget.daily)
            .values(day=day, questions=today + 1, amount=row.amount + cost)
        )
        if budget.monthly is not None:
            take = take.where(row.amount + cost <= _millionths(budget.monthly))
        names = {"account": budget.account, "month": budget.month, "day": day}
        with transaction(self._engine) as connection:
            connection.execute(_NEW_MONTH, names)
            return connection.execute(take).rowcount == 1

    def give_back(self, budget: Budget) -> None:
        """Undo a `reserve` whose question was not sent."""
        row = SPENDING.c
        same_day = row.day == budget.day.isoformat()
        undo = (
            update(SPENDING)
            .where(row.account == budget.account, row.month == budget.month)
            .values(
                questions=case((same_day, row.questions - 1), else_=row.questions),
                amount=row.amount - _millionths(budget.cost),
            )
        )
        with transaction(self._engine) as connection:
            connection.execute(undo)

    def record(self, question: Question) -> None:
        """Add a record."""
        values = {
            "at": question.at,
            "account": question.account,
            "source": question.source,
            "outcome": question.outcome.value,
            "milliseconds": question.milliseconds,
            "cost": _millionths(question.cost),
        }
        with transaction(self._engine) as connection:
            connection.execute(insert(QUESTIONS).values(values))

    def questions(self, account: str, start: datetime, end: datetime) -> list[Question]:
        """Records of an account from `start`, before `end`, oldest first."""
        row = QUESTIONS.c
        query = select(QUESTIONS).where(row.account == account, row.at >= start, row.at < end)
        with reading(self._engine) as connection:
            return [
                _question(found) for found in connection.execute(query.order_by(row.at, row.id))
            ]

    def purge(self, now: datetime) -> int:
        """Delete a batch of answers past their end and records past their keeping; how many."""
        over = select(ANSWERS.c.key).where(ANSWERS.c.until <= now).limit(BATCH)
        old = select(QUESTIONS.c.id).where(QUESTIONS.c.at < now - RECORDS_KEPT).limit(BATCH)
        with transaction(self._engine) as connection:
            answers = connection.execute(delete(ANSWERS).where(ANSWERS.c.key.in_(over)))
            questions = connection.execute(delete(QUESTIONS).where(QUESTIONS.c.id.in_(old)))
            return answers.rowcount + questions.rowcount


def _millionths(amount: Decimal) -> int:
    return int(amount * _MILLION)


def _answer(row: Any) -> LiveAnswer:
    return LiveAnswer(row.operator, row.circle, row.ported, row.line_type, row.asked_at)


def _question(row: Any) -> Question:
    return Question(
        row.at,
        row.account,
        row.source,
        Outcome(row.outcome),
        row.milliseconds,
        Decimal(row.cost) / _MILLION,
    )
