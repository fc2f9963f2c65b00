"""The command line: `flow-rules`, also `python -m rules`.

Each group of commands is a module here with a function `register(commands)`. A command is a
function from parsed arguments to an exit code: 0 done, 1 failure, 2 wrong use or refused input;
a command's help names codes of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from rules import __version__
from rules.cli import (
    agents,
    database,
    dates,
    dates_import,
    deliver,
    domains,
    enrich,
    links,
    methods,
    outbound,
    prefs,
    reports,
    sandbox,
    serve,
    webhook,
    webhook_variables,
)
from rules.cli.common import Parser
from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rules.cli.common import Commands

__all__ = ["main"]

GROUPS: Mapping[tuple[str, ...], Callable[[Commands], None]] = {
    ("serve",): serve.register,
    ("deliver", "migrate"): deliver.register,
    ("call", "methods"): methods.register,
    ("validate", "holidays", "holidays-diff"): dates.register,
    ("import-calendar",): dates_import.register,
    ("outbound", "explain-call"): outbound.register,
    ("sandbox-dialler",): sandbox.register,
    ("links",): links.register,
    ("domain",): domains.register,
    ("enrich",): enrich.register,
    ("webhook",): webhook.register,
    ("prefs",): prefs.register,
    ("agents",): agents.register,
    ("backup", "check", "housekeeping"): database.register,
    ("webhook-variables",): webhook_variables.register,
    ("reports", "report"): reports.register,
}
"""The commands of each group, in the order of the help."""
_EPILOG = """\
exit codes: 0 done; 1 failure; 2 wrong use or refused input; a command's help names its own.
Settings come from the environment (RULES_DATABASE, RULES_ACCOUNTS, ...): see docs/settings.md."""


def parser(first: str = "") -> Parser:
    """The command line as a parser: all of it, or where `first` is a command, its group alone."""
    top = Parser(
        prog="flow-rules",
        description="The rules telephony flows ask for while a caller is on the line.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"flow-rules {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    groups = [register for names, register in GROUPS.items() if first in names]
    for register in groups or GROUPS.values():
        register(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give back its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        args = parser(*argv[:1]).parse_args(argv)
    except SystemExit as ended:  # argparse has said why
        return int(ended.code or 0)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except RulesError as error:
        print(f"flow-rules: {error}", file=sys.stderr)
        return 2 if error.code in {"BAD_SETTING", "BAD_SETTINGS"} else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
