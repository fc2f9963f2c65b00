r"""Cells of a CSV report: no control characters, and nothing a spreadsheet would run.

A cell that begins like a formula gets `'` in front, unless the whole cell is a plain number with a
sign. Line breaks and tabs inside a cell stay.

>>> csv_cell("+91 98480"), csv_cell("a\x00b"), plain_cell("'=1+1")
("'+91 98480", 'a b', '=1+1')
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["csv_cell", "is_plain", "joined", "plain_cell"]

_STARTS = "=+\\-@\t\r\n＝＋－＠"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_RISKY = re.compile(f"[{_STARTS}]")
_SIGNED_NUMBER = re.compile(r"[+-][0-9]+(?:\.[0-9]+)?\Z")
_ATTENTION = re.compile(rf"(?:\A|\x1e)[{_STARTS}]|[\x00-\x1d\x1f\x7f-\x9f\",]")
"""What may need a guard, a blank or quotes, in values glued together."""
_GUARDED = re.compile(f"\x1e[{_STARTS}]")
_GLUE = "\x1e"  # a control character, so a cell that holds it is looked at again


def csv_cell(value: str) -> str:
    """The cell for a value (the `csv` module adds quotes where they are needed)."""
    cell = _CONTROL.sub(" ", value)
    if _RISKY.match(cell) and not _SIGNED_NUMBER.match(cell):
        return "'" + cell
    return cell


def plain_cell(cell: str) -> str:
    """The value of a cell written by `csv_cell`: without the guard."""
    if cell[:1] == "'" and _RISKY.match(cell, 1) and not _SIGNED_NUMBER.match(cell, 1):
        return cell[1:]
    return cell


def is_plain(values: Iterable[str]) -> bool:
    """Does none of many values need a guard or a blank? A quick look; "no" may mean "perhaps"."""
    all_values = list(values)
    glued = _GLUE.join(("", *all_values))
    return _GUARDED.search(glued) is None and "".join(all_values).isprintable()


def joined(values: Sequence[str]) -> str | None:
    """The values as one line when none needs a guard or quotes, else `None`: a quick way."""
    glued = _GLUE.join(values)
    if _ATTENTION.search(glued):
        return None
    line = glued.replace(_GLUE, ",")
    return line if line.count(",") == len(values) - 1 > 0 else None
