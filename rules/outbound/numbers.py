"""The numbers of one call, best first: alternates the dialler tries in turn.

A blank does not separate: people write numbers in groups.

>>> read_numbers("91987654 3210; 09876500001|98765XXXXX")
Numbers(usable=('919876543210', '919876500001'), refused=('MASKED_NUMBER',))
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rules.errors import UnreadableNumber
from rules.telecom.contact import agent_number

__all__ = ["Numbers", "read_numbers", "split_numbers"]

_SEPARATORS = re.compile(r"[,;|\r\n\v\f\x85\u2028\u2029]+")


class Numbers(NamedTuple):
    """Usable numbers as digits with country code, and why others were left out."""

    usable: tuple[str, ...]
    refused: tuple[str, ...]


def split_numbers(text: str) -> list[str]:
    """The parts of a text that should be numbers, as written."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def read_numbers(text: str) -> Numbers:
    """Every number of a text once, in order; the reasons of those that cannot be called, once."""
    usable: dict[str, None] = {}
    refused: dict[str, None] = {}
    for part in split_numbers(text):
        try:
            usable[agent_number(part)] = None
        except UnreadableNumber as error:
            refused[error.code] = None
    return Numbers(tuple(usable), tuple(refused))
