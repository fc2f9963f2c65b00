"""Care of a database: a consistent copy of a SQLite file, and an examination of either store."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, select

from rules.errors import SchemaMismatch, StoreUnavailable
from rules.storage.driver import driver
from rules.storage.engine import is_sqlite, reading
from rules.storage.schema import HEAD, check_schema
from rules.storage.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

__all__ = ["copy_sqlite", "examine"]


def copy_sqlite(engine: Engine, target: Path) -> int:
    """Copy the file as it is at one moment, check the copy, give it its name; its size in bytes.

    Writers are not kept waiting. Raises `StoreUnavailable` when the copy is not sound, `OSError`
    when it cannot be written; then no file of that name is left.
    """
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch()  # says at once, and as the system does, when nothing can be written there
    try:
        with driver(engine) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise StoreUnavailable("the copy is not sound")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def examine(engine: Engine) -> Iterator[tuple[str, str, bool]]:
    """What was looked at, what was found, and whether it is well; raises `StoreUnavailable`."""
    yield "store", engine.dialect.name, True
    if is_sqlite(engine):
        yield from _sqlite_integrity(engine)
    try:
        check_schema(engine)
    except SchemaMismatch as error:
        yield "schema", str(error), False
        return
    yield "schema", HEAD, True
    with reading(engine) as connection:
        there = set(inspect(connection).get_table_names())
        for name, table in sorted(METADATA.tables.items()):
            if name in there:
                rows = connection.scalar(select(func.count()).select_from(table))
                yield name, f"{rows} rows", True
            else:
                yield name, "missing", False


def _sqlite_integrity(engine: Engine) -> Iterator[tuple[str, str, bool]]:
    with driver(engine) as connection:
        for what in ("integrity_check", "foreign_key_check"):
            found = [str(row[0]) for row in connection.execute(f"PRAGMA {what}").fetchmany(20)]
            well = found in ([], ["ok"])
            yield what.replace("_", " "), "ok" if well else "; ".join(found), well
