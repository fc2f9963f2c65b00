"""Where enriched rows go: a growing text file, or segments of Parquet, joined at the end."""

from __future__ import annotations

import gzip
import io
import os
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Literal, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from rules.gateways.list_errors import CannotResume
from rules.gateways.parquet_join import join

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rules.gateways.list_state import Progress

__all__ = ["FIRST_PART", "CsvSink", "ParquetSink", "Sink", "clear_parts", "open_cut", "sync"]

ColumnOptions = dict[str, list[str]]
"""Options of the writer that name columns."""
_SEGMENT_ROWS = 4_000_000
_GZIP_LEVEL = 5
_MEANT = b"ARROW:schema"
"""Where Arrow looks for the types that are meant."""
_BATCH_ROWS = 8192
"""Rows whose text is made at once."""
FIRST_PART = "00000.parquet"
"""While it is there, an output in segments is not finished."""


class Sink(Protocol):
    """Takes the rows of one run in order."""

    def write(self, frame: Any, added: pl.DataFrame) -> None:
        """Rows and what is added to them."""
        ...

    def is_durable(self) -> bool:
        """Is all that was written safe on the disk, so that the state may be saved?"""
        ...

    def close(self) -> None:
        """End this run; what was written is safe then."""
        ...

    def note(self, progress: Progress) -> None:
        """Put down how far the output goes."""
        ...

    def finish(self, path: Path) -> None:
        """All rows are there: put the output into its place."""
        ...


def open_cut(path: Path, length: int) -> io.BufferedRandom:
    """A file opened to go on behind its first `length` bytes; what is behind them is cut off."""
    path.touch()
    size = path.stat().st_size
    if size < length:
        raise CannotResume(f"{path.name} is shorter than it was")
    file = path.open("r+b")
    file.truncate(length)
    file.seek(length)
    return file


def sync(file: io.BufferedRandom) -> None:
    """Make what was written safe."""
    file.flush()
    os.fsync(file.fileno())


class CsvSink:
    """`OUT.partial`, packed in one piece per chunk when OUT is packed. Durable after each chunk."""

    def __init__(self, path: Path, progress: Progress, *, delimiter: str, line_break: str) -> None:
        self._path = path.with_name(f"{path.name}.partial")
        self._packed = path.suffix == ".gz"
        self._delimiter, self._line_break = delimiter, line_break
        self._file = open_cut(self._path, progress.output)
        self._length = progress.output

    def write_header(self, header: bytes) -> None:
        """The first line."""
        self._file.write(self._pack(header))
        self._wrote()

    def write(self, frame: Any, added: pl.DataFrame) -> None:
        """Rows: lines as they stand, or an Arrow table whose cells are quoted where needed."""
        if isinstance(frame, pl.DataFrame):
            self._write(frame.hstack(added), "never")
            return
        cells = pl.DataFrame(frame).hstack(added)
        self._write(cells.with_columns(pl.col(pl.String).replace("", None)), "necessary")

    def _write(self, cells: pl.DataFrame, quotes: Literal["never", "necessary"]) -> None:
        text = io.BytesIO() if self._packed else self._file
        cells.write_csv(
            text,
            include_header=False,
            separator=self._delimiter,
            line_terminator=self._line_break,
            quote_style=quotes,
            batch_size=_BATCH_ROWS,
        )
        if isinstance(text, io.BytesIO):
            self._file.write(self._pack(text.getbuffer()))
        self._wrote()

    def _pack(self, data: bytes | memoryview) -> bytes | memoryview:
        return gzip.compress(data, _GZIP_LEVEL, mtime=0) if self._packed and len(data) else data

    def _wrote(self) -> None:
        sync(self._file)
        self._length = self._file.tell()

    def is_durable(self) -> bool:
        """Every chunk is."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def note(self, progress: Progress) -> None:
        """The length of the file."""
        progress.output = self._length

    def finish(self, path: Path) -> None:
        """Rename the file."""
        self._path.replace(path)


class ParquetSink:
    """Segments in `OUT.parts/`; durable when one is full or the run ends."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._folder = path.with_name(f"{path.name}.parts")
        self._folder.mkdir(exist_ok=True)
        self._parts = list(progress.parts)
        self._rows = 0
        self._writer: pq.ParquetWriter | None = None
        self._file: io.BufferedRandom | None = None
        for place, size in enumerate(self._parts):
            if not self._part(place).is_file() or self._part(place).stat().st_size != size:
                raise CannotResume(f"{self._part(place).name} is not as it was")

    def _part(self, place: int) -> Path:
        return self._folder / f"{place:05}.parquet"

    def write(self, frame: Any, added: pl.DataFrame) -> None:
        """Rows as one row group."""
        is_typed = isinstance(frame, pa.Table)
        table = frame if is_typed else _arrow(frame)
        schema = frame.schema if is_typed else _texts(frame.columns)
        meant = pa.schema([*schema, *_texts(added.columns)], schema.metadata)
        for name, column in zip(added.columns, _arrow(added).columns, strict=True):
            table = table.append_column(name, column)
        if self._writer is None:
            self._writer = self._begun(table.schema, meant, _column_options(schema, table.schema))
        self._writer.write_table(table, row_group_size=max(1, len(table)))
        self._rows += len(table)
        if self._rows + len(table) > _SEGMENT_ROWS:
            self.close()

    def _begun(
        self, schema: pa.Schema, meant: pa.Schema, of_columns: ColumnOptions
    ) -> pq.ParquetWriter:
        """A new segment. Coded texts are quicker to write; it says that they are meant as texts."""
        self._file = open_cut(self._part(len(self._parts)), 0)
        options = {"compression": "zstd", "store_schema": False}
        writer = pq.ParquetWriter(self._file, schema, **options, **of_columns)
        kept = b64encode(meant.serialize().to_pybytes())
        writer.add_key_value_metadata({**(meant.metadata or {}), _MEANT: kept})
        return writer

    def is_durable(self) -> bool:
        """Only between segments."""
        return self._writer is None

    def close(self) -> None:
        """Finish the segment."""
        if self._writer is None or self._file is None:
            return
        self._writer.close()
        sync(self._file)
        self._parts.append(self._file.tell())
        self._file.close()
        self._writer, self._rows = None, 0

    def note(self, progress: Progress) -> None:
        """Sizes of the finished segments."""
        progress.parts = list(self._parts)

    def finish(self, path: Path) -> None:
        """Join the segments; a single one is renamed."""
        parts = [self._part(place) for place in range(len(self._parts))]
        if len(parts) == 1:
            parts[0].replace(path)
        else:
            partial = path.with_name(f"{path.name}.partial")
            join(parts, partial)
            partial.replace(path)
        clear_parts(self._folder)


def clear_parts(folder: Path) -> None:
    """Remove the segments of an output."""
    if folder.is_dir():
        for part in sorted(folder.glob("*.parquet")):  # the first is gone when all is done
            part.unlink()
        folder.rmdir()


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _texts(names: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


def _column_options(schema: pa.Schema, whole: pa.Schema) -> ColumnOptions:
    """What is worth its time: bounds of the list's own columns, repeated texts but for `e164`."""
    if any(pa.types.is_nested(field.type) for field in schema):
        return {}  # the writer would want the names of their inner columns
    coded = [field.name for field in whole if pa.types.is_dictionary(field.type)]
    return {"write_statistics": schema.names, "use_dictionary": [*schema.names, *coded]}
