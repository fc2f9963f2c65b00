"""`flow-rules prefs`: what an account remembers of its customers, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.cli import prefs_bulk
from rules.cli.common import command, moment, print_table, say_refused, services, wrong

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from rules.cli.common import Commands
    from rules.services import Services

__all__ = ["call", "register"]

_CONTACT, _ACCOUNT = "$user.syskey.contactNumber", "$user.syskey.accountID"
_ERASE_EPILOG = """\
Needs RULES_HASH_KEY. What stays is a minimal log under a keyed hash: docs/preferences.md.

examples:
  flow-rules prefs erase 8000374123 --account 293
  flow-rules prefs erase CUST-00123 --account 293 --name city --name plan"""


def register(commands: Commands) -> None:
    """Add the group."""
    group = command(commands, "prefs", "read, set, import, export and erase preferences")
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _part(parts, "get", "what is remembered of a customer", _get)
    setting = _part(parts, "set", "remember values of a customer", _set)
    setting.add_argument("values", nargs="+", metavar="name=value", help="values to remember")
    setting.add_argument("--days", metavar="N", help="forget them after so many days")
    erase = _part(parts, "erase", "forget a customer", _erase, epilog=_ERASE_EPILOG)
    erase.add_argument("--name", action="append", metavar="NAME", help="only this variable")
    erase.add_argument("--asked-by", metavar="TEXT", help="who asked (default: your login)")
    prefs_bulk.register(parts)


def _part(
    parts: Commands, name: str, about: str, run: Callable[..., int], epilog: str | None = None
) -> argparse.ArgumentParser:
    added = command(parts, name, about, epilog=epilog)
    added.add_argument("contact", metavar="CONTACT", help="phone number or other id")
    added.add_argument("--account", required=True, metavar="ID", help="the account")
    added.add_argument("--now", type=moment, metavar="MOMENT", help="act as of this moment")
    added.set_defaults(run=run)
    return added


def call(
    args: argparse.Namespace, built: Services, method: str, **more: str | None
) -> dict[str, str] | None:
    """The reply's variables, `None` when refused; what was refused is said on standard error."""
    from rules.methods import answer

    given = {_CONTACT: args.contact, _ACCOUNT: args.account} | more
    body = {"keys": [{"name": name, "value": value} for name, value in given.items()]}
    reply = answer(body, built, method=method)
    if reply.status == 200:
        return {entry["name"]: entry["value"] for entry in reply.body["keys"]}
    say_refused(reply)
    return None


def _get(args: argparse.Namespace) -> int:
    found = call(args, services(now=args.now), "fetchUserPreferences")
    if found is None:
        return 2
    print_table(("name", "value"), [(n.removeprefix("$user.key."), v) for n, v in found.items()])
    return 0


def _set(args: argparse.Namespace) -> int:
    given: dict[str, str | None] = {}
    for value in args.values:
        name, mark, text = value.partition("=")
        if not mark or not name:
            wrong(f"'{value}': write name=value")
        given[f"$user.key.{name}"] = text
    found = call(
        args, services(now=args.now), "updateUserPreferences", **given, prefsTtlDays=args.days
    )
    if found is None:
        return 2
    print(f"{found['$flow.key.prefsChanged']} changed")
    return 0


def _erase(args: argparse.Namespace) -> int:
    import getpass
    import json

    found = call(
        args,
        services(now=args.now),
        "eraseUserPreferences",
        prefsNames=json.dumps(args.name) if args.name else None,
        prefsAskedBy=args.asked_by or getpass.getuser(),
    )
    if found is None:
        return 2
    print(f"{found['$flow.key.prefsErased']} erased")
    return 0
