"""Report rows into a file a person or a data frame can open: CSV, XLSX or Parquet.

Rows are streamed: memory stays small at any size. The file is written under another name and takes
its own when it is complete.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from rules.errors import RulesError, StoreUnavailable
from rules.reports import COLUMNS, csv_cell, csv_line, mask, read_start_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from rules.reports import Batch
    from rules.services.reports import Query, ReportSink

__all__ = ["FORMATS", "ExportUnavailable", "export"]

SHEET_ROWS = 1_000_000
GROUP_ROWS = 50_000
LONGEST_CELL = 32_767
_DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"
_START, _WRITTEN = COLUMNS.index("starttime"), COLUMNS.index("writtenAt")
_EXTRA = "install it with: pip install flow-rules[bulk]"


class ExportUnavailable(RulesError):
    """A format needs a package that is not installed."""

    code = "EXPORT_UNAVAILABLE"


class Writer(Protocol):
    """One format."""

    def add(self, header: Sequence[str], batch: Batch) -> None:
        """Write some rows; `header` is that of the whole file."""
        ...

    def close(self) -> None:
        """Write what is left."""
        ...


def export(
    sink: ReportSink,
    query: Query,
    out: Path,
    *,
    form: str,
    zone: ZoneInfo,
    masked: Sequence[str] = (),
) -> int:
    """Write the rows of a query to a file; gives back how many."""
    header = sink.columns(query)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    count = 0
    try:
        writer = FORMATS[form](part, header, zone)
        try:
            for batch in sink.batches(query):
                rows = _Masked(batch, header, masked) if masked else batch
                writer.add(header, rows)
                count += batch.count
        finally:
            writer.close()
        part.replace(out)
    except OSError as error:
        raise StoreUnavailable(f"the file cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return count


class _Masked:
    """Rows of which some columns only show their last four characters."""

    def __init__(self, batch: Batch, header: tuple[str, ...], masked: Sequence[str]) -> None:
        self._batch, self.header = batch, header
        self._places = [header.index(name) for name in masked]

    @property
    def count(self) -> int:
        """How many rows."""
        return self._batch.count

    def cells(self) -> list[list[str]]:
        """Values, some of them masked."""
        found = _fitted(self._batch, self.header)
        for cells in found:
            for place in self._places:
                cells[place] = mask(cells[place])
        return found

    def lines(self) -> bytes:
        """The rows as lines of a CSV report."""
        return b"".join(map(csv_line, self.cells()))


def _fitted(batch: Batch, header: Sequence[str]) -> list[list[str]]:
    """Values in the columns of the whole file; a column that a row lacks is empty."""
    if tuple(header) == batch.header:
        return batch.cells()
    places = {name: place for place, name in enumerate(batch.header)}
    wanted = [places.get(name) for name in header]
    return [["" if place is None else cells[place] for place in wanted] for cells in batch.cells()]


class _CsvWriter:
    """As the files of the sink: CRLF, guarded cells, one header."""

    def __init__(self, path: Path, header: Sequence[str], _: ZoneInfo) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._file.write(csv_line(header))

    def add(self, header: Sequence[str], batch: Batch) -> None:
        """Write some rows."""
        same = tuple(header) == batch.header
        self._file.write(batch.lines() if same else b"".join(map(csv_line, _fitted(batch, header))))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _need(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise ExportUnavailable(f"this format needs the package {name}; {_EXTRA}") from None


class _XlsxWriter:
    """Sheets of a million rows; moments are dates in the account's zone, all else is text."""

    def __init__(self, path: Path, header: Sequence[str], zone: ZoneInfo) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "use_zip64": True,
            "tmpdir": str(path.parent),
        }
        self._book = _need("xlsxwriter").Workbook(str(path), options)
        self._date = self._book.add_format({"num_format": _DATE_FORMAT})
        self._bold = self._book.add_format({"bold": True})
        self._header, self._zone, self._row = header, zone, 0
        self._sheet = self._begin()

    def _begin(self) -> Any:
        sheet = self._book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(self._header) - 1, 20)
        for column, name in enumerate(self._header):
            sheet.write_string(0, column, _sheet_text(name), self._bold)
        self._row = 0
        return sheet

    def add(self, header: Sequence[str], batch: Batch) -> None:
        """Write some rows; a full sheet is followed by another."""
        for cells in _fitted(batch, header):
            if self._row == SHEET_ROWS:
                self._end()
                self._sheet = self._begin()
            self._row += 1
            for column, cell in enumerate(cells):
                self._write(column, cell)

    def _write(self, column: int, cell: str) -> None:
        moment = None
        if column == _START:
            moment = read_start_time(cell, zone=self._zone)
        elif column == _WRITTEN:
            moment = datetime.fromisoformat(cell)
        if moment is not None and moment.year >= 1900:
            local = moment.astimezone(self._zone).replace(tzinfo=None)
            self._sheet.write_datetime(self._row, column, local, self._date)
        else:
            self._sheet.write_string(self._row, column, _sheet_text(cell))

    def _end(self) -> None:
        self._sheet.autofilter(0, 0, self._row, len(self._header) - 1)

    def close(self) -> None:
        """Write the book."""
        self._end()
        self._book.close()


_NO_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})


def _sheet_text(cell: str) -> str:
    """A text that a sheet can hold and will not run."""
    return csv_cell(cell).translate(_NO_XML)[:LONGEST_CELL]


class _ParquetWriter:
    """Text columns, moments as timestamps in UTC, values as given."""

    def __init__(self, path: Path, header: Sequence[str], zone: ZoneInfo) -> None:
        self._arrow = _need("pyarrow")
        self._zone, self._path = zone, path
        self._names = [*header[: len(COLUMNS)], "starttimeText", *header[len(COLUMNS) :]]
        self._rows: list[list[str]] = []
        self._writer = _need("pyarrow.parquet").ParquetWriter(
            str(path), self._schema, compression="zstd"
        )

    @cached_property
    def _schema(self) -> Any:
        arrow = self._arrow
        moment = arrow.timestamp("ms", tz="UTC")
        kinds = dict.fromkeys((COLUMNS[_START], COLUMNS[_WRITTEN]), moment)
        return arrow.schema([(name, kinds.get(name, arrow.string())) for name in self._names])

    def add(self, header: Sequence[str], batch: Batch) -> None:
        """Collect some rows; a full group is written."""
        self._rows += _fitted(batch, header)
        if len(self._rows) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        columns: list[Any] = [list(column) for column in zip(*self._rows, strict=True)]
        starts = columns[_START]
        columns[_START] = [read_start_time(text, zone=self._zone) for text in starts]
        columns[_WRITTEN] = list(map(datetime.fromisoformat, columns[_WRITTEN]))
        columns.insert(len(COLUMNS), starts)
        fields = zip(columns, self._schema.types, strict=True)
        arrays = [self._arrow.array(column, kind) for column, kind in fields]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()

    def close(self) -> None:
        """Write what is left."""
        if self._rows:
            self._flush()
        self._writer.close()


FORMATS: dict[str, type[Any]] = {
    "csv": _CsvWriter,
    "xlsx": _XlsxWriter,
    "parquet": _ParquetWriter,
}
"""Every format by its name."""
