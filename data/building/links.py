"""previews: words by which fetchers of link previews, crawlers and programs name themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from building.base import Output, Source, Table, read_source

__all__ = ["build"]

_COLUMNS = ("word", "who")
_SECTION = """\
A click on a short link whose User-Agent holds one of these words, in any case, is a machine's: it
is redirected like any other, but not counted as a person's. To add a word, write it in small
letters into `data/sources/previews.csv` and build. The longer a word, the fewer people it wrongs.

Licence: the project's own.
"""


def build(folder: Path, _: Mapping[str, Source]) -> Output:
    """The table `previews`; a word that is not in small letters or never needed is refused."""
    words: list[tuple[str, str]] = []
    for row in read_source(folder, "previews.csv", _COLUMNS):
        word = row["word"]
        if word != word.strip().casefold() or len(word) < 3:
            raise row.wrong(f"'{word}' must be three or more small letters")
        if held := next((known for known, _ in words if known in word), None):
            raise row.wrong(f"'{word}' is found by '{held}' already")
        words.append((word, row["who"]))
    return Output(
        "Link previews", [Table("previews.csv", _COLUMNS, words, "one word a row")], _SECTION
    )
