"""`flow-rules links import|export|whitelist`: many links at once, with a progress bar."""

from __future__ import annotations

import csv
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rules.cli.common import command, moment, progress, services, wrong

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from rules.cli.common import Commands
    from rules.methods.link_making import Tenant
    from rules.services import Services

__all__ = ["register"]

_MEMBERS = ("longUrl", "domain", "header", "expireDays", "maxClicks", "reuse")
_ANSWER = ("shortUrl", "expiresAt", "code", "message")
_EXPORT = (
    "link",
    "target",
    "account",
    "header",
    "state",
    "created",
    "expires",
    "max_clicks",
    "used",
)
_IMPORT_EPILOG = """\
IN is a CSV file with a column longUrl and, where wanted, domain, header, expireDays, maxClicks and
reuse; other columns are kept. OUT is the same with shortUrl and expiresAt, or code and message for
a row that was refused. The same file again gives the same links.

exit codes: 0 every row has its link; 1 some rows were refused; 2 wrong use"""
_CHECK_EPILOG = """\
Without --check: what to register with operators, as CSV. With --check: the links in a message, and
for each whether it is ours, its state, whether its header is right, and whether it is on the list.

exit codes: 0 done, every link may go out; 1 a link may not; 2 wrong use"""


def register(parts: Commands) -> None:
    """Add the three commands."""
    read = _part(parts, "import", "make a link for each row of a CSV file", _import, _IMPORT_EPILOG)
    read.add_argument("source", metavar="IN", help="CSV file")
    read.add_argument("result", metavar="OUT", help="CSV file to write (- for standard output)")
    write = _part(parts, "export", "write all links as CSV", _export)
    write.add_argument("result", metavar="OUT", nargs="?", default="-", help="file, or - (default)")
    check = _part(parts, "whitelist", "what to register with operators", _whitelist, _CHECK_EPILOG)
    check.add_argument("--since", type=moment, metavar="DATE", help="only links made since")
    check.add_argument("--format", choices=("csv",), default="csv", help="form of the list")
    check.add_argument("--check", metavar="TEXT", help="judge the links in this message")


def _part(
    parts: Commands,
    name: str,
    about: str,
    run: Callable[[argparse.Namespace], int],
    epilog: str | None = None,
) -> argparse.ArgumentParser:
    added = command(parts, name, about, epilog=epilog)
    every = "all" if name == "export" else "the default tenant"
    default = None if name == "export" else ""
    added.add_argument(
        "--account", default=default, metavar="ID", help=f"whose links (default: {every})"
    )
    added.add_argument("--now", type=moment, metavar="MOMENT", help="act as of this moment")
    added.set_defaults(run=run)
    return added


@contextmanager
def _output(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdout
        return
    try:
        with Path(name).open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        wrong(f"{name} cannot be written ({error.strerror})")


@contextmanager
def _input(name: str) -> Iterator[Iterator[list[str]]]:
    try:
        with Path(name).open(encoding="utf-8-sig", newline="") as file:
            yield csv.reader(file, strict=True)
    except OSError as error:
        wrong(f"{name} cannot be read ({error.strerror})")
    except (UnicodeDecodeError, csv.Error) as error:
        wrong(f"{name} is no CSV file in UTF-8 ({error})")


def _measure(name: str) -> tuple[list[str], int]:
    """Header and number of rows of a CSV file; reads it to its end, so later it can be trusted."""
    with _input(name) as rows:
        header = next(rows, [])
        size = sum(1 for _ in rows)
    if "longUrl" not in header:
        wrong(f"{name} has no column longUrl")
    return header, size


def _import(args: argparse.Namespace) -> int:
    from rules.methods.link_making import tenant_of

    header, size = _measure(args.source)
    if Path(args.result).resolve() == Path(args.source).resolve():
        wrong("OUT must be another file than IN")
    built = services(now=args.now)
    tenant, refused = tenant_of(built, args.account), 0
    columns = [*(name for name in header if name not in _ANSWER), *_ANSWER]
    with _input(args.source) as rows, _output(args.result) as file, progress() as bar:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        next(rows)
        for cells in bar.track(rows, size, description="links"):
            row = dict(zip(header, cells, strict=False)) | dict.fromkeys(_ANSWER, "")
            answer = _answer(built, tenant, row)
            refused += "code" in answer
            writer.writerow(row | answer)
    print(f"{size - refused} links, {refused} rows refused", file=sys.stderr)
    return 1 if refused else 0


def _answer(built: Services, tenant: Tenant, row: dict[str, Any]) -> dict[str, str]:
    """What a row gets: its link, or the code and message of each bad member."""
    from rules.errors import BadParameters, MalformedJson
    from rules.methods.link_making import spoken
    from rules.methods.short_url import read_flat, shorten

    try:
        members = {name: row.get(name) for name in _MEMBERS}
        made = shorten(read_flat(members), built, tenant, limited=False)
    except BadParameters as error:
        codes = "; ".join(field.code for field in error.fields)
        return {"code": codes, "message": "; ".join(field.message for field in error.fields)}
    except MalformedJson as error:
        return {"code": error.code, "message": str(error)}
    return {"shortUrl": made.short(built), "expiresAt": spoken(made.expires, tenant)}


def _export(args: argparse.Namespace) -> int:
    from rules.links import state_at
    from rules.methods.link_desk import short_of, walk
    from rules.methods.link_making import links_of, spoken, tenant_of

    built = services(now=args.now)
    now, total = built.clock(), links_of(built).links.count(args.account)
    with _output(args.result) as file, progress(quiet=args.result == "-") as bar:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_EXPORT)
        for link in bar.track(walk(built, args.account), total, description="links"):
            tenant = tenant_of(built, link.account)
            writer.writerow(
                (
                    short_of(built, link),
                    link.target,
                    link.account,
                    link.header,
                    state_at(now, link.life).value,
                    spoken(link.created, tenant),
                    spoken(link.expires, tenant),
                    "" if link.max_clicks is None else link.max_clicks,
                    link.used,
                )
            )
    return 0


def _whitelist(args: argparse.Namespace) -> int:
    from rules.cli.common import print_table
    from rules.links.whitelist import COLUMNS
    from rules.methods.link_desk import CHECK_COLUMNS, check_message, walk, whitelist
    from rules.methods.link_making import links_of

    built = services(now=args.now)
    total = links_of(built).links.count(args.account)
    with progress() as bar:
        found = bar.track(walk(built, args.account), total, description="links")
        listed = whitelist(built, args.account, found, args.since)
    if args.check is None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(entry.cells() for entry in listed.entries())
        return 0
    checked = list(check_message(built, args.account, args.check, listed))
    print_table(CHECK_COLUMNS, [cells for cells, _ in checked])
    return 0 if all(good for _, good in checked) else 1
