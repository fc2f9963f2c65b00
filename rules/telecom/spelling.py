"""What people and spreadsheets write around a phone number's digits.

Here stands how text is made plain before any rule reads it, and which words mean "withheld". What
the digits then mean is the business of `contact` (records of customers and agents) and of
`number` (the numbering plan).

>>> plain(" ＋९१ 98480–12345 "), bare("+91 (0) 98480-12345")
('+91 98480-12345', '+9109848012345')
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["MASKS", "SEPARATORS", "WITHHELD", "bare", "plain"]

MASKS = "xX*#?•●"
"""Signs that hide a digit; `plain` turns the signs `…` and `‥` into `•`."""

WITHHELD = frozenset(
    {
        "",
        "-",
        "266696687",  # ANONYMOUS on a telephone keypad
        "anonymous",
        "blocked",
        "caller id blocked",
        "hidden",
        "no number",
        "none",
        "private",
        "restricted",
        "unavailable",
        "unknown",
        "withheld",
    }
)
"""What a network writes, in small letters, for a caller who does not show a number."""

_DOTS = str.maketrans("…‥", "••")  # compatibility forms of both are full stops, which are no masks
SEPARATORS = re.compile(r"[\s\-.()/]+")


def _fold(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return "-" if category == "Pd" or character == "\u2212" else character


def plain(text: str) -> str:
    """Text in compatibility form: digits 0-9, dashes as `-`, nothing invisible, trimmed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_DOTS))
        text = "".join(map(_fold, text))
    return text.strip()


def bare(text: str) -> str:
    """Plain text without blanks, dashes, dots, brackets and slashes."""
    return SEPARATORS.sub("", plain(text))
