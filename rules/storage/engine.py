"""The one engine for every table: a SQLite file or PostgreSQL, by the address in `RULES_DATABASE`.

Making an engine opens nothing; a connection opens on first use, and a forked child forgets those
of its parent. A write is a `transaction`, which holds the write lock from its first moment, so
read-then-write is safe; a read is `reading`. Both turn every failure of the database into
`StoreUnavailable`, whose words hold no statement, value or address.

>>> make_engine("rules.sqlite3").dialect.name
'sqlite'
>>> make_engine("postgresql://rules@db.example/rules").dialect.name
'postgresql'
"""

from __future__ import annotations

import os
import select
import sqlite3
import time
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, SQLAlchemyError

from rules.errors import SettingMistake, StoreUnavailable
from rules.storage.turns import writers_in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "database_url",
    "is_closed_by_server",
    "is_driver_error",
    "is_sqlite",
    "make_engine",
    "raise_unavailable",
    "reading",
    "transaction",
    "trouble",
]

SETTING = "RULES_DATABASE"
WAIT_SECONDS = 15.0
CONNECTIONS = 20
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_FIRST_WITH_SUBSEC = (3, 42)
_AGAIN_SECONDS = 0.01
_HINTS = {
    "SQLITE_BUSY": "another process held the file too long",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk failed",
    "SQLITE_READONLY": "the file cannot be written",
    "53100": "the disk is full",
    "53300": "too many connections",
    "57P01": "the server is stopping",
    "57P03": "the server is starting",
}


def database_url(address: str) -> URL:
    """What SQLAlchemy connects to, from a file path or a `postgresql://` address."""
    if "://" not in address:
        return _sqlite_url(address)
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise SettingMistake(SETTING, "the address cannot be read") from None
    if url.drivername in _POSTGRES:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return _sqlite_url(url.database or "")
    raise SettingMistake(SETTING, "must be a file path or a postgresql:// address")


def _sqlite_url(path: str) -> URL:
    if not path or path == ":memory:":
        raise SettingMistake(SETTING, "must name a file: several processes share it")
    return URL.create("sqlite", database=str(Path(path).expanduser().absolute()))


def make_engine(
    address: str, *, wait_seconds: float = WAIT_SECONDS, connections: int = CONNECTIONS
) -> Engine:
    """An engine that waits so long for a lock and opens at most so many connections."""
    url = database_url(address)
    sqlite = url.drivername == "sqlite"
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=wait_seconds,
        pool_use_lifo=True,
        connect_args={} if sqlite else _postgres_arguments(url, wait_seconds),
    )
    if sqlite:
        event.listen(engine, "connect", _SqliteConnect(wait_seconds))
        event.listen(engine, "checkout", _begin_immediate)
        writers_in_turn(engine, wait_seconds)
    else:
        event.listen(engine, "checkout", _refuse_closed)
    kept = weakref.ref(engine)
    os.register_at_fork(after_in_child=lambda: _forget_connections(kept))
    return engine


def is_sqlite(engine: Engine | Connection) -> bool:
    """Tell whether this is a SQLite file."""
    return engine.dialect.name == "sqlite"


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """All or nothing, on disk when the block ends; SQLite's write lock is held from the start."""
    with trouble(), engine.begin() as connection:
        if is_sqlite(engine):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements stand alone; also right for a write of one statement."""
    with trouble(), engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def trouble() -> Iterator[None]:
    """Turn failures of the database into `StoreUnavailable`, without their words."""
    try:
        yield
    except Exception as error:
        raise_unavailable(error)
        raise


def raise_unavailable(error: BaseException) -> None:
    """Raise `StoreUnavailable` if this is a failure of the database, without its words."""
    if isinstance(error, SQLAlchemyError) or is_driver_error(error):
        raise StoreUnavailable(f"the database cannot be used: {_describe(error)}") from None


def is_driver_error(error: BaseException) -> bool:
    """Tell whether the database's driver itself failed."""
    return isinstance(error, sqlite3.Error) or type(error).__module__.startswith("psycopg")


def _describe(error: BaseException) -> str:
    """Kind and code of a failure; its own words may quote a row."""
    cause: Any = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
    hint = next((words for start, words in _HINTS.items() if code.startswith(start)), "")
    return ", ".join(part for part in (type(cause).__name__, code, hint) if part)


class _SqliteConnect:
    """What every new SQLite connection is told."""

    def __init__(self, wait_seconds: float) -> None:
        self._wait = round(wait_seconds * 1000)

    def __call__(self, connection: sqlite3.Connection, _: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout={self._wait}")
        self._write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        if sqlite3.sqlite_version_info < _FIRST_WITH_SUBSEC:
            connection.create_function("unixepoch", -1, _unixepoch)

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Only for this SQLite does not wait, when another process opens a new file too."""
        end = time.monotonic() + self._wait / 1000
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(_AGAIN_SECONDS)
            else:
                return


def _unixepoch(*arguments: Any) -> float | int | None:
    """`unixepoch('now')` and `unixepoch('subsec')`, which SQLite has from 3.42 on."""
    if not set(arguments) <= {"now", "subsec", "subsecond"}:
        return None
    return time.time() if {"subsec", "subsecond"} & set(arguments) else int(time.time())


def _begin_immediate(connection: Any, _record: Any, _proxy: Any) -> None:
    """Writers queue at BEGIN; SQLAlchemy forgets this level after an AUTOCOMMIT use."""
    connection.isolation_level = "IMMEDIATE"


def _postgres_arguments(url: URL, wait_seconds: float) -> dict[str, Any]:
    """Bounds on every wait; whatever the address itself says wins."""
    defaults = {
        "application_name": "flow-rules",
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": round(wait_seconds * 1000),
        "options": f"-c lock_timeout={round(wait_seconds * 1000)}",
    }
    return {name: value for name, value in defaults.items() if name not in url.query}


def is_closed_by_server(connection: Any) -> bool:
    """An idle PostgreSQL connection with something to read has heard a farewell."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Open new connections instead of those that a server closed when it stopped."""
    if is_closed_by_server(connection):
        raise InvalidatePoolError("closed by the server")


def _forget_connections(kept: weakref.ref[Engine]) -> None:
    """A forked child must not talk on its parent's connections."""
    if engine := kept():
        engine.dispose(close=False)
