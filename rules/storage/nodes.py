"""Signs of life of delivery processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Table, Text, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # what we use of it compiles for SQLite too

from rules.services.nodes import SILENT, Node
from rules.storage.engine import reading, transaction
from rules.storage.tables import Moment, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

__all__ = ["NODES", "SqlNodes"]

NODES: Table = table(
    "nodes",
    Column("name", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
_N = NODES.c


class SqlNodes:
    """Names of delivery processes on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, name: str, *, token: str, place: str, now: datetime) -> bool:
        """Take a name that is free, silent for long, or held from the same place.

        Whoever claims from a place holds that place's lock, so the former owner there is dead.
        """
        new = insert(NODES).values(name=name, token=token, place=place, seen_at=now)
        taken = new.on_conflict_do_update(
            index_elements=["name"],
            set_={"token": token, "place": place, "seen_at": now},
            where=or_(_N.place == place, _N.seen_at < now - SILENT),
        )
        with transaction(self._engine) as connection:
            return connection.execute(taken.returning(_N.name)).first() is not None

    def beat(self, name: str, *, token: str, now: datetime) -> bool:
        """Give a sign of life; `False`: somebody else has the name now."""
        mine = update(NODES).where(_N.name == name, _N.token == token).values(seen_at=now)
        with transaction(self._engine) as connection:
            return connection.execute(mine.returning(_N.name)).first() is not None

    def leave(self, name: str, *, token: str) -> None:
        """Give the name back."""
        with transaction(self._engine) as connection:
            connection.execute(delete(NODES).where(_N.name == name, _N.token == token))

    def listing(self) -> Sequence[Node]:
        """All nodes, by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(_N.name, _N.seen_at).order_by(_N.name)).all()
        return [Node(row.name, row.seen_at) for row in rows]

    def sweep(self, before: datetime) -> int:
        """Forget nodes last seen before a moment; how many."""
        gone = delete(NODES).where(_N.seen_at < before).returning(_N.name)
        with transaction(self._engine) as connection:
            return len(connection.execute(gone).all())
