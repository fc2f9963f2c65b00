"""List files as pieces: rows to pass through, the columns to look at, where the next one begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from rules.gateways.list_csv import quoted, read_list
from rules.gateways.list_errors import ListFault, ListRefused
from rules.gateways.list_text import ListText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rules.gateways.list_csv import Reject, Rows
    from rules.gateways.list_state import Progress

__all__ = ["CsvSource", "ParquetSource", "Piece", "Source"]


@dataclass(frozen=True)
class Piece:
    """Rows as they are passed through (a frame or an Arrow table), and the columns to look at.

    `end` is the offset behind them, `lines_read` how many lines of text they took.
    """

    rows: Any
    looked_at: pl.DataFrame
    end: int
    lines_read: int = 0
    rejects: Sequence[Reject] = field(default=())


class Source(Protocol):
    """A list file that is read from any saved offset."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        ...

    @property
    def delimiter(self) -> str:
        """What stands between cells when the rows are written as text."""
        ...

    @property
    def line_break(self) -> str:
        """What ends a row then."""
        ...

    @property
    def size(self) -> int:
        """Bytes of the file."""
        ...

    def is_raw(self, target: Path) -> bool:
        """Are rows passed on as lines of text, as they stand?"""
        ...

    def check(self, *, as_text: bool) -> None:
        """Raises `ListRefused` when the rows cannot be written as text, or as Parquet."""
        ...

    def header(self, more: Sequence[str]) -> bytes:
        """The first line of a text file with these rows and further columns."""
        ...

    def joined(self, cells: Sequence[str]) -> str:
        """Texts as cells of a line."""
        ...

    def pieces(self, progress: Progress, *, raw: bool, read: Sequence[str]) -> Iterator[Piece]:
        """Rows behind the saved offset."""
        ...

    def nothing(self) -> Any:
        """No rows, of the columns of the file."""
        ...

    def place(self) -> int:
        """Bytes of the file read so far."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class CsvSource:
    """A CSV file, packed or not."""

    def __init__(
        self, path: Path, encoding: str | None, delimiter: str | None, batch_rows: int
    ) -> None:
        self._list = read_list(path, encoding, delimiter)
        self._text = ListText(path, self._list.encoding)
        self._batch_rows = batch_rows
        self.columns = self._list.columns
        self.delimiter = self._list.delimiter
        self.line_break = self._list.line_break.decode()
        self.size = path.stat().st_size
        self.place = self._text.place
        self.close = self._text.close
        self.header = self._list.header
        self.joined = self._list.joined

    def is_raw(self, target: Path) -> bool:
        """Text stays text."""
        return target.suffix != ".parquet"

    def check(self, *, as_text: bool) -> None:
        """Parquet names each column once."""
        if not as_text and len(set(self.columns)) < len(self.columns):
            raise ListRefused("two columns have the same name, which Parquet cannot have")

    def nothing(self) -> pl.DataFrame:
        """Texts, but none."""
        return pl.DataFrame(schema=dict.fromkeys(self.columns, pl.String))

    def pieces(self, progress: Progress, *, raw: bool, read: Sequence[str]) -> Iterator[Piece]:
        """About `batch_rows` rows at a time."""
        start = progress.source or self._list.start
        chunks = self._list.chunks(start, self._batch_rows, self._text)
        return map(partial(self._piece, raw=raw, read=read), chunks)

    def _piece(self, rows: Rows, *, raw: bool, read: Sequence[str]) -> Piece:
        return Piece(
            rows.lines() if raw else rows.cells(self.columns),
            rows.cells(read),
            rows.end,
            rows.lines_read,
            rows.rejects,
        )


class ParquetSource:
    """A Parquet file; its columns keep their types."""

    delimiter = ","
    line_break = "\n"

    def __init__(self, path: Path, batch_rows: int) -> None:
        try:
            self._file = pq.ParquetFile(path)
        except pa.ArrowInvalid:
            raise ListRefused(f"{path.name} is no Parquet file") from None
        self._batch_rows = batch_rows
        self.columns = self._file.schema_arrow.names
        self.size = path.stat().st_size
        self._done = 0
        self.close = self._file.close

    def is_raw(self, target: Path) -> bool:  # noqa: ARG002  the same for every target
        """Rows are never lines here."""
        return False

    def check(self, *, as_text: bool) -> None:
        """Lists and raw bytes are no text."""
        nested = [field.name for field in self._file.schema_arrow if _is_no_cell(field.type)]
        if as_text and nested:
            raise ListRefused(f"column {', '.join(nested)} cannot be written as text")

    def header(self, more: Sequence[str]) -> bytes:
        """Names as a line of text."""
        return f"{self.joined((*self.columns, *more))}\n".encode()

    def joined(self, cells: Sequence[str]) -> str:
        """With commas between them."""
        return ",".join(map(quoted, cells))

    def nothing(self) -> pa.Table:
        """A table without rows."""
        return self._file.schema_arrow.empty_table()

    def place(self) -> int:
        """By the share of rows."""
        rows = self._file.metadata.num_rows
        return self.size * self._done // rows if rows else self.size

    def pieces(self, progress: Progress, *, raw: bool, read: Sequence[str]) -> Iterator[Piece]:  # noqa: ARG002  never raw
        """`batch_rows` rows at a time, from the row group that holds the saved offset."""
        passed = 0
        try:
            for groups, rows in self._runs():
                if passed + rows > progress.source:
                    yield from self._run(groups, passed, progress.source, read)
                passed += rows
        except pa.ArrowInvalid as error:
            raise ListFault(f"the input cannot be read on ({type(error).__name__})") from None

    def _runs(self) -> Iterator[tuple[list[int], int]]:
        """Row groups taken together so that small ones make a batch, and their rows."""
        groups: list[int] = []
        rows = 0
        for place in range(self._file.num_row_groups):
            groups.append(place)
            rows += self._file.metadata.row_group(place).num_rows
            if rows >= self._batch_rows:
                yield groups, rows
                groups, rows = [], 0
        if groups:
            yield groups, rows

    def _run(self, groups: list[int], end: int, done: int, read: Sequence[str]) -> Iterator[Piece]:
        """Batches of some row groups, of which the first row has the number `end`."""
        for batch in self._file.iter_batches(self._batch_rows, row_groups=groups):
            end += len(batch)
            if len(batch) and end > done:
                table = pa.Table.from_batches([batch])
                self._done = end
                yield Piece(table, pl.DataFrame(table.select(list(read))), end)


def _is_no_cell(kind: pa.DataType) -> bool:
    kinds = (pa.types.is_nested, pa.types.is_binary, pa.types.is_large_binary)
    return any(is_one(kind) for is_one in kinds)
