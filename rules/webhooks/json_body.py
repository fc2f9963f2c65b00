"""JSON of a reply: read with the source text of its numbers, written compactly.

A flow wants `1.10` as the other side wrote it, and twenty-five digits in full, so a number is kept
as its text. NaN and Infinity are no JSON. Half a surrogate pair becomes U+FFFD.

>>> write(read('{"p": 1.10, "q": [1e3, "न"]}'.encode()))
'{"p":1.10,"q":[1e3,"न"]}'
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

__all__ = ["NotJson", "Number", "read", "write"]

_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_LONE = re.compile("[\ud800-\udfff]")


class NotJson(ValueError):
    """The text is no JSON, or nested too deeply."""


class Number:
    """A JSON number as its source text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _refuse(_: str) -> Any:
    raise NotJson


_decoder = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_refuse)


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(value.text.encode())


_encoder = msgspec.json.Encoder(enc_hook=_raw)


def read(body: bytes) -> Any:
    """The value of a whole body in UTF-8, a byte-order mark before it or not."""
    try:
        return read_text(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotJson from None


def read_text(text: str) -> Any:
    """The value of a JSON text; raises `NotJson`."""
    try:
        value = _decoder.decode(text)
        return _mend(value) if _HALF_PAIR.search(text) else value
    except (ValueError, RecursionError):
        raise NotJson from None


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    return value


def write(value: Any) -> str:
    """Compact JSON text, members in order, not ASCII-escaped; raises `NotJson` when too deep."""
    try:
        return _encoder.encode(value).decode()
    except RecursionError:
        raise NotJson from None
