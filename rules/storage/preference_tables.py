"""Tables of preferences and their history, and how rows become values.

A contact's values are one JSON document, name to [value, end], so that a request changes all or
nothing and a read is one row.

>>> load('{"city":["Pune",null]}')["city"].value
'Pune'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Text

from rules.prefs import Change, Kind, Preference
from rules.services.prefs import HistoryRow, Origin
from rules.storage.tables import Moment, Serial, from_moment, table, to_moment

if TYPE_CHECKING:
    from datetime import datetime

    from rules.prefs import Stored

__all__ = ["HISTORY", "PREFERENCES", "dump", "erased_row", "history_row", "load"]

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
    Column("id", Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("account", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("method", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("who", Text, nullable=False),
    Index("ix_rules_preference_history_contact", "account", "contact", "id"),
)
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


def erased_row(
    account: str, hashed: str, name: str, at: datetime, origin: Origin
) -> dict[str, Any]:
    """The row that tells of an erased name."""
    return {
        "at": at,
        "account": account,
        "contact": hashed,
        "name": name,
        "kind": str(Kind.ERASED),
        "old": None,
        "new": None,
        "method": origin.method,
        "request_id": origin.request_id,
        "flow": origin.flow,
        "who": origin.who,
    }


def history_row(row: Any) -> HistoryRow:
    """A row of the history table as a value."""
    return HistoryRow(
        row.account,
        row.contact,
        Change(row.at, row.name, row.old, row.new, Kind(row.kind)),
        Origin(row.method, row.request_id, row.flow, row.who),
    )
