"""The driver's own connection for the hottest statements: no SQLAlchemy between, no pool's care.

For a read, or a write that is one statement or brings its own BEGIN. Connections come from the
engine, so they are set up and counted like all others; they are kept apart, in autocommit, and
handed to one thread at a time. Failures become `StoreUnavailable` as everywhere.

    with driver(engine) as connection:
        rows = connection.execute("SELECT ...", parameters).fetchall()
"""

from __future__ import annotations

import os
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from rules.storage.engine import (
    is_closed_by_server,
    is_driver_error,
    is_sqlite,
    raise_unavailable,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["driver"]

MOST_IDLE = 8
MAPPED_BYTES = 1 << 30
"""So much of a SQLite file is read where the system keeps it: a fifth quicker when it is large."""
_kept: weakref.WeakKeyDictionary[Engine, _Idle] = weakref.WeakKeyDictionary()
_inherited: list[Any] = []


def driver(engine: Engine) -> _Use:
    """A `sqlite3` or `psycopg` connection in autocommit; a block that fails is rolled back."""
    return _Use(_kept.get(engine) or _kept.setdefault(engine, _Idle(engine)))


class _Use:
    """One use of a connection; a class, since a generator would cost a tenth of a read."""

    __slots__ = ("_connection", "_idle")

    def __init__(self, idle: _Idle) -> None:
        self._idle = idle

    def __enter__(self) -> Any:
        try:
            self._connection = self._idle.take()
        except Exception as error:
            raise_unavailable(error)
            raise
        return self._connection

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            self._idle.give_back(self._connection)
            return
        try:
            self._idle.give_up(self._connection, in_doubt=is_driver_error(error))
        except Exception as further:
            raise_unavailable(further)
            raise
        raise_unavailable(error)


class _Idle:
    """Connections of one engine that nobody uses now; taking and giving is safe between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = weakref.ref(engine)
        self._sqlite = is_sqlite(engine)
        self._free: deque[Any] = deque()
        self._process = os.getpid()
        event.listen(engine, "engine_disposed", self._close)
        weakref.finalize(engine, _close_all, self._free)

    def take(self) -> Any:
        while self._free:
            try:
                connection = self._free.pop()
            except IndexError:  # another thread was quicker
                break
            if self._sqlite or not is_closed_by_server(connection):
                return connection
            connection.close()
        return self._open()

    def give_back(self, connection: Any) -> None:
        if len(self._free) < MOST_IDLE:
            self._free.append(connection)
        else:
            connection.close()

    def give_up(self, connection: Any, *, in_doubt: bool) -> None:
        """Roll back after a failed block; a connection in doubt is closed instead."""
        if in_doubt:
            connection.close()
        else:
            connection.rollback()
            self.give_back(connection)

    def _open(self) -> Any:
        engine = self._engine()
        assert engine is not None, "the caller holds it"  # noqa: S101  for the type checker
        pooled = engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        connection.rollback()
        if self._sqlite:
            connection.isolation_level = None
            connection.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")
        else:
            connection.autocommit = True
        return connection

    def _close(self, _: Engine) -> None:
        """Close all; a forked child leaves its parent's connections as they are, for good."""
        if os.getpid() != self._process:
            self._process = os.getpid()
            _inherited.extend(self._free)
            self._free.clear()
        _close_all(self._free)


def _close_all(connections: deque[Any]) -> None:
    while connections:
        connections.pop().close()
