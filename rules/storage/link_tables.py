"""Tables of short links. Moments are whole seconds here: a million links must fit a small file.

>>> from datetime import UTC, datetime
>>> to_second(from_second(1795000000)), from_second(None)
(1795000000, None)
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    column,
)

from rules.storage.tables import Serial, table

__all__ = [
    "CLICKS",
    "DOMAINS",
    "KEYS",
    "LINKS",
    "PERSONAL",
    "RATES",
    "from_second",
    "to_second",
]


def to_second(moment: datetime) -> int:
    """The second a moment lies in, counted from 1970."""
    return int(moment.timestamp())


@overload
def from_second(second: int) -> datetime: ...
@overload
def from_second(second: None) -> None: ...
def from_second(second: int | None) -> datetime | None:
    """The moment a second begins, in UTC."""
    return None if second is None else datetime.fromtimestamp(second, UTC)


DOMAINS = table(
    "link_domains",
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("account", String),
    Column("state", String, nullable=False),
    Column("token", String, nullable=False),
    Column("created", BigInteger, nullable=False),
)
LINKS = table(
    "links",
    Column("id", Serial, primary_key=True),
    Column("domain", ForeignKey(DOMAINS.c.id), nullable=False),
    Column("code", String, nullable=False),
    Column("account", String, nullable=False),
    Column("header", String, nullable=False),
    Column("target", String, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("max_clicks", Integer),
    Column("used", Integer, nullable=False),
    Column("disabled", BigInteger),
    Column("reuse", BigInteger),
    UniqueConstraint("domain", "code"),
    Index(
        "uq_rules_links_reuse",
        "reuse",
        unique=True,
        sqlite_where=column("reuse").is_not(None),
        postgresql_where=column("reuse").is_not(None),
    ),
    Index(
        "ix_rules_links_expires",
        "expires",
        sqlite_where=column("target") != "",
        postgresql_where=column("target") != "",
    ),
)
PERSONAL = table(
    "link_personal",
    Column("link", ForeignKey(LINKS.c.id), primary_key=True, autoincrement=False),
    Column("uid", String, nullable=False, unique=True),
    Column("bot", String, nullable=False),
    Column("hidden", LargeBinary, nullable=False),
)
CLICKS = table(
    "link_clicks",
    Column("link", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("human", Boolean, nullable=False),
    Column("device", SmallInteger, nullable=False),
    Column("visitor", BigInteger, nullable=False),
    Index("ix_rules_link_clicks_link_at", "link", "at"),
)
KEYS = table(
    "link_keys",
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
)
RATES = table(
    "link_rates",
    Column("account", String, primary_key=True),
    Column("minute", BigInteger, nullable=False),
    Column("made", Integer, nullable=False),
)
