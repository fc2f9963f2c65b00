"""date_words: every word a date may be said with, one spelling a row.

The source has one row per meaning and a column per script; spellings are separated by `|` and
written as people write them. Here they are folded as the reader folds them, so a spelling that the
folding already covers is not listed twice. Two meanings of one kind for one word are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from building.base import Output, Source, Table, read_source
from rules.dates.wordlist import COLUMNS, ENGLISH, fold

__all__ = ["build"]

_SCRIPTS = {"english": ENGLISH, "hindi_roman": "hi-Latn", "devanagari": "hi-Deva"}
_SECTION = """\
Words that dates, weekdays and clock times are said with: English, and Hindi in Roman letters and
Devanagari. To add a spelling, write it as people write it into `data/sources/date_words.csv` and
build: spellings which the folding of `rules/dates/wordlist.py` makes equal become one row, and a
word that would get two meanings is refused. A further language is one more column.

| source | what |
| --- | --- |
| `agreed` | the word list agreed on when the date reader was specified |
| `variant` | further spellings of callers and speech recognisers: dropped letters, local names |

Licence: the project's own.
"""


def build(folder: Path, _: Mapping[str, Source]) -> Output:
    """The table `date_words`."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in read_source(folder, "date_words.csv", ("kind", "value", *_SCRIPTS, "source")):
        for column, script in _SCRIPTS.items():
            for spelling in filter(None, row[column].split("|")):
                word = spelling if script == ENGLISH else fold(spelling)
                new = (word, script, row["kind"], row["value"], row["source"])
                old = found.setdefault((script, word), new)
                if old[2:4] != new[2:4]:
                    raise row.wrong(f"'{word}' is {old}")
    table = Table("date_words.csv", COLUMNS, sorted(found.values()), "one spelling a row")
    return Output("Words of dates", [table], _SECTION)
