"""The schema of the database: bring it up to date, or refuse one this program does not know.

Migrations are files `migrations/versions/NNNN_topic.py`, one line of them; `NNNN` is the revision.
Several processes may start at once: one migrates, the others wait and find nothing to do.

>>> HEAD >= "0001"
True
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from rules.errors import SchemaMismatch
from rules.storage.engine import is_sqlite, reading, transaction
from rules.storage.tables import PREFIX

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["HEAD", "VERSION_TABLE", "check_schema", "judge", "migrate", "schema_version"]

VERSION_TABLE = f"{PREFIX}schema"
_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_LOCK = 7_242_001  # any number, the same for all
HEAD = max(path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
"""The revision this program works with."""


def schema_version(engine: Engine) -> str | None:
    """The database's revision, `None` when it has no schema of ours."""
    with reading(engine) as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    rows = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608  a constant name
    return rows.scalar()


def check_schema(engine: Engine) -> None:
    """Refuse (`SchemaMismatch`) a database whose schema this program does not work with."""
    judge(schema_version(engine))


def judge(found: str | None) -> None:
    """Refuse (`SchemaMismatch`) a revision that is not the one this program works with."""
    if found is None:
        raise SchemaMismatch("the database has no schema yet: run 'flow-rules migrate'")
    if found < HEAD:
        raise SchemaMismatch(
            f"the database's schema {found} is older than {HEAD}: run 'flow-rules migrate'"
        )
    _refuse_newer(found)


def _refuse_newer(found: str | None) -> None:
    if found is not None and found > HEAD:
        raise SchemaMismatch(
            f"the database's schema {found} is newer than {HEAD}: install a newer flow-rules"
        )


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Bring the schema up to date in one transaction; gives back the revision before and after."""
    with transaction(engine) as connection:
        if not is_sqlite(engine):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        before = _version(connection)
        _refuse_newer(before)
        if before != HEAD:
            _upgrade(connection)
    return before, HEAD


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  only a start that migrates pays for it
    from alembic.config import Config  # noqa: PLC0415  see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
