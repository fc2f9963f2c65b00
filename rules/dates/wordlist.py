"""The words of dates: what a word means, whoever wrote it and in whichever script.

The table is `data/date_words.csv`, read on first use. English is looked up as written. Only then
a word in Roman letters is folded the way Hindi is spelled by ear and looked up again, so `somwaar`
and `somvar` are one word, and `sat` is Saturday while `saat` is seven. In Devanagari, letters with
and without nukta compare equal, and so do chandrabindu and anusvara.

>>> weekday_of("Somwaar"), weekday_of("sat"), weekday_of("शुक्रवार"), weekday_of("saat")
(0, 5, 4, None)
>>> find_word("saat")
Word(kind='number', value='7')
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple
from unicodedata import normalize

from rules.tables import read_table

__all__ = [
    "COLUMNS",
    "ENGLISH",
    "Word",
    "begins_phrase",
    "english_months",
    "find_word",
    "fold",
    "weekday_of",
]

COLUMNS = ("word", "script", "kind", "value", "source")
ENGLISH = "en-Latn"
"""Script of the words that are never folded."""

_FOLDS = (
    (re.compile("w"), "v"),
    (re.compile("z"), "j"),
    (re.compile("ph"), "f"),
    (re.compile("(?:ch+)+"), "ch"),
    (re.compile("aa+"), "a"),
    (re.compile("ee+"), "i"),
    (re.compile("oo+"), "u"),
    (re.compile(r"([b-df-hj-np-tv-z])\1+"), r"\1"),
)
_MARKS = {0x093C: None, 0x0901: 0x0902}  # nukta: dropped; chandrabindu: anusvara
_LONGEST = 40  # characters; no word or phrase of the table is near it


class Word(NamedTuple):
    """What a word of the table means: its kind (`weekday`, `month`, ...) and value."""

    kind: str
    value: str


def fold(word: str) -> str:
    """One spelling for the many that a word other than English has; lower case."""
    word = normalize("NFKC", word.casefold()).translate(_MARKS)
    for pattern, put in _FOLDS:
        word = pattern.sub(put, word)
    return word


def find_word(word: str) -> Word | None:
    """The meaning of a word or phrase, in any case; `None` when the table lacks it."""
    return _find(word) if len(word) <= _LONGEST else None


@lru_cache(maxsize=2048)
def _find(word: str) -> Word | None:
    english, other = _words()
    return english.get(word.casefold()) or other.get(fold(word))


@lru_cache(maxsize=2048)
def begins_phrase(word: str) -> bool:
    """Whether an entry of several words (`day after tomorrow`) begins with this one."""
    return word.casefold() in _heads() or fold(word) in _heads()


def weekday_of(word: str) -> int | None:
    """Number of the weekday named (Monday is 0), in English, Hindi or a short English form."""
    found = find_word(word)
    return int(found.value) if found and found.kind == "weekday" else None


@cache
def english_months() -> dict[str, int]:
    """Number of each English month name, long and short, in the usual three ways to write it."""
    months = {name: word.value for name, word in _words()[0].items() if word.kind == "month"}
    return {
        written: int(value)
        for name, value in months.items()
        for written in (name, name.capitalize(), name.upper())
    }


@cache
def _words() -> tuple[dict[str, Word], dict[str, Word]]:
    """English words, and all others as folded."""
    english: dict[str, Word] = {}
    other: dict[str, Word] = {}
    for word, script, kind, value, _source in read_table("date_words", COLUMNS):
        (english if script == ENGLISH else other)[word] = Word(kind, value)
    return english, other


@cache
def _heads() -> frozenset[str]:
    return frozenset(entry.split()[0] for words in _words() for entry in words if " " in entry)
