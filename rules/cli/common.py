"""What commands share: their services, moments on the command line, tables on the screen."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, TextIO
from zoneinfo import ZoneInfo

from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from rich.progress import Progress

    from rules.methods import Answer
    from rules.services import Services

    Commands = argparse._SubParsersAction["Parser"]  # noqa: SLF001  its only name

__all__ = [
    "Commands",
    "Parser",
    "WrongUse",
    "command",
    "moment",
    "print_table",
    "progress",
    "say_refused",
    "services",
    "whole_file",
    "whole_number",
    "wrong",
]

_ZONE = ZoneInfo("Asia/Kolkata")


class WrongUse(RulesError):
    """The command was called in a way it cannot work; the message says the remedy."""

    code = "BAD_SETTING"


class Parser(argparse.ArgumentParser):
    """A parser whose list argument `gathered`, if it names one, may also stand behind options."""

    gathered = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """What could be read, and what could not."""
        found, rest = super().parse_known_args(args, namespace)
        if not self.gathered:
            return found, rest
        more = [word for word in rest if not word.startswith("-")]
        setattr(found, self.gathered, [*getattr(found, self.gathered), *more])
        return found, [word for word in rest if word.startswith("-")]


def command(commands: Commands, name: str, about: str, **more: Any) -> Parser:
    """Add a sub-command whose help is its description."""
    return commands.add_parser(
        name,
        help=about,
        description=about[:1].upper() + about[1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        **more,
    )


def moment(text: str) -> datetime:
    """A moment for `--now`: ISO 8601; without an offset, at Asia/Kolkata."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no moment; write 2026-11-18T10:30:00+05:30"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=_ZONE)


@contextmanager
def whole_file(path: Path, *, errors: str = "strict") -> Iterator[TextIO]:
    """A file to write that is replaced only when all of the new one is there.

    What is no plain file, such as a link, a pipe or a device, is written as it stands.
    """
    plain = not path.is_symlink() and (path.is_file() or not path.exists())
    written = path.with_name(f"{path.name}.part") if plain else path
    try:
        with written.open("w", encoding="utf-8", errors=errors, newline="") as file:
            yield file
        if plain:
            written.replace(path)
    finally:
        if plain:
            with suppress(OSError):
                written.unlink()


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """A reader of an option: a whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:20]) <= high):
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def services(*, accounts: str | None = None, now: datetime | None = None) -> Services:
    """Services from the environment, with another accounts file or moment where given."""
    from rules.bootstrap import build
    from rules.settings import Settings

    environ = dict(os.environ)
    if accounts is not None:
        environ["RULES_ACCOUNTS"] = accounts
    built = build(Settings.from_mapping(environ))
    return replace(built, clock=lambda: now) if now else built


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """A table on standard output: drawn on a terminal, tab-separated elsewhere."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title or None, title_justify="left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def progress(*, quiet: bool = False) -> Progress:
    """A progress bar on standard error; it shows only on a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )


def say_refused(reply: Answer) -> int:
    """Name each refused field on standard error; exit code 2. A failure of ours is raised."""
    if reply.status >= 500 and reply.error is not None:
        raise reply.error
    for field in reply.body["error"]["fields"]:
        name = field["name"].removeprefix("$flow.key.")
        print(f"flow-rules: {name}: {field['message']} ({field['code']})", file=sys.stderr)
    return 2


def wrong(message: str) -> NoReturn:
    """Refuse the way a command was called."""
    raise WrongUse(message)
