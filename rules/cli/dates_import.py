"""`flow-rules import-calendar`: all-day events of a calendar file into an account's own dates."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rules.cli.common import command, print_table, whole_file, wrong

if TYPE_CHECKING:
    import argparse

    from rules.cli.common import Commands
    from rules.dates.importing import Imported, OwnRow

__all__ = ["register"]

_EPILOG = """\
FILE is an iCalendar file (.ics), of which the all-day events are taken, recurring ones included, or
a CSV file with the columns date,name. The rows go into the file that own_dates of the account
names, beside the accounts file; the service reads it again within five seconds.

example: flow-rules import-calendar leave.ics --account 163

exit codes: 0 written, or nothing to change; 1 a file cannot be read or written, or you said no;
2 wrong use"""


def register(commands: Commands) -> None:
    """Add the command."""
    add = command(commands, "import-calendar", "put a calendar file into own dates", epilog=_EPILOG)
    add.add_argument("file", metavar="FILE", help="calendar to read: .ics or .csv")
    add.add_argument("--account", required=True, metavar="ID", help="whose own dates")
    add.add_argument("--as", dest="status", choices=("closed", "open"), default="closed")
    add.add_argument("--accounts", metavar="FILE", help="accounts file (default: RULES_ACCOUNTS)")
    add.add_argument("--yes", action="store_true", help="write without asking")
    add.set_defaults(run=_import)


def _import(args: argparse.Namespace) -> int:
    from rules.dates.importing import changes, merged
    from rules.dates.own import OWN_COLUMNS, OwnDatesMistake, read_own_rows

    target = _own_file(args.accounts or os.environ.get("RULES_ACCOUNTS", ""), args.account)
    old: list[OwnRow] = []
    try:
        found = _read(Path(args.file), args.status)
        if target.is_file():
            old = read_own_rows(target.read_text(encoding="utf-8"))
        after = merged([row for row in old if any(row)], found.rows)
        changed = changes(old, after)
    except OwnDatesMistake as error:
        print(f"flow-rules: {error}", file=sys.stderr)
        return 1
    for reason, count in found.skipped.items():
        print(f"{count} events {reason} pass by", file=sys.stderr)
    print_table(
        ("", "date", "status", "name"),
        [(sign, row[0], row[1], row[3]) for sign, row in changed],
        f"changes of {target}",
    )
    if not changed:
        print(f"{target}: nothing to change", file=sys.stderr)
        return 0
    if not args.yes and not _agreed(len(changed), target):
        print("nothing was written", file=sys.stderr)
        return 1
    _write(target, [OWN_COLUMNS, *after])
    print(f"{target}: {len(changed)} rows written", file=sys.stderr)
    return 0


def _own_file(accounts: str, account: str) -> Path:
    """The file that `own_dates` of the account names; it need not exist yet."""
    import tomllib

    if not accounts:
        wrong("name the accounts file: --accounts FILE, or set RULES_ACCOUNTS")
    path = Path(accounts)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        wrong(f"{path} cannot be read ({error.strerror})")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        wrong(f"{path} is no TOML: {error}")
    settings = document.get("account", {}).get(account, {})
    name = settings.get("own_dates", "") if isinstance(settings, dict) else ""
    if not name:
        line = f'own_dates = "{account}.csv"'
        wrong(f'account {account} names no file: add {line} to [account."{account}"] in {path}')
    return path.parent / str(name)


def _read(path: Path, status: str) -> Imported:
    from rules.dates.importing import from_ics, from_table
    from rules.dates.own import OwnDatesMistake

    try:
        data = path.read_bytes()
        if path.suffix.casefold() != ".csv":
            return from_ics(data, status)
        return from_table(data.decode("utf-8-sig"), status)
    except OSError as error:
        raise OwnDatesMistake(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise OwnDatesMistake(f"{path} is not UTF-8") from None


def _agreed(count: int, target: Path) -> bool:
    if not sys.stdin.isatty():
        wrong("nobody is here to ask; say --yes to write")
    return input(f"Write {count} rows to {target}? [y/N] ").strip().casefold() in {"y", "yes"}


def _write(target: Path, rows: list[OwnRow]) -> None:
    """The whole file anew, or not at all."""
    import csv

    with whole_file(target) as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
