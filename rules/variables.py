"""Variables in a text: which ones stand there, and the text with their values put in.

A variable is written as one of six prefixes, in any case, and a name. A name is the **longest known
one** that stands there, not followed by a letter or digit of ASCII or `_`; where none is known it
is the run of such characters. The text is read **once**: what came out of a variable is never
looked at again, so a caller's value cannot name another variable.

>>> known = Variables([("$flow.key.name", "Asha"), ("$flow.key.name2", "$flow.key.name")])
>>> substitute("Hi $FLOW.key.nameजी, $flow.key.name2 $flow.key.x.", known, lambda v: v.value or "?")
'Hi Ashaजी, $flow.key.name ?.'
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["NAMESPACES", "Variable", "Variables", "is_missing", "read_pieces", "substitute"]

NAMESPACES = ("$flow.key.", "$flow.syskey.", "$user.key.", "$user.syskey.", "$call.", "$sys.")
"""The prefixes of variables."""

_NO_VALUE = frozenset({"", "null", "undefined"})
_PREFIX = re.compile("|".join(re.escape(prefix) for prefix in NAMESPACES), re.IGNORECASE)
_RUN = re.compile(r"\w+", re.ASCII)
_DOTTED_RUN = re.compile(r"\w+(?:\.\w+)*", re.ASCII)
_DOTTED = frozenset(("$call.", "$sys."))


def is_missing(value: str) -> bool:
    """Is this stripped value no value: blank, null, undefined or an unreplaced variable?"""
    return value.casefold() in _NO_VALUE or is_unreplaced(value)


def is_unreplaced(value: str) -> bool:
    """Is the whole value a variable the platform never replaced?"""
    return value[:1] == "$" and bool(_PREFIX.match(value)) and len(value.split()) == 1


@dataclass(frozen=True)
class Variable:
    """One variable as it stands in a text; `name` is its full name, `value` None when it has none.

    `known` tells a variable that was sent without a value from one that was not sent.
    """

    written: str
    name: str
    value: str | None = field(default=None, repr=False)
    known: bool = False


class Variables:
    """Variables that were sent, by full name; of two equal names the last one holds."""

    def __init__(self, pairs: Iterable[tuple[str, str | None]] = ()) -> None:
        self._exact: dict[str, str | None] = {}
        self._folded: dict[str, str] = {}
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for name, value in pairs:
            match = _PREFIX.match(name)
            if match is None or match.end() == len(name):
                continue
            prefix = match[0].lower()
            full = prefix + name[match.end() :]
            self._exact[full] = value
            self._folded[full.casefold()] = full
            lengths[prefix].add(len(full))
        self._lengths = {prefix: sorted(found, reverse=True) for prefix, found in lengths.items()}

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        """Full names and values."""
        return iter(self._exact.items())

    def find(self, name: str) -> Variable | None:
        """The variable of this full name: exact spelling, else the last that differs in case."""
        match = _PREFIX.match(name)
        if match is None:
            return None
        full = match[0].lower() + name[match.end() :]
        found = full if full in self._exact else self._folded.get(full.casefold())
        return None if found is None else Variable(name, found, self._exact[found], known=True)

    def _longest(self, text: str, start: int, prefix: str) -> Variable | None:
        """The longest known variable that stands at `start` and ends there."""
        for length in self._lengths.get(prefix, ()):
            end = start + length
            written = text[start:end]
            if written.casefold() in self._folded and not _RUN.match(text, end):
                return self.find(written)
        return None

    def read_at(self, text: str, match: re.Match[str]) -> Variable | None:
        """The variable whose prefix matched, or None when no name follows it."""
        prefix = match[0].lower()
        found = self._longest(text, match.start(), prefix)
        if found is not None:
            return found
        run = (_DOTTED_RUN if prefix in _DOTTED else _RUN).match(text, match.end())
        return None if run is None else Variable(match[0] + run[0], prefix + run[0])


def read_pieces(text: str, variables: Variables) -> Iterator[str | Variable]:
    """The text in order: plain parts as they are, variables as `Variable`."""
    done = start = 0
    while match := _PREFIX.search(text, start):
        found = variables.read_at(text, match)
        start = match.end()
        if found is not None:
            if done < match.start():
                yield text[done : match.start()]
            yield found
            done = start = match.start() + len(found.written)
    if done < len(text):
        yield text[done:]


def substitute(text: str, variables: Variables, render: Callable[[Variable], str]) -> str:
    """The text with each variable replaced by what `render` makes of it, in one pass."""
    pieces = read_pieces(text, variables)
    return "".join(piece if isinstance(piece, str) else render(piece) for piece in pieces)
