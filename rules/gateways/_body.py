"""Reading a reply's body: streamed, counted on the wire and after decompression."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BodyTooLarge", "BrokenBody", "decoder_for", "read_body"]

_CHUNK = 65_536
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"


class BodyTooLarge(Exception):
    """More bytes than allowed, on the wire or unpacked."""


class BrokenBody(Exception):
    """A compressed body that cannot be unpacked."""


class _Decoder(Protocol):
    def feed(self, data: bytes, room: int) -> bytes:
        """Unpacked bytes, at most `room` of them."""
        ...

    @property
    def complete(self) -> bool:
        """Has the end been seen?"""
        ...


class _Plain:
    complete = True

    def feed(self, data: bytes, room: int) -> bytes:
        return data[:room]


class _Gzip:
    """Gzip, also of several members; what follows the last one is ignored."""

    def __init__(self) -> None:
        self._unpack = zlib.decompressobj(_GZIP)

    @property
    def complete(self) -> bool:
        return self._unpack.eof

    def feed(self, data: bytes, room: int) -> bytes:
        unpacked = b""
        while data and room > len(unpacked):
            if self.complete:
                if data[:2] != _GZIP_MAGIC[: len(data)]:
                    break
                self._unpack = zlib.decompressobj(_GZIP)
            unpacked += self._unpack.decompress(data, room - len(unpacked))
            data = self._unpack.unused_data
        return unpacked


class _Deflate:
    """Deflate, with its envelope or, as many servers send it, without."""

    def __init__(self) -> None:
        self._unpack = zlib.decompressobj(_ZLIB)
        self._seen = b""
        self._sure = False

    @property
    def complete(self) -> bool:
        return self._unpack.eof

    def feed(self, data: bytes, room: int) -> bytes:
        if self._sure:
            return self._unpack.decompress(data, room)
        self._seen += data
        try:
            unpacked = self._unpack.decompress(data, room)
        except zlib.error:
            self._unpack = zlib.decompressobj(_RAW)
            unpacked, self._sure = self._unpack.decompress(self._seen, room), True
        self._sure = self._sure or bool(unpacked)
        return unpacked


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
}


def decoder_for(encoding: str, offered: str) -> _Decoder:
    """What unpacks a body of this encoding, if it is one that we offered; else nothing does."""
    name = encoding.strip().lower()
    words = offered.replace(",", " ").replace(";", " ").lower().split()
    make = _DECODERS.get(name) if name.removeprefix("x-") in words else None
    return make() if make else _Plain()


def read_body(read: Callable[[int], bytes], decoder: _Decoder, limit: int) -> bytes:
    """The unpacked body; raises as soon as one byte more than `limit` was seen.

    `read(n)` gives up to n bytes of the wire, none at the end.
    """
    parts: list[bytes] = []
    size = wire = 0
    while portion := read(min(_CHUNK, limit + 1 - wire)):
        wire += len(portion)
        try:
            parts.append(decoder.feed(portion, limit + 1 - size))
        except zlib.error:
            raise BrokenBody from None
        size += len(parts[-1])
        if wire > limit or size > limit:
            raise BodyTooLarge
    if wire and not decoder.complete:
        raise BrokenBody
    return b"".join(parts)
