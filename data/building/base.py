"""What all builders share: reading sources with their line numbers, and what they give back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["BuildError", "Builder", "Output", "Row", "Source", "Table", "read_source"]


class BuildError(Exception):
    """Sources that cannot be built from; the text begins with file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}, line {line}: {message}")


@dataclass(frozen=True)
class Row:
    """One line of a source file: cells by column name, and where it stands."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Text of one cell."""
        return self.cells[column]

    def wrong(self, message: str) -> BuildError:
        """The error that stops the build at this line."""
        return BuildError(self.path, self.line, message)


def read_source(folder: Path, name: str, columns: Sequence[str]) -> list[Row]:
    """Rows of a source file whose header must be exactly `columns`."""
    path = folder / name
    if not path.is_file():
        raise BuildError(path, 1, "no such file")
    with path.open(encoding="utf-8", newline="") as file:
        return list(_rows(path, file, tuple(columns)))


def _rows(path: Path, file: Iterator[str], columns: tuple[str, ...]) -> Iterator[Row]:
    reader = csv.reader(file, strict=True)
    header = tuple(next(reader, ()))
    if header != columns:
        raise BuildError(path, 1, f"header is {header}, expected {columns}")
    try:
        for cells in reader:
            if len(cells) != len(columns):
                raise BuildError(
                    path, reader.line_num, f"{len(cells)} cells, expected {len(columns)}"
                )
            yield Row(path, reader.line_num, dict(zip(columns, cells, strict=True)))
    except csv.Error as error:
        raise BuildError(path, reader.line_num, str(error)) from None


@dataclass(frozen=True)
class Source:
    """One line of `sources.csv`; `state` is the date its content describes, blank when unknown."""

    id: str
    what: str
    address: str
    licence: str
    state: str
    checked: str
    review_by: str
    gives: str


@dataclass(frozen=True)
class Table:
    """One built table.

    `sources` are ids of `sources.csv`. `states` are the state dates of its rows, where they differ
    from row to row; otherwise those of its sources hold. `more` is added to its manifest entry.
    Rows are written in the order given; a builder sorts them.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    about: str
    sources: Sequence[str] = ()
    states: Sequence[str] = ()
    more: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """What one builder gives: tables, and its Markdown section of `data/README.md`."""

    title: str
    tables: Sequence[Table]
    section: str


Builder = Callable[[Path, Mapping[str, Source]], Output]
"""From the folder of sources, and the sources by id, to an `Output`."""
