"""Find and read the CSV tables of `data/`.

A table is a UTF-8 file with one header line. A row is a tuple of texts in header order; what the
texts mean is the business of the topic that asks. The tables lie in `data/` beside the package in
a checkout, and inside the package in an installed wheel.

>>> read_table("no_such_table", ("word",))
Traceback (most recent call last):
rules.errors.BadTable: table 'no_such_table' not found ...
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from rules.errors import BadTable

__all__ = ["manifest", "read_table", "table_path"]

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "data", _PACKAGE.parent / "data")


def table_path(name: str) -> Path:
    """Path of the table `name` (without `.csv`); `BadTable` when there is none."""
    for place in _PLACES:
        path = place / f"{name}.csv"
        if path.is_file():
            return path
    raise BadTable(f"table '{name}' not found in {' or '.join(map(str, _PLACES))}")


def read_table(name: str, columns: tuple[str, ...], *, exact: bool = True) -> list[tuple[str, ...]]:
    """Rows of a table whose header must be `columns` (or begin with them, when not `exact`).

    Raises `BadTable` naming file and line for another header or a row of another length.
    """
    path = table_path(name)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = tuple(next(reader, ()))
        if header[: len(columns)] != columns or (exact and header != columns):
            raise BadTable(f"{path}: header is {header}, expected {columns}")
        rows = [tuple(row) for row in reader]
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise BadTable(f"{path}, line {line}: {len(row)} cells, expected {len(header)}")
    return rows


def manifest() -> dict[str, dict[str, Any]]:
    """What is known of each built table, by file name: rows, state dates, review date, digest.

    Raises `BadTable` when the manifest is missing or unreadable.
    """
    for place in _PLACES:
        path = place / "manifest.json"
        if path.is_file():
            try:
                found: dict[str, dict[str, Any]] = json.loads(path.read_bytes())
            except ValueError as error:
                raise BadTable(f"{path}: {error}") from None
            return found
    raise BadTable(f"manifest.json not found in {' or '.join(map(str, _PLACES))}")
