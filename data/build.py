"""Rebuild every table of `data/` from `data/sources/`.

`python data/build.py` writes; `python data/build.py --check` writes nothing and fails when a built
file would change. What is built depends on the sources and on the versions of the packages that
some tables are read from, on nothing else: run it twice and nothing changes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from building import BUILDERS
from building.base import BuildError
from building.files import build_files

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    """Build or check; the exit code is 1 when something is wrong with sources or built files."""
    parser = argparse.ArgumentParser(description="Rebuild the tables of data/ from data/sources/.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check: bool = parser.parse_args(arguments).check
    try:
        files = build_files(BUILDERS, HERE / "sources")
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    changed = [name for name, content in files.items() if _read(HERE / name) != content]
    for name in changed:
        print(f"{'differs' if check else 'written'}: data/{name}")
        if not check:
            (HERE / name).write_bytes(files[name])
    return 1 if check and changed else 0


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
