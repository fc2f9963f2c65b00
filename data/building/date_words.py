"""date_words: every word a date may be said with, one spelling a row.

The source has one row per meaning and a column per script; spellings are separated by `|` and
written as people write them. Here they are folded as the reader folds them, so a spelling that the
folding already covers is not listed twice. Two meanings of one kind for one word are refused.
"""

from __future__ import annotations

from building.table import Table, TableMistake, read_source
from rules.dates.wordlist import COLUMNS, ENGLISH, fold

__all__ = ["build"]

_SCRIPTS = {"english": ENGLISH, "hindi_roman": "hi-Latn", "devanagari": "hi-Deva"}


def build() -> list[Table]:
    """The table `date_words`."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for line, row in enumerate(read_source("date_words"), start=2):
        for column, script in _SCRIPTS.items():
            for spelling in filter(None, row[column].split("|")):
                word = spelling if script == ENGLISH else fold(spelling)
                new = (word, script, row["kind"], row["value"], row["source"])
                old = found.setdefault((script, word), new)
                if old[2:4] != new[2:4]:
                    raise TableMistake(f"sources/date_words.csv, line {line}: '{word}' is {old}")
    return [Table.sorted("date_words", COLUMNS, found.values())]
