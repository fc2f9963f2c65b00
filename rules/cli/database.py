"""`flow-rules backup`, `check`, `housekeeping`: the database in daily operation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rules.cli.common import command, moment, print_table, progress, services, wrong

if TYPE_CHECKING:
    import argparse

    from rules.cli.common import Commands

__all__ = ["register"]

_BACKUP_EPILOG = """\
A consistent copy of the SQLite file, while everybody goes on reading and writing. The copy is
checked before it gets its name. For PostgreSQL use pg_dump.

exit codes: 0 the copy is there; 1 failure, there is none; 2 wrong use"""
_CHECK_EPILOG = """\
exit codes: 0 all is well; 1 something is wrong, it is said what; 2 wrong settings"""


def register(commands: Commands) -> None:
    """Add the commands."""
    backup = command(commands, "backup", "copy the SQLite file, online", epilog=_BACKUP_EPILOG)
    backup.add_argument("file", metavar="FILE", help="the copy; must not be there yet")
    backup.set_defaults(run=_backup)
    check = command(
        commands, "check", "check the database: integrity, schema, tables", epilog=_CHECK_EPILOG
    )
    check.set_defaults(run=_check)
    keeping = command(commands, "housekeeping", "delete and close what is past its time")
    keeping.add_argument("--now", type=moment, metavar="MOMENT", help="act as of this moment")
    keeping.set_defaults(run=_housekeeping)


def _address() -> str:
    from rules.settings import Settings

    return Settings.from_mapping(os.environ).database


def _need_file(address: str) -> None:
    """Say so when a SQLite file is not there yet; opening it would make an empty one."""
    from rules.storage.engine import database_url

    url = database_url(address)
    if url.drivername == "sqlite" and not Path(url.database or "").exists():
        wrong(f"{url.database}: there is no database yet")


def _backup(args: argparse.Namespace) -> int:
    from rules.storage import make_engine
    from rules.storage.care import copy_sqlite
    from rules.storage.engine import database_url

    url = database_url(_address())
    if url.drivername != "sqlite":
        wrong("backup: the database is PostgreSQL; use pg_dump")
    target = Path(args.file)
    if target.exists():
        wrong(f"{target}: is there already")
    _need_file(_address())
    engine = make_engine(_address())
    try:
        size = copy_sqlite(engine, target)
    except OSError as error:
        wrong(f"{target}: cannot be written ({error.strerror})")
    finally:
        engine.dispose()
    print(f"{target}: {size:,} bytes")
    return 0


def _check(_: argparse.Namespace) -> int:
    import rules.bootstrap  # noqa: F401  every store's tables are known then
    from rules.storage import make_engine
    from rules.storage.care import examine

    _need_file(_address())
    engine = make_engine(_address())
    try:
        found = list(examine(engine))
    finally:
        engine.dispose()
    print_table(("what", "found", ""), [(a, b, "" if well else "WRONG") for a, b, well in found])
    return 0 if all(well for *_, well in found) else 1


def _housekeeping(args: argparse.Namespace) -> int:
    built = services(now=args.now)
    with progress() as bar:
        for name, task in built.housekeeping.items():
            line = bar.add_task(name, total=None)
            done = 0
            while batch := task(built.clock()):
                done += batch
                bar.update(line, completed=done)
            print(f"{name}: {done}")
    return 0
