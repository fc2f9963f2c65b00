"""What a live source says about one number. Asking is done elsewhere; here is only the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.telecom.words import NumberClass, Source

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["LiveAnswer"]

_CELLULAR = ("CELL", "CELLULAR", "WIRELESS")
_WIRED = ("WIRELINE", "FIXEDLINE")


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """Operator and circle by any name the tables know; `None`: the source does not say.

    `asked_at` is aware; its day becomes the state date of the answer.
    """

    operator: str | None
    circle: str | None
    ported: bool | None
    line_type: str | None
    asked_at: datetime

    @property
    def number_class(self) -> NumberClass | None:
        """The class its line type means: mobile, landline, or nothing that is known."""
        word = " ".join((self.line_type or "").upper().replace("_", " ").split())
        if word in _CELLULAR or Source.read(word) is Source.MOBILE:
            return NumberClass.MOBILE
        if word in _WIRED or Source.read(word) is Source.LANDLINE:
            return NumberClass.LANDLINE
        return None
