"""Build every table of `data/` from `data/sources/`: `python data/build.py [--check] [TOPIC ...]`.

With `--check` nothing is written; the exit code is 1 when a built file would change. What is built
depends on the sources and on the versions of the packages that some tables are read from, on
nothing else. A topic is one module in `data/building/`, listed in its `BUILDERS`; `manifest.json`
and `README.md` speak of all topics, so they are built only when no topic is named.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from building import BUILDERS
from building.base import BuildError
from building.files import build_files

HERE = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None, *, data: Path = HERE) -> int:
    """Build or check the topics asked for; all of them when none is named."""
    parser = argparse.ArgumentParser(description="Build the tables of data/ from data/sources/.")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(BUILDERS))
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when one differs")
    options = parser.parse_args(arguments)
    if unknown := [topic for topic in options.topics if topic not in BUILDERS]:
        parser.error(f"no such topic: {', '.join(unknown)}")
    try:
        files = build_files(
            [BUILDERS[name] for name in options.topics or BUILDERS], data / "sources"
        )
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if options.topics:
        files = {name: content for name, content in files.items() if name.endswith(".csv")}
    changed = {name: content for name, content in files.items() if _read(data / name) != content}
    for name, content in changed.items():
        print(f"{name}: {'differs from its sources' if options.check else 'written'}")
        if not options.check:
            (data / name).write_bytes(content)
    return 1 if options.check and changed else 0


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


if __name__ == "__main__":
    sys.exit(main())
