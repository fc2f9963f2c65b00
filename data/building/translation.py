"""translation_codes: languages that can be translated, with each engine's code and the name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from building.base import Output, Source, Table, read_source
from rules.translation.languages import COLUMNS, fold

__all__ = ["build"]

_SECTION = """\
Which languages `translateText` knows, and under which code each engine knows them. A language
without a row is refused before anything is sent. Further spellings of the names are those of
`language_names.csv`. A code stands here whether or not a given LibreTranslate server has the model
for it: the server says so itself.
"""


def build(folder: Path, _: Mapping[str, Source]) -> Output:
    """The table `translation_codes`; a language, code or name that stands twice is refused."""
    rows = read_source(folder, "translation_codes.csv", COLUMNS)
    for column in COLUMNS:
        seen: set[str] = set()
        for row in rows:
            text = fold(row[column])
            if not text or text in seen:
                raise row.wrong(f"{column} '{row[column]}' is blank or stands twice")
            seen.add(text)
    cells = sorted(tuple(row[column] for column in COLUMNS) for row in rows)
    sources = ("translate_google", "translate_libre")
    table = Table("translation_codes.csv", COLUMNS, cells, "languages and codes", sources)
    return Output("Translation", [table], _SECTION)
