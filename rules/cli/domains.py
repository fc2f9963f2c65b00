"""`flow-rules domain`: the domains that short links begin with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rules.cli.common import command, print_table, services, wrong

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from rules.cli.common import Commands
    from rules.services.links import Domain

__all__ = ["register"]

_SECONDS = 15.0
_TOLD = """\
{name} is {state}. Until it is ready no link can be made with it. To prove it, let

  {address}

answer with the one line

  {token}

It does so by itself once the domain leads to this service. Then run:

  flow-rules domain check {name}"""


def register(commands: Commands) -> None:
    """Add the group."""
    group = command(commands, "domain", "add, prove, disable and list domains of short links")
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    added = _part(parts, "add", "add a domain and say how to prove it", _add)
    owner = added.add_mutually_exclusive_group(required=True)
    owner.add_argument("--account", metavar="ID", help="the account it belongs to")
    owner.add_argument("--shared", action="store_true", help="all accounts may use it")
    _part(parts, "check", "ask a domain for its token; ready when it answers", _check)
    _part(parts, "disable", "stop a domain: no new links, its links lead nowhere", _disable)
    listing = command(parts, "list", "list the domains")
    listing.set_defaults(run=_list)


def _part(
    parts: Commands, name: str, about: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    added = command(parts, name, about)
    added.add_argument("name", metavar="DOMAIN", help="such as go.example")
    added.set_defaults(run=run)
    return added


def _name(args: argparse.Namespace) -> str:
    from rules.links.settings import read_domain

    try:
        return read_domain(args.name)
    except ValueError as error:
        wrong(f"'{args.name}' {error}")


def _add(args: argparse.Namespace) -> int:
    from rules.methods.link_desk import add_domain, proof_address
    from rules.methods.link_making import links_of

    built, name = services(), _name(args)
    shared = links_of(built).shared
    if shared is not None and shared.name == name:
        wrong(f"{name} is the shared domain of RULES_LINK_DOMAIN and needs no adding")
    domain = add_domain(built, name, None if args.shared else args.account)
    if domain.account != (None if args.shared else args.account):
        print(f"flow-rules: {name} belongs to {_owner(domain)} already", file=sys.stderr)
        return 1
    told = {"name": name, "state": domain.state.value, "token": domain.token}
    print(_TOLD.format(address=proof_address(name), **told))
    return 0


def _check(args: argparse.Namespace) -> int:
    import time

    from rules.methods.link_desk import proof_address, prove_domain
    from rules.methods.link_making import links_of

    built, name = services(), _name(args)
    domain = links_of(built).domains.get(name)
    if domain is None:
        return _unknown(name)
    problem = prove_domain(built, domain, deadline=time.monotonic() + _SECONDS)
    if problem:
        print(f"flow-rules: {proof_address(name)}: {problem}", file=sys.stderr)
        return 1
    print(f"{name} is ready")
    return 0


def _disable(args: argparse.Namespace) -> int:
    from rules.methods.link_making import links_of
    from rules.services.links import DomainState

    built, name = services(), _name(args)
    if not links_of(built).domains.set_state(name, DomainState.DISABLED):
        return _unknown(name)
    print(f"{name} is disabled")
    return 0


def _list(_: argparse.Namespace) -> int:
    from rules.methods.link_making import links_of

    found = links_of(services()).domains.all()
    rows = [
        (domain.name, domain.state.value, _owner(domain), domain.created.date().isoformat())
        for domain in found
    ]
    print_table(("domain", "state", "belongs to", "added"), rows)
    return 0


def _owner(domain: Domain) -> str:
    return "all accounts" if domain.account is None else f"account {domain.account}"


def _unknown(name: str) -> int:
    print(f"flow-rules: {name} was never added", file=sys.stderr)
    return 1
