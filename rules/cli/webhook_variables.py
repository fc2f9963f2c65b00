"""`flow-rules webhook-variables`: what webhook calls have set and kept, as CSV for reports."""

from __future__ import annotations

import csv
import sys
from functools import partial
from typing import TYPE_CHECKING

from rules.cli.common import command, moment, services

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from datetime import datetime

    from rules.cli.common import Commands
    from rules.services.webhooks import KeptVariables, WebhookStore

__all__ = ["register"]

_PAGE = 500
_FIRST = ("account", "run", "at")


def register(commands: Commands) -> None:
    """Add the command."""
    export = command(commands, "webhook-variables", "print kept variables of webhook calls as CSV")
    export.add_argument("--account", default="", help="account id; without it, calls of none")
    export.add_argument("--since", type=moment, help="kept since (default: all)")
    export.add_argument("--until", type=moment, help="and before (default: now)")
    export.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from rules.reports.cells import csv_cell
    from rules.services import need

    built = services()
    store = need(built.webhooks, "store of webhook calls")
    since = args.since or datetime.min.replace(tzinfo=UTC)
    until = args.until or built.clock()
    runs = partial(_runs, store, args.account, since, until)
    names = sorted({name for run in runs() for name in run.variables})
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow([*_FIRST, *names])
    for run in runs():
        cells = [run.account, run.run, run.at.isoformat()]
        cells += [run.variables.get(name, "") for name in names]
        table.writerow([csv_cell(cell) for cell in cells])
    return 0


def _runs(
    store: WebhookStore, account: str, since: datetime, until: datetime
) -> Iterator[KeptVariables]:
    after = ""
    while batch := store.kept(account, since=since, until=until, after=after, limit=_PAGE):
        yield from batch
        after = batch[-1].run
