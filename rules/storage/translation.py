"""Translations kept for a while, and the characters each account has sent in a month."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Table, Text, delete, select
from sqlalchemy.dialects.postgresql import insert  # what we use of it compiles for SQLite too

from rules.services.translation import Kept
from rules.storage.engine import reading, transaction
from rules.storage.tables import Moment, table

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

__all__ = ["COUNTS", "MONTHS_KEPT", "TRANSLATIONS", "SqlTranslations"]

TRANSLATIONS: Table = table(
    "translations",
    Column("key", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("detected", String(35)),
    Column("until", Moment, nullable=False, index=True),
)
COUNTS: Table = table(
    "translation_counts",
    Column("account", Text, primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("characters", Integer, nullable=False),
)


MONTHS_KEPT = timedelta(days=62)
"""Counts older than this are of a month that is over in every zone."""


class SqlTranslations:
    """The store on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, key: str, *, now: datetime) -> Kept | None:
        """What is kept under a key, unless its days are over."""
        columns = TRANSLATIONS.c
        query = select(columns.text, columns.detected).where(
            columns.key == key, columns.until > now
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return Kept(row.text, row.detected) if row else None

    def keep(self, key: str, kept: Kept, *, until: datetime) -> None:
        """Keep a translation, in place of an older one."""
        values = {"text": kept.text, "detected": kept.detected, "until": until}
        new = insert(TRANSLATIONS).values(key=key, **values)
        with transaction(self._engine) as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=values))

    def spend(self, account: str, month: str, characters: int, *, cap: int) -> bool:
        """Count characters, unless that would pass the cap: then nothing is counted."""
        if characters > cap:
            return False
        new = insert(COUNTS)
        total = COUNTS.c.characters + new.excluded.characters
        spend = (
            new.values(account=account, month=month, characters=characters)
            .on_conflict_do_update(
                index_elements=["account", "month"], set_={"characters": total}, where=total <= cap
            )
            .returning(COUNTS.c.characters)
        )
        with transaction(self._engine) as connection:
            return connection.execute(spend).first() is not None

    def sweep(self, now: datetime, *, limit: int = 1000) -> int:
        """Delete what is over: at most so many translations, and counts of months gone by."""
        month = (now - MONTHS_KEPT).strftime("%Y-%m")
        columns = TRANSLATIONS.c
        over = select(columns.key).where(columns.until <= now).limit(limit)
        with transaction(self._engine) as connection:
            connection.execute(delete(COUNTS).where(COUNTS.c.month < month))
            done = connection.execute(
                delete(TRANSLATIONS).where(columns.key.in_(over)).returning(columns.key)
            )
            return len(done.all())
