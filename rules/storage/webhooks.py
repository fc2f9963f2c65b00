"""Webhook calls that are made later, and variables kept for reports.

A queued call holds credentials, so it is sealed under `RULES_DATA_KEY`, and its row is deleted when
it was made. Whoever makes it marks the row first, so a call cut off in the middle is never made
again, and is known to have been cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    LargeBinary,
    Table,
    Text,
    delete,
    false,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # what we use of it compiles for SQLite too

from rules.services.webhooks import KeptVariables, Later
from rules.services.work import Work
from rules.storage.engine import reading, transaction
from rules.storage.tables import Moment, table
from rules.webhooks import PreparedRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from rules.services.work import Starter
    from rules.storage.seal import DataSeal

__all__ = ["CALLS", "VARIABLES", "SqlWebhooks"]

CALLS: Table = table(
    "webhook_calls",
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("begun", Boolean, nullable=False, server_default=false()),
)
VARIABLES: Table = table(
    "webhook_variables",
    Column("account", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)


class _Sent(msgspec.Struct, array_like=True):
    """A call as it is stored."""

    method: str
    url: str
    headers: list[tuple[str, bytes]]
    body: bytes
    timeout: float
    secrets: list[str]
    auth: str
    response_type: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Sent).decode


def _pack(later: Later) -> bytes:
    request = later.request
    return _encode(
        _Sent(
            request.method,
            request.url,
            list(request.headers),
            request.body,
            request.timeout,
            list(request.secrets),
            later.auth,
            later.response_type,
        )
    )


def _unpack(row: Any, data: bytes) -> Later:
    sent = _decode(data)
    request = PreparedRequest(
        sent.method, sent.url, tuple(sent.headers), sent.body, sent.timeout, tuple(sent.secrets)
    )
    return Later(row.id, row.account, row.flow, row.name, request, sent.auth, sent.response_type)


class SqlWebhooks:
    """The store on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, seal: DataSeal, starter: Starter | None = None) -> None:
        self._engine = engine
        self._seal = seal
        self._starter = starter

    def queue(self, later: Later, *, now: datetime) -> None:
        """Keep a call and start the work that makes it, both or neither."""
        row = {
            "id": later.id,
            "account": later.account,
            "flow": later.flow,
            "name": later.name,
            "request": self._seal.close(later.id, _pack(later)),
            "created_at": now,
        }
        with transaction(self._engine) as connection:
            connection.execute(insert(CALLS).values(row))
            if self._starter is not None:
                work = Work("call-webhook", later.id, {"call": later.id})
                self._starter.start(connection, work)

    def take(self, call_id: str) -> Later | None:
        """Begin a queued call; None when it was begun, or no key of ours opens it."""
        mine = update(CALLS).where(CALLS.c.id == call_id, CALLS.c.begun.is_(False))
        with transaction(self._engine) as connection:
            row = connection.execute(mine.values(begun=True).returning(*CALLS.c)).first()
        opened = None if row is None else self._seal.open(call_id, row.request)
        if row is None or opened is None:
            return None
        return _unpack(row, opened)

    def forget(self, call_id: str) -> bool:
        """Delete a call; was it still there?"""
        gone = delete(CALLS).where(CALLS.c.id == call_id).returning(CALLS.c.id)
        with transaction(self._engine) as connection:
            return connection.execute(gone).first() is not None

    def keep(
        self, account: str, run: str, variables: Sequence[tuple[str, str]], *, now: datetime
    ) -> None:
        """Keep variables of a run, each in place of an older one of its name."""
        rows = [
            {"account": account, "run": run, "name": name, "value": _storable(value), "at": now}
            for name, value in variables
        ]
        new = insert(VARIABLES)
        upsert = new.on_conflict_do_update(
            index_elements=["account", "run", "name"],
            set_={"value": new.excluded.value, "at": new.excluded.at},
        )
        with transaction(self._engine) as connection:
            connection.execute(upsert, rows)

    def kept(
        self, account: str, *, since: datetime, until: datetime, after: str = "", limit: int = 500
    ) -> Sequence[KeptVariables]:
        """Runs of an account whose variables were kept in a span, by run after `after`."""
        columns = VARIABLES.c
        runs = (
            select(columns.run)
            .where(columns.account == account, columns.run > after)
            .where(columns.at >= since, columns.at < until)
            .group_by(columns.run)
            .order_by(columns.run)
            .limit(limit)
        )
        found: dict[str, KeptVariables] = {}
        query = (
            select(VARIABLES)
            .where(columns.account == account, columns.run.in_(runs))
            .order_by(columns.run, columns.name)
        )
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                kept = found.setdefault(row.run, KeptVariables(account, row.run, row.at, {}))
                kept.variables[row.name] = row.value
        return list(found.values())

    def sweep(self, before: datetime, *, limit: int = 500) -> int:
        """Delete a batch of variables kept before a moment (and calls nobody made); how many."""
        columns = VARIABLES.c
        key = (columns.account, columns.run, columns.name)
        old = select(*key).where(columns.at < before).limit(limit)
        gone = delete(VARIABLES).where(tuple_(*key).in_(old)).returning(columns.name)
        with transaction(self._engine) as connection:
            connection.execute(delete(CALLS).where(CALLS.c.created_at < before))
            return len(connection.execute(gone).all())


def _storable(value: str) -> str:
    """PostgreSQL keeps no NUL in a text."""
    return value.replace("\0", "\ufffd")
