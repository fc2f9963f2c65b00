"""Placeholders survive: variables, braces, format marks and addresses are never translated.

Each is replaced by a mark `[[n]]` before the text is sent, and put back afterwards, whatever the
engine did to brackets, blanks and digits. A mark that is lost or doubled is noticed; then the
pieces between the placeholders are translated on their own.

>>> protected = protect("Hello $flow.key.name, pay at https://go.example/a1")
>>> protected.marked
'Hello [[0]], pay at [[1]]'
>>> protected.restore("नमस्ते [[०]], [[ 1 ]] पर भुगतान करें")
'नमस्ते $flow.key.name, https://go.example/a1 पर भुगतान करें'
>>> protect("Dear {name}!").restore("प्रिय!") is None
True
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.variables import Variable, Variables, read_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Protected", "has_letter", "protect"]

_FIXED = re.compile(
    r"""
      (?i:https?)://[^\s)\]}>]+
    | \{\{[^{}]*\}\} | \$?\{[^{}]*\}                                    # braces
    | % (?: \d+\$[A-Za-z] | \(\w+\)[A-Za-z] | 0\d+d | \d*\.\d+[fdeg] )  # numbered, named, sized
    | (?<!\d)%[sd] | %[sd](?![A-Za-z])                                  # but not "50%discount"
    | (?<![\w.%+-])[\w.%+-]+@[\w-]+(?:\.[\w-]+)+                        # a@b.example
    """,
    re.VERBOSE,
)
_MARK = re.compile(r"[\[［]{2}\s*(\d{1,6})\s*[\]］]{2}")
_MARK_LIKE = re.compile(r"[\[［]{2}\s*\d")
_NO_VARIABLES = Variables()


def has_letter(text: str) -> bool:
    """Is there a letter of any script in the text?"""
    return any(map(str.isalpha, text))


@dataclass(frozen=True)
class Protected:
    """A text cut into what may be translated (`plain`) and what stays (`kept`), in turns.

    There is one plain part more than kept ones: plain, kept, plain, ..., plain.
    """

    plain: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def translatable(self) -> bool:
        """Is there anything to translate at all?"""
        return any(map(has_letter, self.plain))

    @property
    def unmarkable(self) -> bool:
        """Does the text itself hold what would be taken for a mark?"""
        return bool(self.kept) and any(map(_MARK_LIKE.search, self.plain))

    @property
    def marked(self) -> str:
        """The text to send: a mark for each kept part."""
        return _joined(self.plain, [f"[[{n}]]" for n in range(len(self.kept))])

    def restore(self, translated: str) -> str | None:
        """The kept parts put in for the marks; `None` unless every mark is there exactly once."""
        if not self.kept:
            return translated
        parts = _MARK.split(translated)
        marks = [int(number) for number in parts[1::2]]
        if sorted(marks) != list(range(len(self.kept))):
            return None
        parts[1::2] = [self.kept[mark] for mark in marks]
        return "".join(parts)

    @property
    def pieces(self) -> tuple[str, ...]:
        """The plain parts that hold a letter: what is sent when marks do not survive."""
        return tuple(filter(has_letter, self.plain))

    def assemble(self, translated: Sequence[str]) -> str:
        """Translated pieces and kept parts in the old order; blanks at the ends of pieces stay."""
        answers = iter(translated)
        plain = [
            _same_ends(part, next(answers)) if has_letter(part) else part for part in self.plain
        ]
        return _joined(plain, self.kept)


def _joined(plain: Sequence[str], between: Sequence[str]) -> str:
    """Plain parts with the others between them."""
    return "".join(part for pair in zip(plain, [*between, ""], strict=True) for part in pair)


def _same_ends(original: str, translated: str) -> str:
    """The translation with the blanks that stood at the ends of the original."""
    core = original.strip()
    start = original.index(core)
    return original[:start] + translated.strip() + original[start + len(core) :]


def protect(text: str, variables: Variables = _NO_VARIABLES) -> Protected:
    """Cut a text; the leftmost placeholder wins, and a longer one around it."""
    plain, kept, done = [], [], 0
    for start, end in _spans(text, variables):
        if start >= done:
            plain.append(text[done:start])
            kept.append(text[start:end])
            done = end
    return Protected((*plain, text[done:]), tuple(kept))


def _spans(text: str, variables: Variables) -> list[tuple[int, int]]:
    """Where placeholders stand, by their beginning, longer ones first."""
    spans = [found.span() for found in _FIXED.finditer(text)]
    place = 0
    for piece in read_pieces(text, variables):
        written = piece if isinstance(piece, str) else piece.written
        if isinstance(piece, Variable):
            spans.append((place, place + len(written)))
        place += len(written)
    return sorted(spans, key=lambda span: (span[0], -span[1]))
