"""What all tables share: their MetaData, the prefix of their names, and how a moment is kept.

The durable engine keeps its own tables in the same SQLite file, so every table of ours begins with
`rules_`. A moment is a whole number of microseconds since 1970 in UTC: exact, sorted and alike on
both stores.

>>> from datetime import UTC, datetime
>>> to_moment(from_moment(datetime(2026, 11, 18, 5, tzinfo=UTC))).isoformat()
'2026-11-18T05:00:00+00:00'
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, MetaData, Table
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.schema import SchemaItem

__all__ = ["METADATA", "PREFIX", "Moment", "Serial", "from_moment", "table", "to_moment"]

PREFIX = "rules_"
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Serial = BigInteger().with_variant(Integer, "sqlite")
"""A primary key the database counts up by itself."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def table(name: str, *items: SchemaItem, **options: Any) -> Table:
    """The table `rules_<name>`."""
    return Table(f"{PREFIX}{name}", METADATA, *items, **options)


def from_moment(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment."""
    return (moment - _EPOCH) // _MICROSECOND


def to_moment(stored: int) -> datetime:
    """The moment, in UTC."""
    return _EPOCH + timedelta(microseconds=stored)


class Moment(TypeDecorator[datetime]):
    """A column of moments: aware datetimes outside, whole microseconds inside."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002  SQLAlchemy's form
        """Python to database."""
        return None if value is None else from_moment(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  SQLAlchemy's form
        """Database to Python."""
        return None if value is None else to_moment(value)
