"""Join Parquet files of one schema by copying their row groups as they are, without reading them.

A Parquet file is row groups, then a footer that says where each piece lies. The joined file has
the bytes of all row groups one behind the other, and a footer with the places moved. The footer is
written in Thrift's compact protocol, of which this module knows what footers use.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["join"]

_MAGIC = b"PAR1"
_STRUCT, _LIST, _BINARY = 12, 9, 8
_TRUE, _FALSE, _BYTE, _DOUBLE = 1, 2, 3, 7
_NUMBER_ROWS, _ROW_GROUPS = 3, 4
_COLUMNS, _GROUP_PLACE, _ORDINAL = 1, 5, 7
_CHUNK_PLACE, _METADATA, _OFFSET_INDEX, _COLUMN_INDEX = 2, 3, 4, 6
_PAGES = (9, 10, 11, 14)
"""In a column's metadata: places of data, index and dictionary pages, and of the filter."""

Struct = dict[int, tuple[int, Any]]
"""Values by field number, each with its type."""


def join(parts: Sequence[Path], target: Path) -> None:
    """Write the rows of all parts, in order, to one file."""
    footer: Struct = {}
    with target.open("wb") as out:
        out.write(_MAGIC)
        for part in parts:
            with part.open("rb") as file:
                footer = _appended(footer, *_copied(file, out))
        data = _Writer().struct(footer)
        out.write(data)
        out.write(len(data).to_bytes(4, "little") + _MAGIC)
        out.flush()
        os.fsync(out.fileno())


def _copied(file: BinaryIO, out: BinaryIO) -> tuple[Struct, int]:
    """Copy what is between head and footer; gives the footer and how far places have moved."""
    end = file.seek(-8, os.SEEK_END)
    size = int.from_bytes(file.read(4), "little")
    file.seek(end - size)
    footer = _Reader(file.read(size)).struct()
    moved = out.tell() - len(_MAGIC)
    file.seek(len(_MAGIC))
    left = end - size - len(_MAGIC)
    while left:
        data = file.read(min(left, 1 << 24))
        out.write(data)
        left -= len(data)
    return footer, moved


def _appended(footer: Struct, more: Struct, moved: int) -> Struct:
    """A footer with the row groups of another behind its own."""
    for _, group in _items(more, _ROW_GROUPS):
        _move(group, (_GROUP_PLACE,), moved)
        for _, chunk in _items(group, _COLUMNS):
            _move(chunk, (_CHUNK_PLACE, _OFFSET_INDEX, _COLUMN_INDEX), moved)
            _move(chunk[_METADATA][1], _PAGES, moved)
    if not footer:
        return more
    groups = [*_items(footer, _ROW_GROUPS), *_items(more, _ROW_GROUPS)]
    for place, (_, group) in enumerate(groups):
        if _ORDINAL in group:
            group[_ORDINAL] = (group[_ORDINAL][0], place)
    rows = footer[_NUMBER_ROWS][1] + more[_NUMBER_ROWS][1]
    return {
        **footer,
        _NUMBER_ROWS: (footer[_NUMBER_ROWS][0], rows),
        _ROW_GROUPS: (_LIST, groups),
    }


def _items(struct: Struct, field: int) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = struct[field][1]
    return found


def _move(struct: Struct, fields: Sequence[int], moved: int) -> None:
    for field in fields:
        if field in struct and struct[field][1] > 0:
            kind, place = struct[field]
            struct[field] = (kind, place + moved)


class _Reader:
    """Reads the compact protocol. A list is a list of pairs of type and value."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._place = 0

    def struct(self) -> Struct:
        found: Struct = {}
        field = 0
        while head := self._byte():
            kind = head & 15
            field = field + (head >> 4) if head >> 4 else self._signed()
            found[field] = (kind, kind == _TRUE if kind in {_TRUE, _FALSE} else self._value(kind))
        return found

    def _value(self, kind: int) -> Any:
        if kind == _STRUCT:
            return self.struct()
        if kind == _LIST:
            return self._list()
        if kind == _BINARY:
            return self._take(self._count())
        if kind == _DOUBLE:
            return self._take(8)
        return self._byte() if kind in {_TRUE, _FALSE, _BYTE} else self._signed()

    def _list(self) -> list[tuple[int, Any]]:
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._count()
        return [(head & 15, self._value(head & 15)) for _ in range(size)]

    def _byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1]

    def _take(self, size: int) -> bytes:
        self._place += size
        return bytes(self._data[self._place - size : self._place])

    def _count(self) -> int:
        found = shift = 0
        while (byte := self._byte()) & 128:
            found |= (byte & 127) << shift
            shift += 7
        return found | byte << shift

    def _signed(self) -> int:
        found = self._count()
        return found >> 1 ^ -(found & 1)


class _Writer:
    """Writes what `_Reader` reads."""

    def struct(self, fields: Struct) -> bytes:
        parts = []
        last = 0
        for field, (kind, value) in sorted(fields.items()):
            step = field - last
            last = field
            mark = (_TRUE if value else _FALSE) if kind in {_TRUE, _FALSE} else kind
            short = 0 < step < 16
            parts.append(bytes((step << 4 | mark,)) if short else bytes((mark,)) + _signed(field))
            if kind not in {_TRUE, _FALSE}:
                parts.append(self._value(kind, value))
        return b"".join((*parts, b"\0"))

    def _value(self, kind: int, value: Any) -> bytes:
        if kind == _STRUCT:
            return self.struct(value)
        if kind == _LIST:
            return self._list(value)
        if kind == _BINARY:
            return _count(len(value)) + bytes(value)
        if kind == _DOUBLE:
            return bytes(value)
        return bytes((value,)) if kind in {_TRUE, _FALSE, _BYTE} else _signed(value)

    def _list(self, items: list[tuple[int, Any]]) -> bytes:
        kind = items[0][0] if items else _STRUCT
        size = len(items)
        head = bytes((size << 4 | kind,)) if size < 15 else bytes((0xF0 | kind,)) + _count(size)
        return head + b"".join(self._value(kind, value) for _, value in items)


def _count(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes((*parts, value))


def _signed(value: int) -> bytes:
    return _count(value << 1 ^ value >> 63)
