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
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from rules.reports.cells import csv_cell, joined, plain_cell
from rules.reports.rows import COLUMNS, ReportRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Batch", "LineBatch", "RowBatch", "csv_line", "csv_lines", "read_row"]


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
class RowBatch:
    """Rows of the database; they may have different further columns."""

    rows: Sequence[ReportRow] = field(repr=False)

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The seven columns, then every further one in the order met."""
        further = dict.fromkeys(name for row in self.rows for name, _ in row.extra)
        return (*COLUMNS, *further)

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.rows)

    def cells(self) -> list[list[str]]:
        """Values as they were given."""
        names = self.header[len(COLUMNS) :]
        if not names:
            return [list(row.values()) for row in self.rows]
        seven = slice(len(COLUMNS))
        found = []
        for row in self.rows:
            extra = dict(row.extra)
            found.append([*row.values()[seven], *(extra.get(name, "") for name in names)])
        return found

    def lines(self) -> bytes:
        """The rows as lines of a CSV report."""
        return b"".join(map(csv_line, self.cells()))

    def read(self) -> Sequence[ReportRow]:
        """The rows themselves."""
        return self.rows


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
