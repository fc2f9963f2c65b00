"""Names of areas, operators and languages: every spelling to the one of the tables.

>>> circle_name("up-east"), circle_name("OR"), operator_name("Tata Docomo"), language_name("te-IN")
('UP East', 'Odisha', 'Tata', 'TELUGU')
>>> language_name("Klingon"), circle_name("Atlantis")
('KLINGON', None)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Area",
    "areas",
    "circle_languages",
    "circle_name",
    "find_network",
    "fold",
    "language_name",
    "operator_name",
    "operator_names",
    "present_operator",
]

_GAPS = re.compile(r"[\s\-_]+")
_SUBTAGS = re.compile(r"[A-Z]{2,3}( [A-Z]{4})?( ([A-Z]{2}|[0-9]{3}))?")


def fold(name: str) -> str:
    """A name in capitals, with one blank for each run of blanks, `-` and `_`."""
    return _GAPS.sub(" ", name).strip().upper()


@dataclass(frozen=True, slots=True)
class Area:
    """One of the 22 licensed service areas; `series160` are its digits in 160 numbers."""

    circle: str
    code: str
    header_letter: str
    series160: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Languages of one area in the order to try them, and the one for a caller without a list."""

    ranked: tuple[str, ...]
    default: str


def circle_name(name: str) -> str | None:
    """The area meant by a name, alias or code."""
    return _circle_names().get(fold(name))


def operator_name(name: str) -> str | None:
    """The operator meant by a name or alias."""
    return _operator_names().get(fold(name))


def operator_names() -> list[str]:
    """The operators of the tables."""
    return list(_operators())


def present_operator(operator: str) -> str:
    """Who serves an operator's customers today: empty when it has closed, itself when unknown."""
    return _operators().get(operator, operator)


def language_name(name: str) -> str:
    """The language meant by a name, a misspelt name or a code; an unknown one stands for itself."""
    folded = fold(name)
    names = _language_names()
    found = names.get(folded)
    if found is None and _SUBTAGS.fullmatch(folded):
        found = names.get(folded.partition(" ")[0])
    return found or folded


def find_network(mcc: str, mnc: str) -> tuple[str, str] | None:
    """Operator and circle of a mobile network; zeros in front of a code may be missing."""
    networks = _networks()
    spellings = (mnc, mnc.zfill(2), mnc.zfill(3))
    return next((networks[mcc, code] for code in spellings if (mcc, code) in networks), None)


@cache
def areas() -> dict[str, Area]:
    """The service areas by name."""
    return {row[0]: Area(row[0], row[1], row[2], row[4]) for row in _area_rows()}


@cache
def circle_languages() -> dict[str, Spoken]:
    """The languages of each area, in the order of their ranks."""
    columns = ("circle", "rank", "language", "iso639_1", "iso639_3", "kind", "default")
    rows = sorted(read_table("circle_languages", columns), key=lambda row: int(row[1]))
    return {circle: _spoken([row for row in rows if row[0] == circle]) for circle in areas()}


def _spoken(rows: list[tuple[str, ...]]) -> Spoken:
    default = next(row[2] for row in rows if row[6] == "yes")
    return Spoken(tuple(row[2] for row in rows), default)


@cache
def _area_rows() -> list[tuple[str, ...]]:
    columns = ("circle", "code", "sms_header_letter", "category", "series160", "covers")
    return read_table("areas", (*columns, "default_language", "aliases"))


@cache
def _operator_rows() -> list[tuple[str, ...]]:
    columns = ("operator", "present_brand", "status", "successor", "date", "aliases")
    return read_table("operators", columns)


@cache
def _operators() -> dict[str, str]:
    return {row[0]: row[1].partition(" (")[0] for row in _operator_rows()}


@cache
def _circle_names() -> dict[str, str]:
    return _spellings((row[0], row[1], *row[7].split("|")) for row in _area_rows())


@cache
def _operator_names() -> dict[str, str]:
    return _spellings((row[0], *row[5].split("|")) for row in _operator_rows())


@cache
def _networks() -> dict[tuple[str, str], tuple[str, str]]:
    columns = ("mcc", "mnc", "operator", "circle", "present_brand", "in_use")
    return {(row[0], row[1]): (row[2], row[3]) for row in read_table("networks", columns)}


@cache
def _language_names() -> dict[str, str]:
    rows = read_table("language_names", ("alias", "language", "iso639_1", "iso639_3"))
    return {fold(row[0]): row[1] for row in rows}


def _spellings(rows: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Folded spelling to the first of each row; names win over other rows' aliases."""
    found: dict[str, str] = {}
    names = list(rows)
    for spellings in (names, ((row[0], row[0]) for row in names)):
        found |= {fold(text): name for name, *texts in spellings for text in texts if text}
    return found
