"""`flow-rules reports list|export`: which call reports there are, and their rows as a file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rules.cli.common import command, moment, print_table, services

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from rules.cli.common import Commands
    from rules.services import Services
    from rules.services.reports import Listed

__all__ = ["register"]

_EXPORT_EPILOG = """\
Days count in the account's zone, both included. xlsx and parquet need the extra 'bulk'.

examples:
  flow-rules reports export --account 293 --type call --since 2026-11-01 november.csv
  flow-rules reports export --account 293 --type call --format xlsx --mask dnis calls.xlsx

exit codes: 0 the file is complete; 1 failure, there is no file; 2 wrong use"""
_COLUMNS = ("account", "report", "place", "rows", "from", "to", "bytes")


def register(commands: Commands) -> None:
    """Add the group."""
    group = command(commands, "reports", "list and export call reports", aliases=["report"])
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = command(parts, "list", "list the reports there are")
    listing.add_argument("--account", metavar="ID", help="only this account's")
    listing.set_defaults(run=_list)
    export = command(parts, "export", "write a report's rows to a file", epilog=_EXPORT_EPILOG)
    add = export.add_argument
    add("result", metavar="OUT", help="file to write")
    add("--account", required=True, metavar="ID", help="whose report")
    add("--type", required=True, metavar="NAME", help="name of the report")
    add("--since", metavar="DAY", help="first day, 2026-11-01")
    add("--until", metavar="DAY", help="last day")
    add("--location", metavar="NAME", help="place of report_locations (default: the ordinary one)")
    add("--format", default="csv", help="csv (default), xlsx or parquet")
    add("--mask", metavar="COLUMNS", help="columns that only show their last four characters")
    export.set_defaults(run=_export)
    for part in (listing, export):
        part.add_argument("--now", type=moment, metavar="MOMENT", help="act as of this moment")


def _list(args: argparse.Namespace) -> int:
    rows = [_shown(place, one) for place, one in _listed(services(now=args.now), args.account)]
    print_table(_COLUMNS, rows, "Call reports")
    return 0


def _listed(built: Services, account: str | None) -> Iterator[tuple[str, Listed]]:
    """Every report of every place that any account's settings name."""
    from rules.reports import REPORTS
    from rules.services import need

    known = built.accounts()
    reports = need(built.reports, "place for reports")
    seen = set()
    for scope, name, _ in known.scopes():
        ids = {scope: name}
        settings = known.settings(REPORTS, ids.get("account"), ids.get("flow"))
        for label, place in settings.places().items():
            for one in reports.at(place).reports(account):
                key = (place.root, place.path, place.table, one)
                if key not in seen:
                    seen.add(key)
                    yield label, one


def _shown(place: str, one: Listed) -> tuple[str, ...]:
    days = [day.isoformat() if day else "" for day in (one.first, one.last)]
    rows = "" if one.rows is None else str(one.rows)
    return (one.account, one.report_type, place, rows, *days, str(one.size or ""))


def _export(args: argparse.Namespace) -> int:
    from pathlib import Path

    from rules.errors import BadParameters
    from rules.gateways.report_request import read_job

    names = ("account", "type", "since", "until", "location", "format", "mask")
    try:
        job = read_job(services(now=args.now), {name: getattr(args, name) for name in names})
    except BadParameters as error:
        for problem in error.fields:
            print(f"flow-rules: --{problem.name}: {problem.message}", file=sys.stderr)
        return 2
    rows = job.run(Path(args.result))
    print(f"{rows} rows written to {args.result}", file=sys.stderr)
    return 0
