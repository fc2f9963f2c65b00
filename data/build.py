"""Build every table of `data/` from `data/sources/`: `python data/build.py [--check] [TOPIC ...]`.

With `--check` nothing is written; the exit code is 1 when a table differs from what its sources
give. A topic is one module in `data/building/`, listed in `BUILDERS`.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from building import date_words
from building.table import Table, TableMistake

if TYPE_CHECKING:
    from collections.abc import Callable

BUILDERS: dict[str, Callable[[], list[Table]]] = {
    "date_words": date_words.build,
}


def main(arguments: list[str] | None = None) -> int:
    """Build or check the topics asked for; all of them when none is named."""
    parser = argparse.ArgumentParser(description="Build the tables of data/ from data/sources/.")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(BUILDERS))
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when one differs")
    options = parser.parse_args(arguments)
    unknown = [topic for topic in options.topics if topic not in BUILDERS]
    if unknown:
        parser.error(f"no such topic: {', '.join(unknown)}")
    try:
        stale = [
            table
            for topic in options.topics or BUILDERS
            for table in BUILDERS[topic]()
            if not _settle(table, write=not options.check)
        ]
    except TableMistake as mistake:
        print(mistake, file=sys.stderr)
        return 1
    return 1 if stale else 0


def _settle(table: Table, *, write: bool) -> bool:
    """Whether the file holds, or now holds, what its sources give."""
    text = table.render()
    if table.path.is_file() and table.path.read_bytes().decode() == text:
        return True
    print(f"{table.path.name}: {'written' if write else 'differs from its sources'}")
    if write:
        table.path.write_bytes(text.encode())
    return write


if __name__ == "__main__":
    sys.exit(main())
