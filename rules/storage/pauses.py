"""Pauses of agents in the database: one row per interval, at most one open per number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, Text, func, insert, or_, select, update

from rules.prefs import AgentState, EndedBy, Interval
from rules.storage.driver import driver
from rules.storage.engine import is_sqlite, reading, transaction
from rules.storage.tables import Moment, Serial, table, to_moment

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql import ColumnElement, Select

    from rules.services.prefs import PauseRule

__all__ = ["SqlPauses"]

PAUSES = table(
    "pauses",
    Column("id", Serial, primary_key=True),
    Column("cli", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("start", Moment, nullable=False),
    Column("planned_end", Moment),
    Column("end", Moment),
    Column("ended_by", Text, nullable=False),
    Index("ix_rules_pauses_end", "end", "start"),
)
_IS_OPEN = PAUSES.c.end.is_(None)
Index(
    "uq_rules_pauses_open",
    PAUSES.c.cli,
    unique=True,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)
_FIELDS = tuple(Interval.__dataclass_fields__)
_RUNNING = (
    'SELECT account, reason, "start", planned_end FROM rules_pauses WHERE cli = ? AND "end" IS NULL'
)
_LOCK = 7_242_002  # the space of advisory locks on agents' numbers


class SqlPauses:
    """`PauseStore` on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._running = _RUNNING if is_sqlite(engine) else _RUNNING.replace("?", "%s")

    def running(self, cli: str) -> Interval | None:
        """The open interval of an agent."""
        with driver(self._engine) as connection:
            row = connection.execute(self._running, (cli,)).fetchone()
        if row is None:
            return None
        account, reason, start, planned = row
        return Interval(
            cli, account, reason, to_moment(start), None if planned is None else to_moment(planned)
        )

    def change(self, cli: str, account: str, rule: PauseRule) -> AgentState:
        """Apply a rule to the agent's state; gives back the new state."""
        with transaction(self._engine) as connection:
            if not is_sqlite(self._engine):
                lock = func.pg_advisory_xact_lock(_LOCK, func.hashtext(cli))
                connection.execute(select(lock))
            row = connection.execute(select(PAUSES).where(PAUSES.c.cli == cli, _IS_OPEN)).first()
            running = None if row is None else _interval(row)
            state = AgentState(cli, running.account if running else account, running)
            new, closed = rule(state)
            open_id = None if row is None else row.id
            for interval in closed:
                _write(connection, open_id, interval)
                open_id = None
            if new.running is not None and new.running != running:
                _write(connection, open_id, new.running)
        return new

    def overlapping(
        self, start: datetime, end: datetime, *, cli: str = "", account: str = ""
    ) -> list[Interval]:
        """Intervals that touch a time."""
        rows = PAUSES.c
        query = (
            select(PAUSES)
            .where(rows.start < end, or_(rows.end > start, _IS_OPEN))
            .order_by(rows.start, rows.id)
        )
        asked = ((rows.cli, cli), (rows.account, account))
        return self._select(query.where(*_filters(asked)))

    def all_running(self) -> list[Interval]:
        """Every open interval, by number."""
        return self._select(select(PAUSES).where(_IS_OPEN).order_by(PAUSES.c.cli))

    def past_end(self, now: datetime) -> list[Interval]:
        """Open intervals whose planned end is not ahead."""
        query = select(PAUSES).where(_IS_OPEN, PAUSES.c.planned_end <= now)
        return self._select(query.order_by(PAUSES.c.planned_end))

    def _select(self, query: Select[Any]) -> list[Interval]:
        with reading(self._engine) as connection:
            return [_interval(row) for row in connection.execute(query)]


def _filters(asked: tuple[tuple[Any, str], ...]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in asked if value]


def _interval(row: Any) -> Interval:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Interval(**values | {"ended_by": EndedBy(row.ended_by)})


def _write(connection: Connection, open_id: int | None, interval: Interval) -> None:
    """Write over the open row, or a new one."""
    values = {name: getattr(interval, name) for name in _FIELDS}
    if open_id is None:
        connection.execute(insert(PAUSES).values(values))
    else:
        connection.execute(update(PAUSES).where(PAUSES.c.id == open_id).values(values))
