"""CSV lists: header, and chunks as columns. What is passed through stays as it stands.

Inside quotes, delimiters and line breaks are masked by signs that the chunk does not have; then
lines and cells are told apart without looking at quotes, and the masks are taken away again.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from rules.gateways.list_errors import ListFault, ListRefused
from rules.gateways.list_text import ListText, cut, read_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rules.gateways.list_text import Chunk

__all__ = ["DELIMITERS", "CsvList", "Rows", "quoted", "read_list"]

DELIMITERS = {",": ",", ";": ";", "tab": "\t", "bar": "|"}
_MARK = b"\xef\xbb\xbf"
_SIGNS = [*range(1, 9), 11, 12, *range(14, 32), 127]
_LONGEST_HEADER = 1 << 22
_SAMPLE = 1 << 20


def quoted(text: str) -> str:
    """A text as a CSV cell, in quotes where it could be taken for more than one."""
    if any(sign in text for sign in ',;\t|"\r\n'):
        text = text.replace('"', '""')
        return f'"{text}"'
    return text


@dataclass(frozen=True)
class CsvList:
    """A CSV file: its first line as it stands, what the line says, and where rows begin."""

    path: Path
    encoding: str
    first_line: bytes
    columns: tuple[str, ...]
    delimiter: str
    start: int
    first_rows: bytes

    @property
    def line_break(self) -> bytes:
        """What ends the lines of the file."""
        return b"\r\n" if self.first_line.endswith(b"\r\n") else b"\n"

    def header(self, more: Sequence[str]) -> bytes:
        """The header line with further columns."""
        line = self.first_line.rstrip(b"\r\n")
        return line + f"{self.delimiter}{self.joined(more)}".encode() + self.line_break

    def joined(self, cells: Sequence[str]) -> str:
        """Texts as cells of a line, in quotes where needed."""
        return self.delimiter.join(map(quoted, cells))

    def chunk_size(self, rows: int) -> int:
        """Bytes that hold about so many rows, by the first rows of the file."""
        count = max(1, self.first_rows.count(b"\n"))
        return max(1, min(len(self.first_rows) * rows // count, 1 << 26))

    def chunks(self, offset: int, rows: int, text: ListText) -> Iterator[Rows]:
        """Rows from an offset on, about so many at a time."""
        text.skip(offset)
        return map(partial(Rows, self), read_chunks(text, offset, self.chunk_size(rows)))


def read_list(path: Path, encoding: str | None, delimiter: str | None) -> CsvList:
    """Look at the beginning of a CSV file; raises `ListRefused` when it has no header."""
    text = ListText(path, encoding)
    try:
        head = text.read(_LONGEST_HEADER)
    finally:
        text.close()
    marked = len(_MARK) if head.startswith(_MARK) else 0
    final = len(head) < _LONGEST_HEADER
    size = head.find(b"\n") + 1
    while size and not cut(head[:size], final=False)[0]:
        size = head.find(b"\n", size) + 1
    if not size and not final:
        raise ListRefused(f"{path.name}: the first line does not end")
    first_line = head[: size or len(head)]
    try:
        header = first_line[marked:].decode()
    except UnicodeDecodeError:
        raise ListRefused(
            f"{path.name}: the header is no text in {text.encoding}; name its --encoding"
        ) from None
    if not header.strip():
        raise ListRefused(f"{path.name}: the first line must be a header")
    delimiter = delimiter or max(DELIMITERS.values(), key=_outside(header).count)
    columns = next(csv.reader(io.StringIO(header, newline=""), delimiter=delimiter))
    sample = head[len(first_line) : len(first_line) + _SAMPLE]
    return CsvList(
        path, text.encoding, first_line, tuple(columns), delimiter, len(first_line), sample
    )


def _outside(line: str) -> str:
    """What of a line stands outside quotes."""
    return "".join(line.split('"')[::2])


class Reject(NamedTuple):
    """A row whose cells cannot be told apart, as it stands.

    `line` counts from 0, the first line of its chunk.
    """

    line: int
    text: bytes


class Rows:
    """The rows of one chunk. Those with too few or too many cells, or that are no text, are apart.

    `lines_read` counts lines, of which a row with a line break in quotes has several.
    """

    def __init__(self, source: CsvList, chunk: Chunk) -> None:
        self._source = source
        self._columns = len(source.columns)
        self.end = chunk.end
        self.rejects: list[Reject] = []
        self._masks: tuple[str, str] | None = None
        self._masked, self._lines = b"", pl.Series([], dtype=pl.String)
        if chunk.damaged:
            self.rejects.append(Reject(0, chunk.data.rstrip(b"\r\n")))
            self.lines_read = chunk.data.count(b"\n")
        else:
            self._read_lines(chunk.data)

    def __len__(self) -> int:
        return len(self._lines)

    def lines(self) -> pl.DataFrame:
        """The rows as they stand, without line breaks, in one column."""
        return pl.DataFrame({"": self._unmasked(self._lines)})

    def cells(self, columns: Sequence[str]) -> pl.DataFrame:
        """The texts of some columns."""
        if not len(self):
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        if self._columns == 1:
            return pl.DataFrame({columns[0]: self._unquoted(self._lines)})
        places = [self._source.columns.index(name) for name in columns]
        frame = self._split(self._masked, self._source.delimiter, sorted(places))
        found = dict(zip(sorted(places), frame.get_columns(), strict=True))
        return pl.DataFrame(
            {
                name: self._unquoted(found[place])
                for name, place in zip(columns, places, strict=True)
            }
        )

    def _split(self, data: bytes, separator: str, columns: list[int] | None = None) -> pl.DataFrame:
        return pl.read_csv(
            data,
            has_header=False,
            columns=columns,
            separator=separator,
            quote_char=None,
            infer_schema=False,
            empty_string_is_null=False,
        )

    def _read_lines(self, data: bytes) -> None:
        is_quoted = b'"' in data
        absent = (chr(sign) for sign in _SIGNS if sign not in data)
        end, *signs = [next(absent, "") for _ in range(3 if is_quoted else 1)]
        if not all((end, *signs)):
            raise ListFault(f"{self._source.path.name} is no text")
        lines = data.count(b"\n") if is_quoted else 0
        if is_quoted:
            self._masks = signs[0], signs[1]
            data = _masked(data, self._source.delimiter, signs[0] + signs[1])
        if not data.endswith(b"\n"):
            data += b"\n"
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        self._masked, unreadable = _readable(data)
        self._lines = self._split(self._masked, end).to_series()
        self.lines_read = lines or len(self._lines)
        cells = self._lines.str.count_matches(self._source.delimiter, literal=True)
        bad = cells != self._columns - 1
        if unreadable:
            bad |= pl.Series([row in unreadable for row in range(len(bad))])
        if bad.any():
            self._reject(bad, unreadable)

    def _reject(self, bad: pl.Series, unreadable: dict[int, bytes]) -> None:
        """Put the bad rows apart."""
        line_break = self._masks[1] if self._masks else "\n"
        heights = self._lines.str.count_matches(line_break, literal=True) + 1
        starts = heights.cum_sum() - heights
        texts = self._unmasked(self._lines)
        for row in bad.arg_true():
            text = texts[row].encode()
            if row in unreadable:
                text = self._unmasked_bytes(unreadable[row])
            self.rejects.append(Reject(starts[row], text))
        self._lines = self._lines.filter(~bad)
        self._masked = "".join(f"{line}\n" for line in self._lines).encode()

    def _unquoted(self, cells: pl.Series) -> pl.Series:
        """What cells say: without the quotes around them."""
        if self._masks is None:
            return cells
        cell = pl.col("cell")
        wrapped = cell.str.starts_with('"') & cell.str.ends_with('"') & (cell.str.len_bytes() > 1)
        inner = cell.str.slice(1, cell.str.len_chars() - 2).str.replace_all('""', '"', literal=True)
        found = pl.DataFrame({"cell": cells}).select(pl.when(wrapped).then(inner).otherwise(cell))
        return self._unmasked(found.to_series())

    def _unmasked(self, texts: pl.Series) -> pl.Series:
        for sign, meant in zip(self._masks or (), (self._source.delimiter, "\n"), strict=False):
            texts = texts.str.replace_all(sign, meant, literal=True)
        return texts

    def _unmasked_bytes(self, text: bytes) -> bytes:
        for sign, meant in zip(self._masks or (), (self._source.delimiter, "\n"), strict=False):
            text = text.replace(sign.encode(), meant.encode())
        return text


def _masked(data: bytes, delimiter: str, signs: str) -> bytes:
    """The same with other signs for delimiters and line breaks inside quotes."""
    parts = data.split(b'"')
    mask = bytes.maketrans(f"{delimiter}\n".encode(), signs.encode())
    parts[1::2] = [part.translate(mask) for part in parts[1::2]]
    return b'"'.join(parts)


def _readable(data: bytes) -> tuple[bytes, dict[int, bytes]]:
    """The lines with blank ones for those that are no UTF-8, which are given apart by place."""
    if data.isascii():
        return data, {}
    try:
        data.decode()
    except UnicodeDecodeError:
        lines = data.split(b"\n")
        unreadable = {}
        for row, line in enumerate(lines):
            if not _is_text(line):
                unreadable[row], lines[row] = line, b""
        return b"\n".join(lines), unreadable
    return data, {}


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
