"""`number_types.csv`: which ten-digit numbers are mobile, fixed or either.

Read off the Indian number patterns of the installed phone library. Six digits decide the type of a
ten-digit number; the build stops when they no longer do.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import phonenumbers

from building.base import BuildError, Table

__all__ = ["number_types"]

FIRST, LAST = 100_000, 999_999
_ENDINGS = ("0000", "2468")  # of two digits that a pattern tells apart, one falls out here
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
    """Six-digit beginnings whose numbers match; all endings must say the same."""
    description = getattr(phonenumbers.PhoneMetadata.metadata_for_region("IN"), kind)
    pattern = re.compile(f"^(?:{description.national_number_pattern})$", re.MULTILINE | re.ASCII)
    found = [_with_ending(pattern, ending) for ending in _ENDINGS]
    if any(numbers != found[0] for numbers in found):
        raise BuildError(Path(phonenumbers.__file__), 1, f"six digits do not decide '{kind}'")
    return found[0]


def _with_ending(pattern: re.Pattern[str], ending: str) -> set[int]:
    numbers = "\n".join(f"{number}{ending}" for number in range(FIRST, LAST + 1))
    return {int(number[:6]) for number in pattern.findall(numbers)}
