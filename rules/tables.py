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
from typing import TYPE_CHECKING, Any

from rules.errors import BadTable

if TYPE_CHECKING:
    from datetime import date

__all__ = ["manifest", "read_table", "table_path", "tables_health"]

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


def tables_health(today: date) -> dict[str, Any]:
    """The health page's part on data: state and review date of each table, `ok` while none is late.

    `known_through` is there where a table knows the future up to a year.
    """
    tables = {
        name.removesuffix(".csv"): {
            "state": entry["newest"],
            "review_by": entry["review_by"],
            **{key: entry[key] for key in ("known_through",) if key in entry},
        }
        for name, entry in manifest().items()
    }
    late = [entry["review_by"] for entry in tables.values() if entry["review_by"]]
    return {"ok": min(late, default="9999") >= today.isoformat(), "tables": tables}
