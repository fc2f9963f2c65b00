"""An account's own knowledge about numbers: a CSV of prefixes that wins over all tables.

>>> lines = ("number,operator,circle", "98480,,KA", "+9715,Etisalat UAE,")
>>> found = read_overrides(chr(10).join(lines))
>>> found.find("9848012345", "+919848012345").circle
'Karnataka'
>>> found.find("501234567", "+971501234567").operator
'Etisalat UAE'
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules.errors import SettingMistake
from rules.telecom.names import circle_name, language_name, operator_name
from rules.telecom.spelling import bare
from rules.telecom.words import NumberClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["NO_OVERRIDES", "Override", "Overrides", "read_overrides"]

_SETTING = "number_overrides"
_COLUMNS = ("number", "operator", "circle", "language", "class", "note")


@dataclass(frozen=True, slots=True)
class Override:
    """What an account says about the numbers below one prefix; empty: nothing."""

    operator: str = ""
    circle: str = ""
    language: str = ""
    number_class: NumberClass | None = None


class Overrides:
    """Overrides by prefix: national digits, or `+` and digits for another country."""

    def __init__(self, rows: Mapping[str, Override]) -> None:
        self._rows = rows
        self._lengths = sorted({len(prefix) for prefix in rows}, reverse=True)
        self._divided = frozenset(
            prefix[:size] for prefix in rows for size in (4, 5, 6) if len(prefix) > size
        )

    def __bool__(self) -> bool:
        return bool(self._rows)

    def find(self, national: str, e164: str) -> Override | None:
        """The override of a number: the longest prefix wins."""
        written = national if not e164 or e164.startswith("+91") else e164
        for length in self._lengths:
            if found := self._rows.get(written[:length]):
                return found
        return None

    def digest(self) -> str:
        """The same for equal overrides only; tells nothing of the numbers."""
        return hashlib.sha256(repr(sorted(self._rows.items())).encode()).hexdigest()

    def divides(self, digits: str) -> bool:
        """Do numbers with these first four to six digits differ in what is said about them?"""
        return digits in self._divided


NO_OVERRIDES = Overrides({})


def read_overrides(text: str) -> Overrides:
    """The overrides of a CSV text; `SettingMistake` lists every bad line."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    rows: dict[str, Override] = {}
    mistakes = []
    try:
        header = reader.fieldnames or ()
        if "number" not in header or not set(header) <= set(_COLUMNS):
            mistakes.append(f"line 1: wanted is a header of {', '.join(_COLUMNS)}")
        else:
            for row in reader:
                problems = _read_row(row, rows)
                mistakes += [f"line {reader.line_num}: {problem}" for problem in problems]
    except csv.Error as error:
        mistakes.append(f"line {reader.line_num}: {error}")
    if mistakes:
        raise SettingMistake(_SETTING, "; ".join(mistakes))
    return Overrides(rows)


def _read_row(row: Mapping[Any, Any], rows: dict[str, Override]) -> Iterator[str]:
    """Put one line into `rows`; gives what is wrong with it."""
    if None in row or None in row.values():
        yield "another number of cells than the header"
        return
    cells = {name: value.strip() for name, value in row.items()}
    prefix = _prefix(cells["number"])
    if not prefix:
        yield "number needs two or more national digits, or + and digits"
    elif prefix in rows:
        yield "this number stands twice"
    else:
        yield from _problems(cells)
        rows[prefix] = _override(cells)


def _prefix(text: str) -> str:
    """A number as `Overrides.find` asks for it; empty when it cannot be used."""
    digits = bare(text)
    digits = digits.removeprefix("+91")
    plain = digits.removeprefix("+")
    return digits if plain.isascii() and plain.isdigit() and len(plain) >= 2 else ""


def _problems(cells: Mapping[str, str]) -> Iterator[str]:
    if (circle := cells.get("circle")) and circle_name(circle) is None:
        yield f"no circle '{circle}'"
    if (name := cells.get("class")) and name.upper() not in NumberClass.__members__:
        yield f"no class '{name}'"


def _override(cells: Mapping[str, str]) -> Override:
    operator, language = cells.get("operator", ""), cells.get("language", "")
    return Override(
        operator=operator_name(operator) or operator,
        circle=circle_name(cells.get("circle", "")) or "",
        language=language_name(language) if language else "",
        number_class=NumberClass.__members__.get(cells.get("class", "").upper()),
    )
