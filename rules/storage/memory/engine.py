"""A database in memory: the same tables and statements as on disk, gone with the process."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from rules.storage.tables import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["memory_engine"]


def memory_engine() -> Engine:
    """An engine on a fresh database with every table, on one connection that all threads share.

    The database is made when it is first used.
    """
    return create_engine("sqlite://", poolclass=StaticPool, creator=_open)


def _open() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    _template(frozenset(METADATA.tables)).backup(connection)
    return connection


@cache
def _template(_: frozenset[str]) -> sqlite3.Connection:
    """A database with every table known by now: a copy is quicker than tables made anew."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: connection)
    METADATA.create_all(engine)
    return connection
