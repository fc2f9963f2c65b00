"""A text that shows itself to nobody by accident.

>>> token = Secret("s3cr3t-value")
>>> token, f"{token}", str(token), token.reveal() == "s3cr3t-value"
(***, '***', '***', True)
"""

from __future__ import annotations

from typing import Any

__all__ = ["MASK", "Secret"]

MASK = "***"


class Secret:
    """Wraps a text; `repr`, `str`, formatting and pickling never give it away, `reveal` does."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: only where it is sent or compared."""
        return self._text

    def __repr__(self) -> str:
        return MASK

    def __format__(self, _: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not written anywhere")
