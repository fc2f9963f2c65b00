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
from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rules.cli.common import Commands

__all__ = ["main"]

GROUPS: tuple[Callable[[Commands], None], ...] = (
    serve.register,
    deliver.register,
    methods.register,
    dates.register,
    dates_import.register,
    outbound.register,
    sandbox.register,
    links.register,
    domains.register,
    enrich.register,
    webhook.register,
    prefs.register,
    agents.register,
    database.register,
    webhook_variables.register,
    reports.register,
)
_EPILOG = """\
exit codes: 0 done; 1 failure; 2 wrong use or refused input; a command's help names its own.
Settings come from the environment (RULES_DATABASE, RULES_ACCOUNTS, ...): see docs/settings.md."""


def parser() -> argparse.ArgumentParser:
    """The whole command line as a parser."""
    top = argparse.ArgumentParser(
        prog="flow-rules",
        description="The rules telephony flows ask for while a caller is on the line.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"flow-rules {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for register in GROUPS:
        register(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give back its exit code."""
    try:
        args = parser().parse_args(argv)
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
