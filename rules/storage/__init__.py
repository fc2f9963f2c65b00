"""Storage: one engine for every table, one module of statements per topic, numbered migrations."""

from rules.storage.database import database_state, open_database, prepare
from rules.storage.driver import driver
from rules.storage.engine import is_sqlite, make_engine, reading, transaction
from rules.storage.schema import check_schema, migrate, schema_version

__all__ = [
    "check_schema",
    "database_state",
    "driver",
    "is_sqlite",
    "make_engine",
    "migrate",
    "open_database",
    "prepare",
    "reading",
    "schema_version",
    "transaction",
]
