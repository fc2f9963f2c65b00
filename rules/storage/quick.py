"""One row of a hot table, read through the driver: a tenth of the time SQLAlchemy needs for it.

On a SQLite file the connections are ours, read-only and kept open; whatever goes wrong on one, the
same statement is tried once more through the engine, which knows how to say what is wrong. On
PostgreSQL the way to the server costs more than anything saved here, so the engine does it.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from rules.storage.engine import is_sqlite, reading
from rules.storage.fork import in_child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

__all__ = ["Quick"]

_WAIT_MILLISECONDS = 2000


class Quick:
    """Reads single rows; safe in threads, and in a child after a fork."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = engine.url.database if is_sqlite(engine) else None
        self._idle: deque[sqlite3.Connection] = deque()
        self._foreign: list[deque[sqlite3.Connection]] = []
        event.listen(engine, "engine_disposed", self._close)
        in_child(self._forget)

    def row(self, statement: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """First row of a statement with `?` marks."""
        if self._path is not None:
            own = self._take(self._path)
            try:
                found: Sequence[Any] | None = own.execute(statement, values).fetchone()
            except sqlite3.Error:
                own.close()
            else:
                self._idle.append(own)
                return found
        else:
            statement = statement.replace("?", "%s")
        with reading(self._engine) as connection:
            return connection.exec_driver_sql(statement, tuple(values)).first()

    def _take(self, path: str) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            connection.execute(f"PRAGMA busy_timeout={_WAIT_MILLISECONDS}")
            connection.execute("PRAGMA query_only=ON")
            return connection

    def _forget(self) -> None:
        """A forked child never touches, not even to close, what its parent opened."""
        self._foreign.append(self._idle)
        self._idle = deque()

    def _close(self, _: Engine) -> None:
        while self._idle:
            self._idle.pop().close()
