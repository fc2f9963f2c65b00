"""A caller's text in one plain form, before it is read.

Unicode NFKC; digits of any script become 0-9; every dash becomes `-`, every apostrophe `'`; every
kind of blank becomes one blank; invisible marks go; ends are trimmed; one trailing full stop or
danda is dropped. Letters keep their case.

>>> clean("  ४ नवंबर\u00a0२०२६।")
'4 नवंबर 2026'
>>> clean("4\u20132\u20112026 .")
'4-2-2026'
"""

from __future__ import annotations

from unicodedata import category, decimal, normalize

__all__ = ["clean"]

_APOSTROPHES = "\u2018\u2019\u02bc\u00b4`"
_MINUS = "\u2212"  # a sign, not a dash, to Unicode
_ENDS = (".", "\u0964")  # full stop, danda


def clean(text: str) -> str:
    """The text in its plain form."""
    if not text.isascii():
        text = "".join(map(_plain, normalize("NFKC", text)))
    text = " ".join(text.split())
    return text[:-1].rstrip() if text.endswith(_ENDS) else text


def _plain(character: str) -> str:
    if character.isascii():
        return character
    kind = category(character)
    if kind == "Nd":
        return str(decimal(character))
    if kind == "Pd" or character == _MINUS:
        return "-"
    if character in _APOSTROPHES:
        return "'"
    return "" if kind == "Cf" else character
