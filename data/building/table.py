"""A table as a builder gives it, and the sources it is built from."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DATA", "SOURCES", "Table", "TableMistake", "read_source"]

DATA = Path(__file__).resolve().parent.parent
SOURCES = DATA / "sources"


class TableMistake(Exception):
    """A source that cannot become a table; the message says where and why."""


@dataclass(frozen=True)
class Table:
    """Name (without `.csv`), header and rows of one table, in their final order."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def path(self) -> Path:
        """Where the table lies."""
        return DATA / f"{self.name}.csv"

    def render(self) -> str:
        """The file's text."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.columns, *self.rows])
        return text.getvalue()

    @classmethod
    def sorted(cls, name: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
        """A table whose rows stand in the order of their texts."""
        return cls(name, columns, tuple(sorted(rows)))


def read_source(name: str) -> list[dict[str, str]]:
    """Rows of `data/sources/<name>.csv`, by column name; a row of another length is refused."""
    with (SOURCES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise TableMistake(f"sources/{name}.csv, line {line}: another number of cells")
    return rows
