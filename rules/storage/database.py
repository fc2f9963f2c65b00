"""The database of an installation: opened on first use, and never with another schema than ours.

Every new connection looks at the schema's revision first, so a process that outlives a migration,
or starts before it, refuses clearly instead of working by halves. A SQLite file without a schema is
new: it gets one on first use. A PostgreSQL database gets its schema from `flow-rules migrate` or
`flow-rules serve`.
"""

from __future__ import annotations

import logging
import weakref
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from rules.errors import SchemaMismatch
from rules.storage.engine import is_sqlite, make_engine
from rules.storage.schema import VERSION_TABLE, judge, migrate, schema_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

__all__ = ["database_state", "open_database", "prepare"]

_log = logging.getLogger(__name__)
_VERSION = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608  a constant name
_HAS_SQLITE = f"SELECT 1 FROM sqlite_master WHERE name = '{VERSION_TABLE}'"  # noqa: S608  same
_HAS_POSTGRES = f"SELECT to_regclass('{VERSION_TABLE}')"


def open_database(address: str, *, fill: Callable[[], object] | None = None) -> Engine:
    """An engine on the installation's database; nothing is opened yet.

    `fill` gives a new SQLite file its tables; without it that is `prepare`.
    """
    engine = make_engine(address)
    guard = _Guard(fill or (lambda: prepare(address)), sqlite=is_sqlite(engine))
    event.listen(engine, "connect", guard)
    weakref.finalize(engine, engine.pool.dispose)
    return engine


def prepare(address: str) -> tuple[str | None, str]:
    """Bring the schema up to date; gives back the revision before and after."""
    engine = make_engine(address)
    try:
        return migrate(engine)
    finally:
        engine.dispose()


def database_state(engine: Engine) -> dict[str, Any]:
    """What the health page shows: which store, which schema; raises when it cannot be reached."""
    return {"ok": True, "store": engine.dialect.name, "schema": schema_version(engine)}


class _Guard:
    """Refuses a connection to a database with another schema."""

    def __init__(self, fill: Callable[[], object], *, sqlite: bool) -> None:
        self._fill = fill
        self._sqlite = sqlite

    def __call__(self, connection: Any, _: Any) -> None:
        found = self._version(connection)
        if found is None and self._sqlite:
            self._fill()
            found = self._version(connection)
        try:
            judge(found)
        except SchemaMismatch as error:
            connection.close()
            _log.error("database refused", extra={"why": str(error)})
            raise

    def _version(self, connection: Any) -> str | None:
        row = connection.execute(_HAS_SQLITE if self._sqlite else _HAS_POSTGRES).fetchone()
        found = connection.execute(_VERSION).fetchone() if row and row[0] else None
        connection.rollback()
        return found[0] if found else None
