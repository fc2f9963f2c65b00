"""Flow ends in the database: a payload and its message are written together, or neither is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from rules.storage.engine import reading, transaction
from rules.storage.flow_end_tables import (
    ENDPOINTS,
    FLOW_ENDS,
    MESSAGES,
    endpoint_row,
    read_call_end,
    read_endpoint,
)
from rules.storage.messages import hold, insert_message, let_go, locked
from rules.storage.upsert import insert_or_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from rules.services.flow_end import CallEnd, Received
    from rules.services.work import Starter
    from rules.webhooks.endpoints import Endpoint
    from rules.webhooks.messages import Message

__all__ = ["SqlEndpoints", "SqlFlowEnds"]


class SqlFlowEnds:
    """Received payloads on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine, starter: Starter | None = None) -> None:
        self._engine = engine
        self._starter = starter

    def keep(self, received: Received, push: Message | None) -> tuple[bool, str]:
        """Keep a payload and queue its message."""
        row = {
            "id": received.id,
            "account": received.account,
            "uuid": received.uuid,
            "digest": received.digest,
            "body": received.body,
            "at": received.at,
            "call_end": received.call.end,
            "cause": received.call.cause,
            "talk_ms": received.call.talk_ms,
        }
        with transaction(self._engine) as connection:
            if not insert_or_nothing(connection, FLOW_ENDS, row):
                same = (
                    FLOW_ENDS.c.account == received.account,
                    FLOW_ENDS.c.uuid == received.uuid,
                    FLOW_ENDS.c.digest == received.digest,
                )
                return False, connection.execute(select(FLOW_ENDS.c.id).where(*same)).scalar_one()
            if push is not None:
                insert_message(connection, push, self._starter)
        return True, received.id

    def call_end(self, uuid: str, account: str = "") -> CallEnd | None:
        """How a call ended, by the newest version received; of one account when it is named."""
        newest = select(FLOW_ENDS).where(FLOW_ENDS.c.uuid == uuid)
        if account:
            newest = newest.where(FLOW_ENDS.c.account == account)
        newest = newest.order_by(FLOW_ENDS.c.at.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).first()
        return None if row is None else read_call_end(row)


class SqlEndpoints:
    """Webhooks of accounts on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine, starter: Starter | None = None) -> None:
        self._engine = engine
        self._starter = starter

    def add(self, endpoint: Endpoint) -> None:
        """Keep a new one; as default it takes that from the other."""
        with transaction(self._engine) as connection:
            self._take_default(connection, endpoint)
            connection.execute(insert(ENDPOINTS).values(endpoint_row(endpoint)))

    def change(
        self, endpoint_id: str, rule: Callable[[Endpoint], Endpoint], *, now: datetime
    ) -> Endpoint | None:
        """Make of one as it stands what the rule says, and hold or let go what waits for it."""
        query = select(ENDPOINTS).where(ENDPOINTS.c.id == endpoint_id)
        with transaction(self._engine) as connection:
            row = connection.execute(locked(connection, query)).first()
            if row is None:
                return None
            endpoint = rule(read_endpoint(row))
            self._take_default(connection, endpoint)
            connection.execute(
                update(ENDPOINTS)
                .where(ENDPOINTS.c.id == endpoint_id)
                .values(endpoint_row(endpoint))
            )
            if endpoint.enabled:
                let_go(connection, endpoint, self._starter, now)
            else:
                hold(connection, endpoint, now)
        return endpoint

    def _take_default(self, connection: Connection, endpoint: Endpoint) -> None:
        if endpoint.is_default:
            connection.execute(
                update(ENDPOINTS)
                .where(ENDPOINTS.c.account == endpoint.account, ENDPOINTS.c.id != endpoint.id)
                .values(is_default=False)
            )

    def remove(self, endpoint_id: str) -> bool:
        """Delete one with its messages; was it there?"""
        with transaction(self._engine) as connection:
            connection.execute(MESSAGES.delete().where(MESSAGES.c.endpoint == endpoint_id))
            gone = ENDPOINTS.delete().where(ENDPOINTS.c.id == endpoint_id)
            return bool(connection.execute(gone.returning(ENDPOINTS.c.id)).all())

    def get(self, endpoint_id: str) -> Endpoint | None:
        """One by id."""
        with reading(self._engine) as connection:
            row = connection.execute(select(ENDPOINTS).where(ENDPOINTS.c.id == endpoint_id)).first()
        return None if row is None else read_endpoint(row)

    def of_account(self, account: str) -> Sequence[Endpoint]:
        """All of an account, oldest first."""
        query = (
            select(ENDPOINTS)
            .where(ENDPOINTS.c.account == account)
            .order_by(ENDPOINTS.c.created_at, ENDPOINTS.c.id)
        )
        with reading(self._engine) as connection:
            return [read_endpoint(row) for row in connection.execute(query)]

    def default_of(self, account: str) -> Endpoint | None:
        """The account's default."""
        return next((one for one in self.of_account(account) if one.is_default), None)
