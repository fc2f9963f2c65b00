"""`flow-rules webhook`: where an account's flow ends are pushed to, and what became of them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from rules.cli.common import command, moment, print_table, services, wrong
from rules.errors import BadParameters, UnknownPath

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from rules.cli.common import Commands
    from rules.services.endpoints import Desk
    from rules.webhooks.endpoints import Endpoint

__all__ = ["register"]

_MOST_REPLAYED = 100_000
_EPILOG = """\
The password is read from the environment variable WEBHOOK_PASSWORD, so that it stands in no list
of processes. A secret is printed once, when it is made.

exit codes: 0 done; 1 failure; 2 refused, the reason is named"""


def register(commands: Commands) -> None:
    """Add the group."""
    group = command(commands, "webhook", "look after an account's flow-end webhooks")
    group.epilog = _EPILOG
    actions = group.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, about, needs_id in (
        ("list", "list the account's webhooks", False),
        ("add", "add one; it is checked first", False),
        ("change", "change one", True),
        ("remove", "remove one with its messages", True),
        ("check", "ask one whether it is there", True),
        ("set-default", "send flow ends to this one", True),
        ("enable", "enable one; what was held goes out", True),
        ("disable", "disable one; what comes is held", True),
        ("rotate-secret", "make a new secret; the old one signs too for a day", True),
        ("send-test", "queue a test message", True),
        ("messages", "list messages, newest first", False),
        ("replay", "send ended messages again, under the same ids", False),
    ):
        action = command(actions, name, about)
        action.add_argument("--account", required=True, help="account id")
        if needs_id:
            action.add_argument("id", metavar="ID", help="id of the webhook")
        _options(name, action)
        action.set_defaults(run=_run, action=name)


def _options(name: str, action: argparse.ArgumentParser) -> None:
    if name in {"add", "change"}:
        action.add_argument("--name", required=name == "add", help="a name for people")
        action.add_argument("--url", required=name == "add", help="https://...")
        action.add_argument("--username", help="user of basic authentication")
        action.add_argument(
            "--auth", choices=("none", "basic"), help="none: no user and password (any more)"
        )
    if name == "add":
        action.add_argument("--default", action="store_true", help="send flow ends to it")
    if name == "messages":
        action.add_argument("--failed", action="store_true", help="only those given up")
    if name == "replay":
        action.add_argument("ids", nargs="*", metavar="MESSAGE", help="ids of messages")
        action.add_argument("--since", type=moment, help="all ended ones made since")
        action.add_argument("--until", type=moment, help="and before")


def _run(args: argparse.Namespace) -> int:
    from rules.services.endpoints import Desk

    desk = Desk(services(), args.account)
    try:
        return _ACTIONS[args.action](desk, args) or 0
    except UnknownPath as error:
        wrong(str(error))
    except BadParameters as error:
        wrong("; ".join(f"{f.name}: {f.message} ({f.code})" for f in error.fields))


def _values(args: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(args, name) for name in ("name", "url", "username", "auth")}
    password = os.environ.get("WEBHOOK_PASSWORD")
    values = given | {"password": password} | ({"is_default": True} if _default(args) else {})
    return {name: value for name, value in values.items() if value is not None}


def _default(args: argparse.Namespace) -> bool:
    return bool(getattr(args, "default", False))


def _list(desk: Desk, _: argparse.Namespace) -> None:
    print_table(
        ("id", "name", "url", "state", "check"),
        [
            (
                one.id,
                one.name + (" (default)" if one.is_default else ""),
                one.url,
                "enabled" if one.enabled else f"disabled: {one.disabled_reason}",
                one.check_result,
            )
            for one in desk.listing()
        ],
    )


def _show(endpoint: Endpoint, *, secret: bool = False) -> None:
    print(f"{endpoint.id} {endpoint.name}: check {endpoint.check_result}")
    if secret:
        print(f"secret, shown once: {endpoint.secret}")


def _messages(desk: Desk, args: argparse.Namespace) -> None:
    print_table(
        ("id", "made", "state", "attempts", "status", "reason"),
        [
            (
                one.id,
                one.created_at.isoformat(timespec="seconds"),
                one.state.value,
                str(one.attempts),
                str(one.status or ""),
                one.reason,
            )
            for one in desk.messages(failed_only=args.failed)
        ],
    )


def _replay(desk: Desk, args: argparse.Namespace) -> int:
    """Send them again; exit code 1 when there was none to send."""
    ids, spanned = list(args.ids), bool(args.since or args.until)
    if not ids and not spanned:
        wrong("name messages, or a span with --since and --until")
    if spanned:
        found = desk.messages(
            failed_only=False, since=args.since, until=args.until, limit=_MOST_REPLAYED
        )
        ids += [one.id for one in found]
    count = desk.replay(ids)
    if not count:
        print("flow-rules: no delivered or failed message matched", file=sys.stderr)
        return 1
    print(f"{count} messages are sent again")
    return 0


_ACTIONS: dict[str, Callable[[Desk, argparse.Namespace], int | None]] = {
    "list": _list,
    "add": lambda desk, args: _show(desk.add(_values(args)), secret=True),
    "change": lambda desk, args: _show(desk.change(args.id, _values(args))),
    "remove": lambda desk, args: desk.remove(args.id),
    "check": lambda desk, args: _show(desk.check(args.id)),
    "set-default": lambda desk, args: _show(desk.change(args.id, {"is_default": True})),
    "enable": lambda desk, args: _show(desk.change(args.id, {"enabled": True})),
    "disable": lambda desk, args: _show(desk.change(args.id, {"enabled": False})),
    "rotate-secret": lambda desk, args: _show(desk.rotate(args.id), secret=True),
    "send-test": lambda desk, args: print(desk.test(args.id)),
    "messages": _messages,
    "replay": _replay,
}
