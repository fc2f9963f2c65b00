"""Consent in the database: rows that are only added; erasing a customer replaces the contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Date, Index, Text, insert, select, update

from rules.prefs import Consent
from rules.storage.engine import reading, transaction
from rules.storage.tables import Moment, Serial, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection, Engine

__all__ = ["SqlConsents", "move_consents"]

CONSENTS = table(
    "consents",
    Column("number", Serial, primary_key=True),
    Column("id", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("valid_until", Date),
    Column("how", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("notice_version", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Index("ix_rules_consents_contact", "account", "contact", "number"),
)
_FIELDS = tuple(Consent.__dataclass_fields__)


class SqlConsents:
    """`ConsentStore` on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, account: str, contact: str, rows: Iterable[Consent]) -> None:
        """Keep rows, all or none."""
        whose = {"account": account, "contact": contact}
        values = [whose | {name: getattr(row, name) for name in _FIELDS} for row in rows]
        with transaction(self._engine) as connection:
            connection.execute(insert(CONSENTS), values)

    def of(self, account: str, contacts: Collection[str]) -> list[Consent]:
        """Rows of these contact ids, oldest first."""
        rows = CONSENTS.c
        query = (
            select(CONSENTS)
            .where(rows.account == account, rows.contact.in_(contacts))
            .order_by(rows.at, rows.number)
        )
        with reading(self._engine) as connection:
            return [_consent(row) for row in connection.execute(query)]


def _consent(row: Any) -> Consent:
    return Consent(**{name: getattr(row, name) for name in _FIELDS})


def move_consents(connection: Connection, account: str, contact: str, hashed: str) -> None:
    """Replace the contact by its hash, within the erasing transaction."""
    here = (CONSENTS.c.account == account, CONSENTS.c.contact == contact)
    connection.execute(update(CONSENTS).where(*here).values(contact=hashed))
