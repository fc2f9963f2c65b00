"""The numbering plan and the blocks, read from `data/` on first use and kept.

A table of another shape, or with a word that is not known, is refused with its file and line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from rules.errors import BadTable
from rules.tables import manifest, read_table
from rules.telecom.words import CallBack, Confidence, NumberClass

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EITHER", "FIXED", "MOBILE", "Landline", "Plan", "Series", "plan"]

MOBILE, FIXED, EITHER = 1, 2, 3
"""Types of ten-digit numbers, as in `Plan.types`; 0 is not in the plan."""
_TYPES = {"mobile": MOBILE, "fixed": FIXED, "either": EITHER}
_LARGEST = 1_000_000
_SPECIAL = (
    NumberClass.PROMOTION,
    NumberClass.SERVICE_GOVERNMENT,
    NumberClass.SERVICE_FINANCIAL,
    NumberClass.TOLL_FREE,
    NumberClass.SHARED_COST,
    NumberClass.PREMIUM,
)


class Series(Struct, frozen=True, eq=False):
    """What is known of mobile series; the grades are of operator and circle.

    Series of which the same is known share one object, so that identity tells them apart.
    """

    operator: str
    circle: str
    operator_confidence: Confidence | None
    circle_confidence: Confidence | None
    sources: tuple[str, ...]
    state: str


class Landline(Struct, frozen=True, eq=False):
    """One area code of fixed lines; told apart by identity."""

    place: str
    state: str
    circle: str
    confidence: Confidence | None


@dataclass(frozen=True)
class Plan:
    """The numbering plan: types by first six digits, series and area codes by prefix, classes."""

    types: bytearray
    series: dict[str, Series]
    landlines: dict[str, Landline]
    special: tuple[tuple[NumberClass, Callable[[str], object]], ...]
    is_special: Callable[[str], object]
    call_back: dict[NumberClass, CallBack]
    landline_state: str
    class_state: str

    def special_class(self, national: str) -> NumberClass | None:
        """The class with a pattern of its own that these digits belong to."""
        if not self.is_special(national):
            return None
        return next(name for name, fits in self.special if fits(national))

    def find_series(self, national: str) -> Series | None:
        """The series of a mobile number: longest prefix, five digits then four."""
        return self.series.get(national[:5]) or self.series.get(national[:4])

    def find_landline(self, national: str) -> tuple[str, Landline] | None:
        """Area code of a fixed number and what is known of it: four digits, three, two."""
        for length in (4, 3, 2):
            if found := self.landlines.get(national[:length]):
                return national[:length], found
        return None


@cache
def plan() -> Plan:
    """The whole plan; the first call reads the tables."""
    states = manifest()
    classes = _classes()
    special = [
        (name, pattern)
        for name, pattern, _ in classes
        if name in _SPECIAL and not pattern.startswith("^000")
    ]
    return Plan(
        types=_types(),
        series=_series(),
        landlines=_landlines(),
        special=tuple((name, re.compile(pattern).match) for name, pattern in special),
        is_special=re.compile("|".join(pattern for _, pattern in special)).match,
        call_back={name: back for name, _, back in classes},
        landline_state=states["landlines.csv"]["newest"],
        class_state=states["number_classes.csv"]["newest"],
    )


def _types() -> bytearray:
    types = bytearray(_LARGEST)
    for line, (first, last, kind) in enumerate(
        read_table("number_types", ("from", "to", "type")), start=2
    ):
        try:
            start, end = int(first), int(last) + 1
            types[start:end] = bytes((_TYPES[kind],)) * (end - start)
        except (KeyError, ValueError):
            raise BadTable(f"number_types.csv, line {line}: no range of a known type") from None
    return types


def _series() -> dict[str, Series]:
    columns = ("prefix", "operator", "circle", "operator_confidence", "circle_confidence")
    found: dict[str, Series] = {}
    known: dict[tuple[str, ...], Series] = {}
    for line, row in enumerate(read_table("circles", (*columns, "sources", "state")), start=2):
        prefix, *facts = row
        operator, circle, operator_grade, circle_grade, sources, state = facts
        if operator_grade not in _GRADES or circle_grade not in _GRADES:
            raise BadTable(f"circles.csv, line {line}: a grade that is not known")
        grades = _GRADES[operator_grade], _GRADES[circle_grade]
        if (same := known.get(tuple(facts))) is None:
            ids = tuple(sources.split(";"))
            same = known[tuple(facts)] = Series(operator, circle, *grades, ids, state)
        found[prefix] = same
    return found


def _landlines() -> dict[str, Landline]:
    columns = ("area_code", "place", "state_name", "circle", "circle_confidence")
    found = {}
    for line, (code, place, state, circle, grade) in enumerate(
        read_table("landlines", columns), start=2
    ):
        if grade not in _GRADES:
            raise BadTable(f"landlines.csv, line {line}: a grade that is not known")
        found[code] = Landline(place, state, circle, _GRADES[grade])
    return found


def _classes() -> list[tuple[NumberClass, str, CallBack]]:
    found = []
    rows = read_table("number_classes", ("class", "pattern", "length", "can_be_called_back"))
    for line, (name, pattern, _, back) in enumerate(rows, start=2):
        try:
            found.append((NumberClass(name), pattern, CallBack(back)))
        except ValueError as error:
            raise BadTable(f"number_classes.csv, line {line}: {error}") from None
    return found


_GRADES: dict[str, Confidence | None] = {"": None, **{grade: grade for grade in Confidence}}
