"""What a list row gets: the added cells, and the different answers of a run, each kept once.

Lists have many rows and few different answers, so an answer is worked out once and then pointed at.

>>> from rules.telecom.lookup import lookup
>>> cells(lookup("98480 12345"), ["TELGU"])[:5]
('MOBILE', '+919848012345', 'IDEA', 'VI', 'ANDHRA PRADESH')
>>> answers = Answers()
>>> answers.place(lookup("9848012345")) == answers.place(lookup("98480 99999"))
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rules.telecom.language import choose_language
from rules.telecom.lookup import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rules.telecom.live import LiveAnswer
    from rules.telecom.model import Language, Lookup
    from rules.telecom.settings import TelecomSettings

__all__ = ["ADDED", "Answers", "Asker", "cells", "entries"]

ADDED = (
    "class",
    "e164",
    "operator",
    "operator_now",
    "circle",
    "circle_confidence",
    "language",
    "language_basis",
    "reason",
)
"""The columns a row can get, in their order."""


def cells(
    found: Lookup, languages: Iterable[str] | None = None, settings: TelecomSettings = DEFAULT
) -> tuple[str, ...]:
    """The texts of `ADDED` for a number that was looked up; empty for what is not known."""
    line, operator, now, circle, grade, reason = _facts(found, settings)
    language = choose_language(found, languages, settings)
    name, basis = language.name, language.basis.value
    return line, found.e164, operator, now, circle, grade, name, basis, reason


def entries(text: str) -> list[str]:
    """The entries of a list of languages written as text, separated by `,` or `;`."""
    return [entry for entry in text.replace(";", ",").split(",") if entry.strip()]


def _facts(found: Lookup, settings: TelecomSettings) -> tuple[str, ...]:
    """Class, operator, operator now, circle, its grade, reason: all but number and language."""
    record = found.record
    shown = record.at(settings.min_confidence)
    return (
        record.number_class.value,
        settings.label(shown.operator),
        settings.label(shown.operator_now),
        shown.circle.upper(),
        record.circle_confidence.value if record.circle_confidence else "",
        record.reason.value if record.reason else "",
    )


class Asker(Protocol):
    """Asks a live source about the numbers of a list while `left` is above 0."""

    @property
    def left(self) -> int:
        """How many more questions may be asked."""
        ...

    def __call__(self, found: Lookup) -> LiveAnswer | None:
        """What it says about a number already looked up."""
        ...


class Answers:
    """Different answers of a run, by place; equal ones share a place, which never changes."""

    def __init__(self, settings: TelecomSettings = DEFAULT) -> None:
        self._settings = settings
        self._places: dict[tuple[object, ...], int] = {}
        self._lookups: list[Lookup] = []
        self.facts: list[tuple[str, ...]] = []
        """By place: class, operator, operator now, circle, its grade, reason."""
        self.has_e164: list[bool] = []
        """By place: do numbers with this answer have an international form?"""

    def __len__(self) -> int:
        return len(self._lookups)

    def place(self, found: Lookup) -> int:
        """The place of a number's answer."""
        record, reached = found.record, bool(found.e164)
        key = (
            record.number_class,
            record.operator,
            record.operator_now,
            record.operator_confidence,
            record.circle,
            record.circle_confidence,
            record.reason,
            found.language,
            reached,
        )
        place = self._places.setdefault(key, len(self._lookups))
        if place == len(self._lookups):
            self._lookups.append(found)
            self.facts.append(_facts(found, self._settings))
            self.has_e164.append(reached)
        return place

    def language(self, place: int, languages: Sequence[str] | None) -> Language:
        """The language of an answer, within a list."""
        return choose_language(self._lookups[place], languages, self._settings)
