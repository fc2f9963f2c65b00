"""`number_types.csv`: which ten-digit numbers are mobile, fixed or either.

Read off the Indian number patterns of the installed phone library. Six digits decide the type of a
ten-digit number; a test fails when they no longer do.
"""

from __future__ import annotations

import re
from itertools import groupby

import phonenumbers

from building.base import Table

__all__ = ["decided_by_six", "number_types"]

FIRST, LAST = 100_000, 999_999
ENDINGS = ("0000", "2468", "5713", "9999")
_TYPES = {(True, False): "mobile", (False, True): "fixed", (True, True): "either"}


def number_types(source: str) -> Table:
    """Ranges of six-digit beginnings by type; what is in none is not in the plan."""
    mobile, fixed = _matching("mobile"), _matching("fixed_line")
    typed = [
        (number, kind)
        for number in range(FIRST, LAST + 1)
        if (kind := _TYPES.get((number in mobile, number in fixed)))
    ]
    rows = []
    for (kind, _), group in groupby(
        enumerate(typed), key=lambda place: (place[1][1], place[1][0] - place[0])
    ):
        numbers = [number for _, (number, _) in group]
        rows.append((str(numbers[0]), str(numbers[-1]), kind))
    about = "type of a ten-digit number by its first six digits"
    more = {"phonenumbers": phonenumbers.__version__}
    return Table("number_types.csv", ("from", "to", "type"), rows, about, (source,), more=more)


def _matching(kind: str) -> set[int]:
    """Six-digit beginnings whose numbers match."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region("IN")
    return _with_ending(getattr(plan, kind).national_number_pattern, ENDINGS[0])


def decided_by_six(pattern: str, step: int = 1) -> bool:
    """Do all ten-digit numbers of one beginning match, or none? Asks every `step`-th beginning."""
    first = _with_ending(pattern, ENDINGS[0], step)
    return all(_with_ending(pattern, ending, step) == first for ending in ENDINGS[1:])


def _with_ending(pattern: str, ending: str, step: int = 1) -> set[int]:
    """Six-digit beginnings whose number with this ending matches."""
    expression = re.compile(f"^(?:{pattern})$", re.MULTILINE | re.ASCII)
    numbers = "\n".join(f"{number}{ending}" for number in range(FIRST, LAST + 1, step))
    return {int(number[:6]) for number in expression.findall(numbers)}
