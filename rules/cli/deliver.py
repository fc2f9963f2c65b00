"""`flow-rules deliver`: delivery alone; `flow-rules migrate`: the database up to date."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from rules.cli.common import command

if TYPE_CHECKING:
    from rules.cli.common import Commands

__all__ = ["address", "register"]

_PORTS = 65_536
_EPILOG = """\
One delivery process runs on a machine; a second one waits until the first has ended, and then
takes over. On PostgreSQL every machine may run one, each under a node name of its own (RULES_NODE,
default: the host's name); what a dead one had in hand is taken over by the others.

exit codes: 0 ended by SIGTERM or Ctrl-C; 1 failure; 2 wrong settings"""


def register(commands: Commands) -> None:
    """Add both commands."""
    deliver = command(
        commands, "deliver", "deliver orders and messages, serve nothing", epilog=_EPILOG
    )
    deliver.add_argument("--log-level", default="info", help="least level of log lines")
    deliver.add_argument(
        "--keep", action="store_true", help="start it again when it dies, until standard input ends"
    )
    deliver.add_argument(
        "--metrics",
        type=address,
        metavar="[HOST:]PORT",
        help="serve this process's metrics for Prometheus there (HOST: 127.0.0.1)",
    )
    deliver.set_defaults(run=_deliver)
    migrate = command(commands, "migrate", "bring the database's tables up to date")
    migrate.set_defaults(run=_migrate)


def address(text: str) -> tuple[str, int]:
    """Host and port of `[HOST:]PORT`."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < _PORTS):
        raise argparse.ArgumentTypeError(f"'{text}' is no address; write 9101 or 0.0.0.0:9101")
    return host.strip("[]") or "127.0.0.1", int(port)


def _migrate(_: argparse.Namespace) -> int:
    from rules.bootstrap import prepare_database
    from rules.settings import Settings

    settings = Settings.from_mapping(os.environ)
    before, after = prepare_database(settings)
    change = "was up to date" if before == after else f"went from {before or 'nothing'} to {after}"
    print(f"{settings.database_name}: schema {change}")
    return 0


def _deliver(args: argparse.Namespace) -> int:
    from rules.cli.node import keep, run
    from rules.logs import configure
    from rules.settings import Settings

    configure(args.log_level.upper())
    if args.keep:
        more = ("--metrics", "{}:{}".format(*args.metrics)) if args.metrics else ()
        return keep(("deliver", "--log-level", args.log_level, *more))
    return run(Settings.from_mapping(os.environ), metrics=args.metrics)
