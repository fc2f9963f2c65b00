"""Preferences in the database: one row per contact with all its values, one row per change.

`version` grows with each write of a contact. On PostgreSQL a writer keeps its change and its
history with one statement that acts only on the version it has read, and starts again when another
was quicker; on SQLite it takes the write lock before it reads.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, func, insert, select, tuple_, update

from rules.errors import RulesError, StoreUnavailable
from rules.prefs.profile import first_expiry, visible
from rules.storage.consents import move_consents
from rules.storage.driver import driver
from rules.storage.engine import is_sqlite, reading, transaction
from rules.storage.preference_statements import (
    FIND,
    HISTORY_SQLITE,
    POSTGRES_MANY,
    POSTGRES_NONE,
    POSTGRES_ONE,
    WRITES,
)
from rules.storage.preference_tables import (
    HISTORY,
    PREFERENCES,
    dump,
    erased_rows,
    history_row,
    load,
)
from rules.storage.tables import from_moment

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from rules.prefs import Change, Stored
    from rules.services.prefs import HistoryRow, Origin, PreferenceRule

__all__ = ["SqlPreferences"]

TRIES = 1_000


def _cells(change: Change) -> tuple[int, str, str, str | None, str | None]:
    return from_moment(change.at), change.name, str(change.kind), change.old, change.new


class _Plan(NamedTuple):
    """A write that a rule asks for, and its history."""

    kind: str
    values: tuple[Any, ...]
    version: int
    history: Sequence[Change]


def _plan(
    seen: int, stored: Stored, account: str, contact: str, rule: PreferenceRule
) -> _Plan | None:
    """What a rule asks for; `None`: nothing."""
    new, history = rule(stored)
    if not history and new == stored:
        return None
    version = next_version(seen)
    if not new:
        return _Plan("delete", (account, contact, seen), version, history)
    expiry = first_expiry(new)
    ends = None if expiry is None else from_moment(expiry)
    values = (version, dump(new), ends, account, contact)
    if seen:
        return _Plan("update", (*values, seen), version, history)
    return _Plan("insert", values, version, history)


def next_version(seen: int) -> int:
    """Greater than the one seen, and never that of a row deleted in between."""
    return max(seen + 1, time.time_ns() // 1_000)


class SqlPreferences:
    """`PreferenceStore` on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sqlite = is_sqlite(engine)
        self._purged: datetime | None = None
        self._find = FIND if self._sqlite else FIND.replace("?", "%s")

    def _seen(self, connection: Any, account: str, contact: str) -> tuple[int, Stored]:
        row = connection.execute(self._find, (account, contact)).fetchone()
        return (0, {}) if row is None else (row[0], load(row[1]))

    def find(self, account: str, contact: str) -> Stored:
        """What is stored of a contact."""
        with driver(self._engine) as connection:
            return self._seen(connection, account, contact)[1]

    def change(
        self, account: str, contact: str, rule: PreferenceRule, origin: Origin
    ) -> Sequence[Change]:
        """Apply a rule to what is stored; gives back the rows of history it made."""
        with driver(self._engine) as connection:
            if not self._sqlite:
                return self._change_postgres(connection, account, contact, rule, origin)
            connection.execute("BEGIN IMMEDIATE")
            made = self._change_sqlite(connection, account, contact, rule, origin)
            connection.execute("COMMIT")
        return made

    def change_many(
        self, account: str, changes: Sequence[tuple[str, PreferenceRule]], origin: Origin
    ) -> list[Sequence[Change] | RulesError]:
        """Apply a rule to each contact in one transaction; contacts in order, against deadlocks."""
        change = self._change_sqlite if self._sqlite else self._change_postgres
        made: list[Sequence[Change] | RulesError] = [()] * len(changes)
        with driver(self._engine) as connection:
            connection.execute("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")
            for place in sorted(range(len(changes)), key=lambda place: changes[place][0]):
                try:
                    made[place] = change(connection, account, *changes[place], origin)
                except StoreUnavailable:
                    raise
                except RulesError as error:
                    made[place] = error
            connection.execute("COMMIT")
        return made

    def _change_sqlite(
        self, connection: Any, account: str, contact: str, rule: PreferenceRule, origin: Origin
    ) -> Sequence[Change]:
        plan = _plan(*self._seen(connection, account, contact), account, contact, rule)
        if plan is None:
            return ()
        connection.execute(WRITES[plan.kind], plan.values)
        whose = (origin.method, origin.request_id, origin.flow, origin.who)
        for place, one in enumerate(plan.history, 1):
            row = (account, contact, plan.version, place, *_cells(one), *whose)
            connection.execute(HISTORY_SQLITE, row)
        return plan.history

    def _change_postgres(
        self, connection: Any, account: str, contact: str, rule: PreferenceRule, origin: Origin
    ) -> Sequence[Change]:
        whose = (origin.method, origin.request_id, origin.flow, origin.who)
        for _ in range(TRIES):
            plan = _plan(*self._seen(connection, account, contact), account, contact, rule)
            if plan is None:
                return ()
            key = (account, contact, plan.version)
            rows = [_cells(one) for one in plan.history]
            if not rows:
                done = connection.execute(POSTGRES_NONE[plan.kind], plan.values)
            elif len(rows) == 1:
                values = (*plan.values, *key, 1, *rows[0], *whose)
                done = connection.execute(POSTGRES_ONE[plan.kind], values)
            else:
                columns = [[row[place] for row in rows] for place in range(5)]
                values = (*plan.values, *key, *whose, *columns)
                done = connection.execute(POSTGRES_MANY[plan.kind], values)
            if done.rowcount:
                return plan.history
        raise StoreUnavailable("too many others write to this contact")

    def history(
        self, account: str, contacts: Collection[str], *, name: str | None = None, limit: int
    ) -> list[HistoryRow]:
        """Rows of these contact ids, newest first."""
        rows = HISTORY.c
        query = (
            select(HISTORY)
            .where(rows.account == account, rows.contact.in_(contacts))
            .order_by(rows.version.desc(), rows.place.desc())
            .limit(limit)
        )
        if name is not None:
            query = query.where(rows.name == name)
        with reading(self._engine) as connection:
            return [history_row(row) for row in connection.execute(query)]

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
        """Delete names (`None`: all) with their history; how many values, not ended, went."""
        with transaction(self._engine) as connection:
            version, stored = _locked(connection, account, contact)
            mine = (HISTORY.c.account == account, HISTORY.c.contact == contact)
            known = select(HISTORY.c.name).where(*mine).distinct()
            every = {*stored, *connection.scalars(known)}
            gone = every if names is None else every & set(names)
            _keep(connection, account, contact, version, {n: stored[n] for n in {*stored} - gone})
            if gone:
                connection.execute(delete(HISTORY).where(*mine, HISTORY.c.name.in_(gone)))
            told = gone or {""}
            rows = erased_rows(account, hashed, next_version(version), told, at, origin)
            connection.execute(insert(HISTORY), rows)
            if names is None:
                move_consents(connection, account, contact, hashed)
        return len(gone & {*visible(stored, now=at)})

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
            return [(row.contact, load(row.document)) for row in connection.execute(query)]

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
        """Delete rows that are older than a moment; how many.

        Finding them is a walk through the whole table, so it is not done twice for one moment.
        """
        if self._purged == before:
            return 0
        key = tuple_(*HISTORY.primary_key.columns)
        old = select(*key.clauses).where(HISTORY.c.at < before).limit(limit)
        with reading(self._engine) as connection:
            found = [tuple(row) for row in connection.execute(old)]
        if found:
            with transaction(self._engine) as connection:
                connection.execute(delete(HISTORY).where(key.in_(found)))
        if len(found) < limit:
            self._purged = before
        return len(found)


def _locked(connection: Connection, account: str, contact: str) -> tuple[int, Stored]:
    """Version and values of a contact that nobody else changes before this transaction ends."""
    rows = PREFERENCES.c
    query = select(rows.version, rows.document).where(
        rows.account == account, rows.contact == contact
    )
    row = connection.execute(query.with_for_update()).first()
    return (0, {}) if row is None else (row.version, load(row.document))


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
            document=dump(stored),
            next_expiry=None if expiry is None else from_moment(expiry),
        )
    )
