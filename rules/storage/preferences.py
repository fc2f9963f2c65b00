"""Preferences in the database: one row per contact with all its values, one row per change.

The values of a contact are one JSON document, so that a request changes all or nothing and a
read is one row. `version` grows with each write: on PostgreSQL a writer keeps its change and its
history with one statement that only acts on the version it has read, and starts again when
another was quicker; on SQLite the write lock is taken first. Document: name to [value, end].
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    PrimaryKeyConstraint,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from rules.errors import StoreUnavailable
from rules.prefs import Change, Kind, Preference
from rules.prefs.profile import first_expiry
from rules.services.prefs import HistoryRow, Origin
from rules.storage.consents import move_consents
from rules.storage.driver import driver
from rules.storage.engine import is_sqlite, reading, transaction
from rules.storage.tables import Moment, Serial, from_moment, table, to_moment

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from rules.prefs import Stored
    from rules.services.prefs import PreferenceRule

__all__ = ["SqlPreferences"]

PREFERENCES = table(
    "preferences",
    Column("account", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("next_expiry", BigInteger),
    PrimaryKeyConstraint("account", "contact"),
    sqlite_with_rowid=False,
)
Index(
    "ix_rules_preferences_next_expiry",
    PREFERENCES.c.next_expiry,
    sqlite_where=PREFERENCES.c.next_expiry.is_not(None),
    postgresql_where=PREFERENCES.c.next_expiry.is_not(None),
)
HISTORY = table(
    "preference_history",
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("account", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("method", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("who", Text, nullable=False),
    Index("ix_rules_preference_history_contact", "account", "contact", "id"),
)
TRIES = 1_000

_FIND = "SELECT version, document FROM rules_preferences WHERE account = ? AND contact = ?"
_WRITES = {
    "insert": "INSERT INTO rules_preferences (version, document, next_expiry, account, contact)"
    " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "update": "UPDATE rules_preferences SET version = ?, document = ?, next_expiry = ?"
    " WHERE account = ? AND contact = ? AND version = ?",
    "delete": "DELETE FROM rules_preferences WHERE account = ? AND contact = ? AND version = ?",
}
_HISTORY_COLUMNS = "at, name, kind, old, new, account, contact, method, request_id, flow, who"
_HISTORY_SQLITE = (
    f"INSERT INTO rules_preference_history ({_HISTORY_COLUMNS})"  # noqa: S608  constants
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_HISTORY_POSTGRES = (
    f"INSERT INTO rules_preference_history ({_HISTORY_COLUMNS})"  # noqa: S608  constants
    " SELECT h.at, h.name, h.kind, h.old, h.new, ?, ?, ?, ?, ?, ? FROM done,"
    " unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[])"
    " WITH ORDINALITY AS h (at, name, kind, old, new, place) ORDER BY h.place"
)
_POSTGRES_WRITES = {
    kind: f"WITH done AS ({write} RETURNING 1), log AS ({_HISTORY_POSTGRES})"  # noqa: S608  constants
    " SELECT count(*) FROM done".replace("?", "%s")
    for kind, write in _WRITES.items()
}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, tuple[str, int | None]]).decode


def _load(document: str) -> dict[str, Preference]:
    return {
        name: Preference(value, None if ends is None else to_moment(ends))
        for name, (value, ends) in _decode(document).items()
    }


def _dump(stored: Stored) -> str:
    return _encode(
        {
            name: (one.value, None if one.expires is None else from_moment(one.expires))
            for name, one in stored.items()
        }
    ).decode()


def _cells(change: Change) -> tuple[int, str, str, str | None, str | None]:
    return from_moment(change.at), change.name, str(change.kind), change.old, change.new


def _whose(account: str, contact: str, origin: Origin) -> tuple[str, ...]:
    return account, contact, origin.method, origin.request_id, origin.flow, origin.who


def _plan(
    seen: int, stored: Stored, account: str, contact: str, rule: PreferenceRule
) -> tuple[str, tuple[Any, ...], Sequence[Change]] | None:
    """Kind and parameters of the write that a rule asks for, and its history; `None`: nothing."""
    new, history = rule(stored)
    if new == stored and not history:
        return None
    if not new:
        return "delete", (account, contact, seen), history
    expiry = first_expiry(new)
    values = (
        max(seen + 1, time.time_ns() // 1_000),  # never the version of a row deleted in between
        _dump(new),
        None if expiry is None else from_moment(expiry),
        account,
        contact,
    )
    return ("update", (*values, seen), history) if seen else ("insert", values, history)


class SqlPreferences:
    """`PreferenceStore` on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sqlite = is_sqlite(engine)
        self._find = _FIND if self._sqlite else _FIND.replace("?", "%s")
        self._writes = _WRITES if self._sqlite else _POSTGRES_WRITES

    def _seen(self, connection: Any, account: str, contact: str) -> tuple[int, Stored]:
        row = connection.execute(self._find, (account, contact)).fetchone()
        return (0, {}) if row is None else (row[0], _load(row[1]))

    def find(self, account: str, contact: str) -> Stored:
        """What is stored of a contact."""
        with driver(self._engine) as connection:
            return self._seen(connection, account, contact)[1]

    def change(self, account: str, contact: str, rule: PreferenceRule, origin: Origin) -> int:
        """Apply a rule to what is stored; how many rows of history it made."""
        change = self._change_sqlite if self._sqlite else self._change_postgres
        with driver(self._engine) as connection:
            return change(connection, account, contact, rule, origin)

    def _change_sqlite(
        self, connection: Any, account: str, contact: str, rule: PreferenceRule, origin: Origin
    ) -> int:
        connection.execute("BEGIN IMMEDIATE")
        plan = _plan(*self._seen(connection, account, contact), account, contact, rule)
        if plan is None:
            connection.execute("ROLLBACK")
            return 0
        kind, values, history = plan
        connection.execute(self._writes[kind], values)
        whose = _whose(account, contact, origin)
        connection.executemany(_HISTORY_SQLITE, [(*_cells(one), *whose) for one in history])
        connection.execute("COMMIT")
        return len(history)

    def _change_postgres(
        self, connection: Any, account: str, contact: str, rule: PreferenceRule, origin: Origin
    ) -> int:
        for _ in range(TRIES):
            plan = _plan(*self._seen(connection, account, contact), account, contact, rule)
            if plan is None:
                return 0
            kind, values, history = plan
            rows = [_cells(one) for one in history]
            columns = [[row[place] for row in rows] for place in range(5)]
            values += (*_whose(account, contact, origin), *columns)
            if connection.execute(self._writes[kind], values).fetchone()[0]:
                return len(history)
        raise StoreUnavailable("too many others write to this contact")

    def history(
        self, account: str, contacts: Collection[str], *, name: str | None = None, limit: int
    ) -> list[HistoryRow]:
        """Rows of these contact ids, newest first."""
        rows = HISTORY.c
        query = (
            select(HISTORY)
            .where(rows.account == account, rows.contact.in_(contacts))
            .order_by(rows.id.desc())
            .limit(limit)
        )
        if name is not None:
            query = query.where(rows.name == name)
        with reading(self._engine) as connection:
            return [_history_row(row) for row in connection.execute(query)]

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
        """Delete names (`None`: all) with their history; how many values went."""
        with transaction(self._engine) as connection:
            version, stored = _locked(connection, account, contact)
            mine = (HISTORY.c.account == account, HISTORY.c.contact == contact)
            known = select(HISTORY.c.name).where(*mine).distinct()
            every = {*stored, *connection.scalars(known)}
            gone = every if names is None else every & set(names)
            _keep(connection, account, contact, version, {n: stored[n] for n in {*stored} - gone})
            if gone:
                connection.execute(delete(HISTORY).where(*mine, HISTORY.c.name.in_(gone)))
                rows = [_erased_row(account, hashed, name, at, origin) for name in sorted(gone)]
                connection.execute(insert(HISTORY), rows)
            if names is None:
                move_consents(connection, account, contact, hashed)
        return len(gone & {*stored})

    def page(
        self, account: str, *, after: str = "", limit: int = 1_000
    ) -> list[tuple[str, Stored]]:
        """Contacts of an account in order, those behind `after`."""
        rows = PREFERENCES.c
        query = (
            select(rows.contact, rows.document)
            .where(rows.account == account, rows.contact > after)
            .order_by(rows.contact)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [(row.contact, _load(row.document)) for row in connection.execute(query)]

    def count(self, account: str) -> int:
        """How many contacts of an account have values."""
        query = select(func.count()).where(PREFERENCES.c.account == account)
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def ended(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Accounts and contacts that hold a value past its end."""
        rows = PREFERENCES.c
        query = (
            select(rows.account, rows.contact)
            .where(rows.next_expiry <= from_moment(now))
            .order_by(rows.next_expiry)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [(row.account, row.contact) for row in connection.execute(query)]

    def purge_history(self, before: datetime, limit: int) -> int:
        """Delete the oldest rows that are older than a moment; how many."""
        oldest = select(HISTORY.c.id).order_by(HISTORY.c.id).limit(limit)
        old = delete(HISTORY).where(HISTORY.c.id.in_(oldest), HISTORY.c.at < before)
        with transaction(self._engine) as connection:
            return len(connection.execute(old.returning(HISTORY.c.id)).all())


def _locked(connection: Connection, account: str, contact: str) -> tuple[int, Stored]:
    """Version and values of a contact that nobody else changes before this transaction ends."""
    rows = PREFERENCES.c
    query = select(rows.version, rows.document).where(
        rows.account == account, rows.contact == contact
    )
    row = connection.execute(query.with_for_update()).first()
    return (0, {}) if row is None else (row.version, _load(row.document))


def _keep(connection: Connection, account: str, contact: str, version: int, stored: Stored) -> None:
    """Write what is left of a locked contact; nothing left is no row."""
    here = (PREFERENCES.c.account == account, PREFERENCES.c.contact == contact)
    if not stored:
        connection.execute(delete(PREFERENCES).where(*here))
        return
    expiry = first_expiry(stored)
    connection.execute(
        update(PREFERENCES)
        .where(*here)
        .values(
            version=version + 1,
            document=_dump(stored),
            next_expiry=None if expiry is None else from_moment(expiry),
        )
    )


def _erased_row(
    account: str, hashed: str, name: str, at: datetime, origin: Origin
) -> dict[str, Any]:
    return {
        "at": at,
        "account": account,
        "contact": hashed,
        "name": name,
        "kind": str(Kind.ERASED),
        "old": None,
        "new": None,
        "method": origin.method,
        "request_id": origin.request_id,
        "flow": origin.flow,
        "who": origin.who,
    }


def _history_row(row: Any) -> HistoryRow:
    return HistoryRow(
        row.account,
        row.contact,
        Change(row.at, row.name, row.old, row.new, Kind(row.kind)),
        Origin(row.method, row.request_id, row.flow, row.who),
    )
