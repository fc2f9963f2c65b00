"""A request: bytes or decoded JSON to `Envelope`, and an envelope to filled fields.

Lenient where a platform is sloppy (unknown members, odd entries, any case), strict where a guess
would be wrong (not JSON, not an object, `keys` of another type).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from rules.envelope.fields import Field, Filled, Rest
from rules.errors import MalformedEnvelope, MalformedJson

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Envelope", "decode", "parse"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _Number(str):
    """JSON text of a number that is no integer, kept as it was sent."""

    __slots__ = ()


def _raw(value: Any) -> msgspec.Raw:
    if not isinstance(value, _Number):
        raise TypeError("no JSON value")
    return msgspec.Raw(str(value).encode())


_decoder = msgspec.json.Decoder(float_hook=_Number)
_encoder = msgspec.json.Encoder(enc_hook=_raw)


def decode(body: bytes) -> Any:
    """JSON bytes to objects; numbers with a fraction keep their text. Raises `MalformedJson`."""
    body = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, ValueError) as error:
        detail = "empty body" if not body.strip() else _where(error)
        raise MalformedJson(f"the body is not JSON in UTF-8: {detail}") from None
    except RecursionError:
        raise MalformedJson("the body is nested too deeply") from None


def _where(error: Exception) -> str:
    """The decoder's own words (they quote nothing of the body), or just that it is not UTF-8."""
    return "wrong encoding" if isinstance(error, UnicodeError) else str(error)


def parse(body: Any, method_from_path: str | None = None) -> Envelope:
    """A request from bytes, or from what JSON was decoded to.

    The method named by the path wins over the member. Raises `MalformedJson` or
    `MalformedEnvelope`; a missing method is no error here.
    """
    if isinstance(body, (bytes, bytearray)):
        body = decode(bytes(body))
    if not isinstance(body, dict):
        raise MalformedEnvelope("the body must be an object with 'method' and 'keys'")
    keys = body.get("keys")
    if keys is None:
        keys = []
    elif not isinstance(keys, list):
        raise MalformedEnvelope("'keys' must be a list of objects with 'name' and 'value'")
    method = method_from_path
    if method is None:
        named = body.get("method")
        method = named.strip() if isinstance(named, str) else ""
    entries = []
    for entry in keys:
        if isinstance(entry, dict):
            name = entry.get("name")
            if isinstance(name, str) and (name := name.strip()):
                entries.append((_sound(name), value_text(entry.get("value"))))
    return Envelope(method, entries)


def value_text(value: Any) -> str | None:
    """Wire value to text: booleans and numbers as JSON writes them, `null` to `None`."""
    if type(value) is str:
        return _sound(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise MalformedJson("NaN and Infinity are not JSON")
    try:
        return _encoder.encode(value).decode()
    except (RecursionError, ValueError, TypeError, OverflowError):
        raise MalformedJson("a value is no JSON, or nested too deeply") from None


def _sound(value: str) -> str:
    """The text, if it can be written as UTF-8 at all."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise MalformedJson("a text holds half a surrogate pair") from None
    return value


class Envelope:
    """A method name and named texts, in the order sent; `None` is a JSON null."""

    __slots__ = ("_places", "keys", "method")

    def __init__(self, method: str, keys: Sequence[tuple[str, str | None]]) -> None:
        self.method = method
        self.keys = keys
        self._places = {name.casefold(): place for place, (name, _) in enumerate(keys)}

    def find(self, field: Field[Any]) -> str | None:
        """Text of the best candidate: full or bare name, then the system field's twin."""
        places = self._places
        full, bare = field.first
        place = max(places.get(full, -1), places.get(bare, -1))
        if place < 0 and field.second is not None:
            place = places.get(field.second, -1)
        return None if place < 0 else self.keys[place][1]

    def read(self, fields: Sequence[Field[Any] | Rest]) -> Filled:
        """Fill every field and keep the problems, for a method that has checks of its own."""
        filled = Filled(fields)
        for field in fields:
            if isinstance(field, Field):
                filled.put(field, self.find(field))
        return filled

    def fill(self, fields: Sequence[Field[Any] | Rest]) -> Filled:
        """Fill every field, or raise `BadParameters` with every bad one."""
        return self.read(fields).check()

    def rest(self, rest: Rest) -> dict[str, str | None]:
        """Every variable of the namespace by its exact name; the last entry wins."""
        length = len(rest.prefix)
        return {
            name[length:]: value
            for name, value in self.keys
            if name[:length].casefold() == rest.prefix and len(name) > length
        }
