"""Storage: one engine for every table, one module of statements per topic, numbered migrations."""

from rules.storage.engine import is_sqlite, make_engine, reading, transaction
from rules.storage.schema import check_schema, migrate, schema_version

__all__ = [
    "check_schema",
    "is_sqlite",
    "make_engine",
    "migrate",
    "reading",
    "schema_version",
    "transaction",
]
