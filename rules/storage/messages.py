"""Messages in the database: claimed by one conditional update, each change with what follows it.

A message's `turn` grows with every claim, so a claim or an outcome that comes late changes nothing.
A claim that is never finished runs out: the work started with it claims the message again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, update

from rules.services.flow_end import MessageCounts
from rules.services.work import Work
from rules.storage.engine import is_sqlite, reading, transaction
from rules.storage.flow_end_tables import (
    ENDPOINTS,
    MESSAGES,
    endpoint_row,
    message_row,
    read_endpoint,
    read_message,
)
from rules.storage.upsert import insert_or_nothing
from rules.webhooks.messages import LEASE, MessageState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine

    from rules.services.work import Starter
    from rules.webhooks.endpoints import Endpoint
    from rules.webhooks.messages import Message

__all__ = ["SqlMessages", "hold", "insert_message", "let_go", "locked"]

PENDING, SENDING, HELD = (
    state.value for state in (MessageState.PENDING, MessageState.SENDING, MessageState.HELD)
)
_ENDED = (MessageState.DELIVERED.value, MessageState.FAILED.value)
_BUSY_SECONDS = 1.0
_IDS_AT_ONCE = 1000


def start(
    connection: Connection,
    starter: Starter | None,
    message: Message,
    delay: float,
    *,
    mark: str = "",
) -> None:
    """Have the engine look at a message after so many seconds, once for each turn and mark."""
    if starter is not None:
        work = Work(
            kind="deliver-message",
            id=f"{message.id}~{message.turn}~{message.state.value}{mark}",
            argument={"message": message.id},
            delay=max(0.0, delay),
        )
        starter.start(connection, work)


def insert_message(connection: Connection, message: Message, starter: Starter | None) -> bool:
    """Queue a message, held when its endpoint is disabled; `False` when it was there."""
    enabled = connection.execute(
        select(ENDPOINTS.c.enabled).where(ENDPOINTS.c.id == message.endpoint)
    ).scalar()
    row = message_row(message) | {"state": PENDING if enabled else HELD}
    new = insert_or_nothing(connection, MESSAGES, row)
    if new and enabled:
        start(connection, starter, message, 0.0)
    return new


def hold(connection: Connection, endpoint: Endpoint, now: datetime) -> None:
    """Hold what waits for a disabled endpoint, also behind a claim that ran out."""
    connection.execute(
        update(MESSAGES)
        .where(MESSAGES.c.endpoint == endpoint.id, _in_state_or_cut_off(PENDING, now))
        .values(state=HELD, due=None)
    )


def let_go(
    connection: Connection, endpoint: Endpoint, starter: Starter | None, now: datetime
) -> None:
    """Start what was held for an endpoint that is enabled again, or whose claim ran out."""
    rows = connection.execute(
        update(MESSAGES)
        .where(MESSAGES.c.endpoint == endpoint.id, _in_state_or_cut_off(HELD, now))
        .values(state=PENDING, turn=MESSAGES.c.turn + 1, due=now)
        .returning(*MESSAGES.c)
    ).all()
    for row in rows:
        start(connection, starter, read_message(row), 0.0)


class SqlMessages:
    """Messages to endpoints on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine, starter: Starter | None = None) -> None:
        self._engine = engine
        self._starter = starter

    def queue(self, message: Message) -> bool:
        """Keep a new message and start its delivery; `False` when it was there."""
        with transaction(self._engine) as connection:
            return insert_message(connection, message, self._starter)

    def claim(self, message_id: str, *, now: datetime) -> tuple[Message, Endpoint, datetime] | None:
        """Take a due message for one attempt; `None` when there is nothing to do now."""
        with transaction(self._engine) as connection:
            message = self._load(connection, message_id)
            if message is None or not _waits(message):
                return None
            if message.due is not None and message.due > now:
                early = (message.due - now).total_seconds()
                start(connection, self._starter, message, early, mark=f"~{now.isoformat()}")
                return None
            endpoint = self._endpoint(connection, message.endpoint)
            if not endpoint.enabled:
                hold(connection, endpoint, now)
                return None
            if self._busy(connection, endpoint, now):
                start(connection, self._starter, _next_turn(connection, message), _BUSY_SECONDS)
                return None
            due = now + LEASE
            claimed = self._take(connection, message, due)
            start(connection, self._starter, claimed, LEASE.total_seconds())
        return claimed, endpoint, message.due or message.created_at

    def _load(self, connection: Connection, message_id: str) -> Message | None:
        query = select(MESSAGES).where(MESSAGES.c.id == message_id)
        row = connection.execute(locked(connection, query)).first()
        return None if row is None else read_message(row)

    def _endpoint(self, connection: Connection, endpoint_id: str) -> Endpoint:
        query = select(ENDPOINTS).where(ENDPOINTS.c.id == endpoint_id)
        return read_endpoint(connection.execute(locked(connection, query)).one())

    def _busy(self, connection: Connection, endpoint: Endpoint, now: datetime) -> bool:
        """Are as many attempts running as the endpoint bears?"""
        running = select(func.count()).where(
            MESSAGES.c.endpoint == endpoint.id, MESSAGES.c.state == SENDING, MESSAGES.c.due > now
        )
        return connection.execute(running).scalar_one() >= endpoint.at_once

    def _take(self, connection: Connection, message: Message, due: datetime) -> Message:
        row = connection.execute(
            update(MESSAGES)
            .where(MESSAGES.c.id == message.id)
            .values(state=SENDING, turn=message.turn + 1, due=due)
            .returning(*MESSAGES.c)
        ).one()
        return read_message(row)

    def finish(self, message: Message, endpoint: Endpoint, *, was: Message, now: datetime) -> bool:
        """Store what an attempt came to and start what follows."""
        with transaction(self._engine) as connection:
            row = message_row(message)
            mine = (MESSAGES.c.id == was.id, MESSAGES.c.turn == was.turn)
            changed = connection.execute(
                update(MESSAGES).where(*mine).values(row).returning(MESSAGES.c.id)
            ).first()
            if changed is None:
                return False
            self._note(connection, endpoint, now)
            if message.due is not None:
                start(connection, self._starter, message, (message.due - now).total_seconds())
        return True

    def _note(self, connection: Connection, endpoint: Endpoint, now: datetime) -> None:
        """Keep what an attempt said of the endpoint; what a person changed meanwhile stays."""
        values: dict[str, Any] = {
            name: value
            for name, value in endpoint_row(endpoint).items()
            if name in {"failing_since", "at_once"}
        }
        if not endpoint.enabled:
            values |= {"enabled": False, "disabled_reason": endpoint.disabled_reason}
            hold(connection, endpoint, now)
        connection.execute(update(ENDPOINTS).where(ENDPOINTS.c.id == endpoint.id).values(values))

    def replay(self, ids: Sequence[str], *, now: datetime, account: str | None = None) -> int:
        """Send delivered or failed messages again, under their ids; how many.

        Many ids go in portions, each a transaction of its own.
        """
        portions = range(0, len(ids), _IDS_AT_ONCE)
        mine = [] if account is None else [MESSAGES.c.account == account]
        return sum(
            self._replay([MESSAGES.c.id.in_(ids[first : first + _IDS_AT_ONCE]), *mine], now)
            for first in portions
        )

    def _replay(self, which: Sequence[ColumnElement[bool]], now: datetime) -> int:
        with transaction(self._engine) as connection:
            rows = connection.execute(
                update(MESSAGES)
                .where(*which, MESSAGES.c.state.in_(_ENDED))
                .values(state=PENDING, attempts=0, turn=MESSAGES.c.turn + 1, due=now)
                .returning(*MESSAGES.c)
            ).all()
            for row in rows:
                start(connection, self._starter, read_message(row), 0.0)
        return len(rows)

    def listing(
        self,
        *,
        account: str | None = None,
        states: Sequence[MessageState] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:
        """Messages, newest first."""
        query = select(MESSAGES).order_by(MESSAGES.c.created_at.desc()).limit(limit)
        if account is not None:
            query = query.where(MESSAGES.c.account == account)
        if states:
            query = query.where(MESSAGES.c.state.in_([state.value for state in states]))
        if since is not None:
            query = query.where(MESSAGES.c.created_at >= since)
        if until is not None:
            query = query.where(MESSAGES.c.created_at < until)
        with reading(self._engine) as connection:
            return [read_message(row) for row in connection.execute(query)]

    def counts(self) -> MessageCounts:
        """Numbers for the health page."""
        states = select(MESSAGES.c.state, func.count()).group_by(MESSAGES.c.state)
        oldest = select(func.min(MESSAGES.c.created_at)).where(MESSAGES.c.state == PENDING)
        disabled = (
            select(ENDPOINTS)
            .where(ENDPOINTS.c.enabled.is_(False))
            .order_by(ENDPOINTS.c.account, ENDPOINTS.c.created_at, ENDPOINTS.c.id)
        )
        with reading(self._engine) as connection:
            by_state = {MessageState(s): n for s, n in connection.execute(states)}
            return MessageCounts(
                by_state,
                connection.execute(oldest).scalar(),
                tuple(read_endpoint(row) for row in connection.execute(disabled)),
            )

    def sweep(self, before: datetime, *, limit: int = 500) -> int:
        """Delete a batch of finished messages made before a moment; how many."""
        old = (
            select(MESSAGES.c.id)
            .where(MESSAGES.c.created_at < before, MESSAGES.c.state.in_(_ENDED))
            .limit(limit)
        )
        gone = MESSAGES.delete().where(MESSAGES.c.id.in_(old)).returning(MESSAGES.c.id)
        with transaction(self._engine) as connection:
            return len(connection.execute(gone).all())


def _in_state_or_cut_off(state: str, now: datetime) -> ColumnElement[bool]:
    """In this state, or claimed by somebody whose time ran out."""
    return or_(MESSAGES.c.state == state, and_(MESSAGES.c.state == SENDING, MESSAGES.c.due <= now))


def _waits(message: Message) -> bool:
    """Will it be tried: pending, or claimed by somebody who may never come back?"""
    return message.state in {MessageState.PENDING, MessageState.SENDING}


def _next_turn(connection: Connection, message: Message) -> Message:
    row = connection.execute(
        update(MESSAGES)
        .where(MESSAGES.c.id == message.id)
        .values(turn=message.turn + 1)
        .returning(*MESSAGES.c)
    ).one()
    return read_message(row)


def locked(connection: Connection, query: Any) -> Any:
    """A row read to be changed: locked on PostgreSQL; SQLite's transaction holds the whole file."""
    return query if is_sqlite(connection) else query.with_for_update()
