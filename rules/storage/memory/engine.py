"""A database in memory: the same tables and statements as on disk, gone with the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from rules.storage.tables import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["memory_engine"]


def memory_engine() -> Engine:
    """An engine on a fresh database with every table, on one connection that all threads share."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    METADATA.create_all(engine)
    return engine
