"""Tables of preferences and their history, and how rows become values.

A contact's values are one JSON document, name to [value, end], so that a request changes all or
nothing and a read is one row.

>>> load('{"city":["Pune",null]}')["city"].value
'Pune'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Text

from rules.prefs import Change, Kind, Preference
from rules.services.prefs import HistoryRow, Origin
from rules.storage.tables import Moment, from_moment, table, to_moment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from rules.prefs import Stored

__all__ = ["HISTORY", "PREFERENCES", "dump", "erased_rows", "history_row", "load"]

PREFERENCES = table(
    "preferences",
    Column("account", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("next_expiry", BigInteger),
    PrimaryKeyConstraint("account", "contact"),
    sqlite_with_rowid=False,
)
Index(
    "ix_rules_preferences_next_expiry",
    PREFERENCES.c.next_expiry,
    sqlite_where=PREFERENCES.c.next_expiry.is_not(None),
    postgresql_where=PREFERENCES.c.next_expiry.is_not(None),
)
HISTORY = table(
    "preference_history",
    Column("account", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("method", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("who", Text, nullable=False),
    PrimaryKeyConstraint("account", "contact", "version", "place"),
    sqlite_with_rowid=False,
)
"""A row is the `place`th that the write made which gave its contact this version.

This key is all there is to keep in order: a second index would cost each write a page.
"""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, tuple[str, int | None]]).decode


def load(document: str) -> dict[str, Preference]:
    """Values of a document."""
    return {
        name: Preference(value, None if ends is None else to_moment(ends))
        for name, (value, ends) in _decode(document).items()
    }


def dump(stored: Stored) -> str:
    """Document of values."""
    return _encode(
        {
            name: (one.value, None if one.expires is None else from_moment(one.expires))
            for name, one in stored.items()
        }
    ).decode()


def erased_rows(
    account: str, hashed: str, version: int, names: Collection[str], at: datetime, origin: Origin
) -> list[dict[str, Any]]:
    """The rows that tell of erased names."""
    same = {
        "account": account,
        "contact": hashed,
        "version": version,
        "at": at,
        "kind": str(Kind.ERASED),
        "old": None,
        "new": None,
        "method": origin.method,
        "request_id": origin.request_id,
        "flow": origin.flow,
        "who": origin.who,
    }
    return [same | {"place": place, "name": name} for place, name in enumerate(sorted(names), 1)]


def history_row(row: Any) -> HistoryRow:
    """A row of the history table as a value."""
    return HistoryRow(
        row.account,
        row.contact,
        Change(row.at, row.name, row.old, row.new, Kind(row.kind)),
        Origin(row.method, row.request_id, row.flow, row.who),
    )
