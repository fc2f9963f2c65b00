"""Writers of one process take turns at a SQLite file.

SQLite lets one connection write and has the others sleep and ask again, up to a tenth of a second
each time, whoever comes first. With many threads that is most of the time. Here they wait for each
other on a lock, which wakes the next one at once; other processes are still left to SQLite.

A turn begins with a connection's first writing statement and ends when it goes back to its pool.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from rules.storage.fork import in_child

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["writers_in_turn"]

_WRITING = ("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE")


def writers_in_turn(engine: Engine, wait_seconds: float) -> None:
    """Have this engine's writers wait so long for each other, then for SQLite itself."""
    turns = _Turns(wait_seconds)
    event.listen(engine, "before_cursor_execute", turns.begin)
    event.listen(engine, "checkin", turns.end)
    event.listen(engine, "invalidate", turns.end)
    in_child(turns.reset)


class _Turns:
    """The lock, and the connection that has it, known by its record's `info`."""

    def __init__(self, wait_seconds: float) -> None:
        self._wait = wait_seconds
        self.reset()

    def reset(self) -> None:
        """A forked child has none of its parent's threads."""
        self._lock = threading.Lock()
        self._holder: dict[Any, Any] | None = None

    def begin(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if (
            statement.startswith(_WRITING)
            and self._holder is not connection.info
            and self._lock.acquire(timeout=self._wait)
        ):
            self._holder = connection.info

    def end(self, _connection: object, record: Any, *_: object) -> None:
        if self._holder is not None and self._holder is record.info:
            self._holder = None
            self._lock.release()
