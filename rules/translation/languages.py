"""Languages: every spelling a flow may use, to the code an engine wants, and back to a name.

A language is known by its name, by the spellings of `data/language_names.csv`, or by a code, also
one with a region (`hi-IN`). A language that stands in no row has no code: nothing is guessed and
no neighbour is taken instead.

>>> codes = Codes([Row("HINDI", "hi", "hi", "Hindi")], [("HINDUSTANI", "HINDI", "hi", "hin")])
>>> language_code(" hindustani", codes), language_code("HI_in", codes), language_code("hn", codes)
('hi', 'hi', None)
>>> language_name("hi-Latn", codes), language_name("xx", codes)
('Hindi', 'xx')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["COLUMNS", "Codes", "Row", "fold", "language_code", "language_name", "read_codes"]

COLUMNS = ("language", "google", "libre", "name")
ALIAS_COLUMNS = ("alias", "language", "iso639_1", "iso639_3")
_TAGGED = re.compile(r"([a-z]{2,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?\Z")
"""A code with a script, a region or both."""
_TRADITIONAL = dict.fromkeys(("zh-hant", "zh-hk", "zh-mo"), "zh-tw")
"""Spellings of written Chinese whose first part would name the other script."""


@dataclass(frozen=True)
class Row:
    """One language: as `findLanguage` writes it, its code for each engine, its English name."""

    language: str
    google: str
    libre: str
    name: str

    def code(self, engine: str) -> str:
        """The code for an engine; empty when the engine has none."""
        return self.libre if engine == "libre" else self.google


def fold(text: str) -> str:
    """A spelling without what makes no difference: case, `_` for `-`, runs of blanks."""
    return " ".join(text.replace("_", "-").split()).casefold()


class Codes:
    """The table of languages, ready to look things up; later rows replace earlier ones."""

    def __init__(self, rows: Iterable[Row], aliases: Iterable[Sequence[str]] = ()) -> None:
        self._languages = {fold(row.language): row for row in rows}
        self._names = {fold(row.name): row for row in self._languages.values()}
        self._codes: dict[str, Row] = {}
        self._aliases = tuple(tuple(alias) for alias in aliases)
        for row in self._languages.values():
            for code in (row.google, row.libre):
                self._codes.setdefault(fold(code), row)
        for alias, language, *iso in self._aliases:
            known = self._languages.get(fold(language))
            if known is not None:
                self._names.setdefault(fold(alias), known)
                for code in filter(None, iso):
                    self._codes.setdefault(fold(code), known)
        self._names |= self._languages

    def find(self, text: str) -> Row | None:
        """The row a text means: a name first, then a code, then a code's first part."""
        return self._names.get(fold(text)) or self.find_code(text)

    def find_code(self, code: str) -> Row | None:
        """The row of a code, whole or by its first part."""
        folded = fold(code)
        folded = _TRADITIONAL.get(folded, folded)
        found = self._codes.get(folded)
        if found is None and (tagged := _TAGGED.match(folded)):
            found = self._codes.get(tagged[1])
        return found

    def extended(self, changes: Mapping[str, Row]) -> Codes:
        """This table with an account's own rows added, or put in place of those it names."""
        if not changes:
            return self
        return Codes([*self._languages.values(), *changes.values()], self._aliases)


def language_code(text: str, codes: Codes | None = None, engine: str = "google") -> str | None:
    """The engine's code for a language in any spelling; `None` when it has none."""
    row = (codes or read_codes()).find(text)
    return (row.code(engine) or None) if row else None


def language_name(code: str, codes: Codes | None = None) -> str:
    """The English name of a code an engine gave back; a code without a name as it is."""
    row = (codes or read_codes()).find_code(code)
    return row.name if row else code


@lru_cache(maxsize=1)
def read_codes() -> Codes:
    """The built-in table, read on first use."""
    rows = [Row(*cells) for cells in read_table("translation_codes", COLUMNS)]
    return Codes(rows, read_table("language_names", ALIAS_COLUMNS))
