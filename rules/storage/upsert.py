"""Insert a row unless one like it is there; the same on both stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

from rules.storage.engine import is_sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Table

__all__ = ["insert_or_nothing"]


def insert_or_nothing(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Was the row new? Told by what the statement gives back: a row count says -1 on PostgreSQL."""
    insert = sqlite.insert if is_sqlite(connection) else postgresql.insert
    statement = insert(table).values(row).on_conflict_do_nothing()
    key = next(iter(table.primary_key.columns))
    return connection.execute(statement.returning(key)).first() is not None
