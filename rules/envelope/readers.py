"""Readers shared by all methods: the text of a field to a typed value.

A reader raises `Unusable` with words for the designer, and perhaps a code of its own; the field
that uses it may have a better code, which then wins.

>>> integer("5.0"), boolean("Yes"), items("a; b,,")
(5, True, ('a', 'b'))
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from rules.errors import quote
from rules.settings import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Unusable", "boolean", "choice", "integer", "items", "quote", "text", "within"]

E = TypeVar("E", bound=Enum)

_INTEGER = re.compile(r"([+-]?\d+)(?:\.(\d*))?\Z")
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True}
_BOOLEANS |= {"false": False, "no": False, "off": False, "0": False}
_LONGEST_INTEGER = 4300  # digits; int() reads no more


class Unusable(ValueError):
    """A value a field cannot use; `code` is the shared field code."""

    def __init__(self, message: str, code: str = "OUT_OF_RANGE") -> None:
        super().__init__(message)
        self.code = code


def text(value: str) -> str:
    """The value itself."""
    return value


def integer(value: str) -> int:
    """A whole number: sign, digits of any script, a decimal part of zeros; not `1e3`."""
    match = _INTEGER.match(value)
    if match is None or any(int(digit) for digit in match[2] or ""):
        raise Unusable(f"{quote(value)} is not a whole number", "NOT_AN_INTEGER")
    digits = match[1].lstrip("+-")
    if len(digits) > _LONGEST_INTEGER:
        raise Unusable(f"{quote(value)} has more than {_LONGEST_INTEGER:,} digits")
    return -int(digits) if value[0] == "-" else int(digits)


def within(low: int, high: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers from `low` to `high`, both included."""

    def read(value: str) -> int:
        number = integer(value)
        if number < low or (high is not None and number > high):
            bounds = f"{low} or more" if high is None else f"from {low} to {high}"
            raise Unusable(f"{quote(value)} is not {bounds}")
        return number

    return read


def boolean(value: str) -> bool:
    """`true` `yes` `on` `1` and their opposites, any case."""
    found = _BOOLEANS.get(value.casefold())
    if found is None:
        raise Unusable(f"{quote(value)} is neither true nor false", "NOT_A_BOOLEAN")
    return found


def choice(options: type[E]) -> Callable[[str], E]:
    """A reader of one word of an Enum, by value, any case."""
    words = {str(option.value).casefold(): option for option in options}
    names = [str(option.value) for option in options]

    def read(value: str) -> E:
        found = words.get(value.casefold())
        if found is None:
            raise Unusable(f"{quote(value)} is none of {', '.join(names)}{nearest(value, names)}")
        return found

    return read


def items(value: str) -> tuple[str, ...]:
    """A list separated by `,` or `;`; blanks around entries and empty entries are dropped."""
    return tuple(part.strip() for part in value.replace(";", ",").split(",") if part.strip())
