"""Text of list files as UTF-8 bytes from any offset, and where it can be cut.

A chunk ends at a line break outside quotes, so that it can be read on its own. A quote that is not
closed within a million bytes is no quoted cell but a stray sign: its line is given out alone, as
damaged, and reading goes on behind it.
"""

from __future__ import annotations

import codecs
import gzip
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from rules.gateways.list_errors import ListFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ENCODINGS", "LONGEST_CELL", "LONGEST_ROW", "Chunk", "ListText", "cut", "read_chunks"]

ENCODINGS = ("utf-8", "utf-16", "cp1252")
LONGEST_CELL = 1 << 20
LONGEST_ROW = 1 << 26
_STEP = 1 << 20
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Chunk(NamedTuple):
    """Whole rows as bytes, and the offset behind them; `damaged` ones hold a stray quote."""

    data: bytes
    end: int
    damaged: bool


class ListText:
    """A list file as a stream of UTF-8, whatever it is written in; offsets count those bytes.

    What is no text in its encoding comes out as bytes that are no UTF-8 either.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self._raw = path.open("rb")
        self._packed = path.suffix == ".gz"
        self._stream = cast(
            "BinaryIO", gzip.GzipFile(fileobj=self._raw) if self._packed else self._raw
        )
        start = self._stream.read(2)
        self.encoding = encoding or ("utf-16" if start in _MARKS else "utf-8")
        marked = self.encoding == "utf-16" and start in _MARKS
        self._stream.seek(len(start) if marked else 0)
        self._decoder = None
        if self.encoding == "utf-16":
            order = "utf-16-be" if start == codecs.BOM_UTF16_BE else "utf-16-le"
            self._decoder = codecs.getincrementaldecoder(order)("surrogatepass")
        elif self.encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(self.encoding)("surrogateescape")
        self._waiting = b""

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        self._raw.close()

    def place(self) -> int:
        """How much of the file as it lies on the disk has been read."""
        return self._raw.tell()

    def skip(self, offset: int) -> None:
        """Go on behind so many bytes of text."""
        if self._decoder is None:
            self._stream.seek(offset)
            return
        while offset > 0 and (passed := self.read(min(offset, _STEP))):
            offset -= len(passed)

    def read(self, size: int) -> bytes:
        """Exactly so many bytes of text; fewer at its end only."""
        if self._decoder is None:
            return self._stream.read(size)
        parts = [self._waiting]
        count = len(self._waiting)
        while count < size:
            raw = self._stream.read(_STEP)
            text = self._decoder.decode(raw, final=not raw)
            parts.append(_encoded(text))
            count += len(parts[-1])
            if not raw:
                break
        data = b"".join(parts)
        self._waiting = data[size:]
        return data[:size]


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return b"".join(_bytes(sign) for sign in text)


def _bytes(sign: str) -> bytes:
    """A sign as UTF-8; what could not be decoded as bytes that are no UTF-8."""
    return sign.encode("utf-8", "surrogatepass")


def read_chunks(text: ListText, offset: int, size: int) -> Iterator[Chunk]:
    """The rows behind `offset` in chunks of about `size` bytes.

    Where a chunk ends depends on the text behind its start and on `size` alone, so a run that goes
    on later makes the same chunks. A chunk is not kept here while the caller works on it.
    """
    return iter(_Cutter(text, offset, size).next, None)


class _Cutter:
    """Reads ahead as far as a whole row wants it."""

    def __init__(self, text: ListText, offset: int, size: int) -> None:
        self._text, self._offset, self._size = text, offset, size
        self._buffer = b""
        self._ended = False

    def next(self) -> Chunk | None:
        """The next chunk, `None` behind the last one."""
        want, end, damaged = self._size, 0, False
        while not end:
            self._fill(want)
            if not self._buffer:
                return None
            final = self._ended and len(self._buffer) <= want
            end, damaged = cut(self._buffer[:want], final=final)
            if not end and want > LONGEST_ROW:
                size = LONGEST_ROW >> 20
                raise ListFault(f"a row of more than {size} MiB begins at {self._offset}")
            want *= 2
        self._offset += end
        data, self._buffer = self._buffer[:end], self._buffer[end:]
        return Chunk(data, self._offset, damaged)

    def _fill(self, want: int) -> None:
        while len(self._buffer) < want and not self._ended:
            part = self._text.read(want - len(self._buffer))
            self._ended = not part
            self._buffer += part


def cut(data: bytes, *, final: bool) -> tuple[int, bool]:
    r"""Where the last whole row of `data` ends (0: nowhere yet), and whether it is damaged.

    >>> cut(b'a,b\n"c\nd",e\nf,"g\n', final=False)
    (12, False)
    >>> cut(b'5" screen,1\nb,2\n', final=True)
    (12, True)
    """
    opened = _open_quote(data)
    if opened < 0:
        return (len(data), False) if final else (_last_break(data, len(data)), False)
    end = _last_break(data, opened)
    stray = final or len(data) - opened > LONGEST_CELL
    if end or not stray:
        return end, False
    found = data.find(b"\n", opened) + 1
    return found or (len(data) if final else 0), True


def _open_quote(data: bytes) -> int:
    """The first quote that is not closed, or not within the longest cell; -1: there is none."""
    window = LONGEST_CELL // 2
    if b'"' not in data:
        return -1
    count = data.count(b'"')
    crowded = all(
        data.find(b'"', start, start + window) >= 0
        for start in range(0, len(data) - window + 1, window)
    )
    if crowded:
        return data.rfind(b'"') if count % 2 else -1
    place = data.find(b'"')
    while place >= 0:
        closing = data.find(b'"', place + 1, place + 1 + LONGEST_CELL)
        if closing < 0:
            return place
        place = data.find(b'"', closing + 1)
    return -1


def _last_break(data: bytes, end: int) -> int:
    """The place behind the last line break before `end` outside quotes, of which all are closed."""
    place, inside = data.rfind(b"\n", 0, end), False
    inside = bool(data.count(b'"', place + 1, end) % 2)
    while inside and place >= 0:
        before = data.rfind(b"\n", 0, place)
        inside ^= bool(data.count(b'"', before + 1, place) % 2)
        place = before
    return place + 1
