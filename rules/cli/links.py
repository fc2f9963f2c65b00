"""`flow-rules links`: make, list, disable short links and see their clicks, by hand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rules.cli import links_bulk
from rules.cli.common import command, moment, print_table, progress, services, wrong

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from rules.cli.common import Commands
    from rules.services import Services
    from rules.services.links import Link

__all__ = ["register"]

_DISABLE_EPILOG = """\
Links are disabled, never deleted: their codes are never given out again.

examples:
  flow-rules links disable https://s.example/r4TzK9wq
  flow-rules links disable --target-host shop.example
  flow-rules links disable --all-of 163"""
_BATCH = 500


def register(commands: Commands) -> None:
    """Add the group."""
    group = command(commands, "links", "make, list, export, import, count and disable short links")
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    create = _part(parts, "create", "make a short link", _create)
    add = create.add_argument
    add("url", metavar="URL", help="where it leads")
    add("--account", default="", metavar="ID", help="whose it is (default: the default tenant)")
    add("--domain", help="domain of the link")
    add("--header", help="sender header in the link")
    add("--days", help="days it lives (0: for ever, where the account may)")
    add("--max-clicks", help="human clicks it lives")
    add("--no-reuse", action="store_true", help="make a new one, also when an equal one is live")
    listing = _part(parts, "list", "list links, oldest first", _list)
    listing.add_argument("--account", metavar="ID", help="only this account's")
    states = ("live", "expired", "disabled", "used_up")
    listing.add_argument("--state", choices=states, help="only links in this state")
    listing.add_argument("--limit", type=int, default=100, help="at most so many (default: 100)")
    disable = _part(parts, "disable", "disable links", _disable, epilog=_DISABLE_EPILOG)
    disable.add_argument("links", nargs="*", metavar="LINK", help="short links")
    disable.add_argument("--all-of", metavar="ID", help="all links of this account")
    disable.add_argument("--target-host", metavar="HOST", help="all links that lead to this host")
    stats = _part(parts, "stats", "clicks of a link by day, as CSV", _stats)
    stats.add_argument("link", metavar="LINK", help="the short link")
    links_bulk.register(parts)


def _part(
    parts: Commands, name: str, about: str, run: Callable[..., int], **more: Any
) -> argparse.ArgumentParser:
    added = command(parts, name, about, **more)
    added.add_argument("--now", type=moment, metavar="MOMENT", help="act as of this moment")
    added.set_defaults(run=run)
    return added


def _create(args: argparse.Namespace) -> int:
    from rules.errors import BadParameters
    from rules.methods.link_making import spoken, tenant_of
    from rules.methods.short_url import read_flat, shorten

    built = services(now=args.now)
    tenant = tenant_of(built, args.account)
    members = {
        "longUrl": args.url,
        "domain": args.domain,
        "header": args.header,
        "expireDays": args.days,
        "maxClicks": args.max_clicks,
        "reuse": not args.no_reuse,
    }
    try:
        made = shorten(read_flat(members), built, tenant, limited=False)
    except BadParameters as error:
        for field in error.fields:
            name = field.name.removeprefix("$flow.key.")
            print(f"flow-rules: {name}: {field.message} ({field.code})", file=sys.stderr)
        return 2
    print_table(("link", "expires"), [(made.short(built), spoken(made.expires, tenant))])
    return 0


def _list(args: argparse.Namespace) -> int:
    from itertools import islice

    from rules.links import state_at
    from rules.methods.link_desk import short_of, walk

    built = services(now=args.now)
    now = built.clock()
    found = (
        (short_of(built, link), state_at(now, link.life).value, link.account, link.target)
        for link in walk(built, args.account)
        if args.state in (None, state_at(now, link.life).value)
    )
    print_table(("link", "state", "account", "target"), islice(found, args.limit))
    return 0


def _disable(args: argparse.Namespace) -> int:
    if sum(map(bool, (args.links, args.all_of is not None, args.target_host))) != 1:
        wrong("name links, or --all-of an account, or a --target-host")
    built = services(now=args.now)
    count, missing = _disable_named(built, args.links) if args.links else _disable_all(built, args)
    print(f"{count} disabled")
    for link in missing:
        print(f"flow-rules: there is no link {link}", file=sys.stderr)
    return 1 if missing else 0


def _disable_named(built: Services, links: list[str]) -> tuple[int, list[str]]:
    from rules.methods.link_making import links_of
    from rules.methods.link_reads import find_link

    found = {link: find_link(built, link) for link in links}
    ids = [link.id for link in found.values() if link is not None]
    missing = [text for text, link in found.items() if link is None]
    return links_of(built).links.disable(ids, built.clock()), missing


def _disable_all(built: Services, args: argparse.Namespace) -> tuple[int, list[str]]:
    from rules.links.whitelist import target_part
    from rules.methods.link_desk import walk
    from rules.methods.link_making import links_of

    store = links_of(built).links
    host = (args.target_host or "").casefold()

    def meant(link: Link) -> bool:
        part = target_part(link.target).partition("://")[2].rstrip("/")
        return not host or host in (part, part.rpartition(":")[0])

    count, batch = 0, []
    with progress() as bar:
        for link in bar.track(walk(built, args.all_of), store.count(args.all_of), description=""):
            if meant(link):
                batch.append(link.id)
            if len(batch) == _BATCH:
                count, batch = count + store.disable(batch, built.clock()), []
    return count + store.disable(batch, built.clock()), []


def _stats(args: argparse.Namespace) -> int:
    import csv

    from rules.methods.link_making import links_of
    from rules.methods.link_reads import find_link
    from rules.services.links import Day

    built = services(now=args.now)
    link = find_link(built, args.link)
    if link is None:
        print(f"flow-rules: there is no link {args.link}", file=sys.stderr)
        return 1
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Day._fields)
    writer.writerows(links_of(built).clicks.days(link.id))
    return 0
