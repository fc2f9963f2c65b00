r"""Rows on their way out, many at a time: from the database, or as lines of a CSV report.

>>> batch = LineBatch(("reportType", "dtmf"), b"call,'=1\r\n")
>>> batch.cells(), batch.lines()
([['call', '=1']], b"call,'=1\r\n")
>>> csv_lines([["a,b", ""]])
b'"a,b",\r\n'
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from rules.reports.cells import csv_cell, is_plain, joined, plain_cell
from rules.reports.rows import COLUMNS, ReportRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Batch", "CellBatch", "LineBatch", "batches_of", "csv_line", "csv_lines", "read_row"]


class Batch(Protocol):
    """Some rows in order, all with the same columns."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    @property
    def count(self) -> int:
        """How many rows."""
        ...

    def cells(self) -> list[list[str]]:
        """Values as they were given."""
        ...

    def lines(self) -> bytes:
        """The rows as lines of a CSV report."""
        ...

    def read(self) -> Sequence[ReportRow]:
        """The rows themselves."""
        ...


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Cells as CSV: comma, CRLF, UTF-8, quotes only where they are needed."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_line(values: Sequence[str]) -> bytes:
    """One row as a line of a CSV report, guarded against spreadsheets."""
    line = joined(values)
    if line is not None:
        return f"{line}\r\n".encode()
    return csv_lines([[csv_cell(value) for value in values]])


def read_row(header: Sequence[str], cells: Sequence[str]) -> ReportRow:
    """The row that these values make."""
    report_type, dtmf, flow_id, account, dnis, start, written, *more = cells
    extra = tuple(zip(header[len(COLUMNS) :], more, strict=True))
    moment = datetime.fromisoformat(written)
    return ReportRow(report_type, dtmf, flow_id, account, dnis, start, moment, extra)


@dataclass(frozen=True)
class CellBatch:
    """Values of rows of the database."""

    header: tuple[str, ...]
    values: list[list[str]] = field(repr=False)

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.values)

    def cells(self) -> list[list[str]]:
        """Values as they were given."""
        return self.values

    def lines(self) -> bytes:
        """The rows as lines of a CSV report."""
        if is_plain(chain.from_iterable(self.values)):
            return csv_lines(self.values)
        return b"".join(map(csv_line, self.values))

    def read(self) -> Sequence[ReportRow]:
        """The rows that these values make."""
        return [read_row(self.header, cells) for cells in self.values]


def batches_of(rows: Iterable[tuple[list[str], Sequence[tuple[str, str]]]]) -> list[CellBatch]:
    """Rows (the seven values, and further ones by name) as batches of equal columns, in order."""
    found: list[CellBatch] = []
    for seven, extra in rows:
        header = (*COLUMNS, *(name for name, _ in extra)) if extra else COLUMNS
        if not found or found[-1].header != header:
            found.append(CellBatch(header, []))
        found[-1].values.append([*seven, *(value for _, value in extra)] if extra else seven)
    return found


@dataclass(frozen=True)
class LineBatch:
    """Whole lines of a CSV report, as they stand in it."""

    header: tuple[str, ...]
    raw: bytes = field(repr=False)
    count: int = 1

    def cells(self) -> list[list[str]]:
        """Values as they were given: without the guard."""
        rows = csv.reader(io.StringIO(self.raw.decode(), newline=""))
        if b"'" not in self.raw:
            return list(rows)
        return [[plain_cell(cell) for cell in cells] for cells in rows]

    def lines(self) -> bytes:
        """The lines themselves."""
        return self.raw

    def read(self) -> Sequence[ReportRow]:
        """The rows that these lines were written from."""
        return [read_row(self.header, cells) for cells in self.cells()]
