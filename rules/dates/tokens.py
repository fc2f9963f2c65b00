"""A caller's words as tokens: names that the grammar can be written in, with their values.

A token is named after the kind of its word in the word table, or after its shape:

| name | what | | name | what |
| --- | --- | --- | --- | --- |
| `one` | a number of one digit, or a word | | `ordinal` | `4th`, `fourth` |
| `dozen` | two digits up to 12 | | `apostrophe` | `'26` |
| `two` | two digits above 12 | | `numeric` | `4/11/2026`, `4-11`, `2026-11-4` |
| `three`, `four` | more digits | | `clock`, `dotted` | `17:00:30`, `5.30` |
| `a` | a, an: one of a unit | | `sep` | a hyphen or slash |

Words that mean nothing are gone; a word or sign nobody knows makes the text unreadable.

>>> [token.name for token in find_tokens("kal shaam ko 5 baje")]
['shift', 'part', 'one', 'oclock']
>>> find_tokens("twenty-first december")[0]
Token(name='ordinal', value=21, text='')
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from rules.dates.reading import DateUnreadable
from rules.dates.wordlist import begins_phrase, find_word

__all__ = ["Token", "find_tokens"]

_MOST = 16  # tokens; no sentence of the grammar is near it
_TENS = {20, 30}
_NAMED_BY_VALUE = {"unit", "direction"}
_LETTERS = r"[^\s\d!-/:-@\[-`{-~]+"
_SHAPES = rf"""
  (?P<numeric>
     (?<![\d./*:+'-])
     (?: \d{{4}}(?P<a>[-/.])\d{{1,2}}(?P=a)\d{{1,2}}
       | \d{{1,2}}(?P<b>[-/.*\ ])\d{{1,2}}(?P=b)(?:\d{{4}}|\d\d)
       | \d{{1,2}}[-/*]\d{{1,2}} )
     (?: t(?=\d\d?:) | (?![\w./*:'-]) ) )
| (?P<clock> \d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?![\d:])
     (?:\ ?(?: z(?!\w) | \+\d\d(?::?\d\d)?(?!\d) ))? )
| (?P<dotted> \d\d?\.\d\d(?![\d.:]) )
| (?P<ordinal> \d\d?(?=(?:st|nd|rd|th)(?!\w)).. )
| (?P<apostrophe> '\d\d(?!\d) )
| (?P<number> \d{{1,4}}(?!\d) )
| (?P<meridiem> [ap]\.m\.? )
| (?P<word> {_LETTERS}(?:'{_LETTERS})*\.? )
| (?P<sep> [-/] )
| (?P<blank> [ ,] )
| (?P<unknown> . )
"""


class Token(NamedTuple):
    """One token: the name it has in the grammar, its value, and what was written."""

    name: str
    value: int
    text: str


def find_tokens(text: str) -> list[Token]:
    """Tokens of a clean text in lower case; `DateUnreadable` for anything unknown."""
    raw = [
        (shape, match[0])
        for match in _shapes().finditer(text)
        if (shape := match.lastgroup or "") != "blank"
    ]
    tokens: list[Token] = []
    at = 0
    while at < len(raw):
        shape, said = raw[at]
        at += 1
        if shape == "word" and begins_phrase(said):
            phrase, taken = _phrase(raw, at - 1)
            said, at = phrase or said, at - 1 + taken
        token = _token(shape, said)
        if token.name != "filler":
            _append(tokens, token)
        if len(tokens) > _MOST:
            raise DateUnreadable
    return tokens


@cache
def _shapes() -> re.Pattern[str]:
    return re.compile(_SHAPES, re.VERBOSE | re.DOTALL)


def _phrase(raw: list[tuple[str, str]], start: int) -> tuple[str, int]:
    """The longest phrase of the word table that begins here, and how many raw tokens it takes."""
    words: list[str] = []
    best, taken = "", 1
    for count, (shape, said) in enumerate(raw[start : start + 6], start=1):
        if shape == "word":
            words.append(said)
            if len(words) > 1 and find_word(phrase := " ".join(words)):
                best, taken = phrase, count
        elif said != "-":
            break
    return best, taken


@lru_cache(maxsize=2048)
def _token(shape: str, said: str) -> Token:
    if shape == "word":
        return _word(said)
    if shape == "number":
        return Token(_number_name(said), int(said), said)
    if shape == "ordinal":
        return Token("ordinal", int(said[:-2]), said)
    if shape == "apostrophe":
        return Token(shape, int(said[1:]), said)
    if shape == "unknown":
        raise DateUnreadable
    return Token(shape, 0, said.replace(".", "") if shape == "meridiem" else said)


def _number_name(digits: str) -> str:
    if len(digits) == 2:
        return "dozen" if int(digits) <= 12 else "two"
    return {1: "one", 3: "three", 4: "four"}[len(digits)]


def _word(said: str) -> Token:
    found = find_word(said.rstrip("."))
    if found is None:
        raise DateUnreadable
    kind, value = found
    if kind == "number":
        return _number_word(value)
    if kind == "part":
        name = {"am": "meridiem", "pm": "meridiem", "noon": "named", "midnight": "named"}
        return Token(name.get(value, kind), 0, value)
    if kind == "half":
        return Token("halves" if ":" in value else kind, 0, value)
    if kind in _NAMED_BY_VALUE:
        return Token(value, 0, value)
    if kind == "filler":
        return Token(value or kind, 0, value)
    return Token(kind, int(value), said)


def _number_word(value: str) -> Token:
    if value == "a":
        return Token("a", 1, value)
    if value.isdecimal():
        return Token("one", int(value), "")
    return Token("ordinal", int(value[:-2]), "")


def _append(tokens: list[Token], token: Token) -> None:
    """Add a token; `twenty` and `one` or `first`, with or without a hyphen, become one number."""
    if token.name in {"one", "ordinal"} and not token.text and 0 < token.value < 10:
        hyphen = bool(tokens) and tokens[-1].text == "-"
        tens = tokens[-1 - hyphen] if len(tokens) > hyphen else token
        if tens.name == "one" and not tens.text and tens.value in _TENS:
            del tokens[-1 - hyphen :]
            token = Token(token.name, tens.value + token.value, "")
    tokens.append(token)
