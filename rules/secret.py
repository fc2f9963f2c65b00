"""A text that shows itself to nobody by accident, and the mask over one in another text.

>>> token = Secret("s3cr3t-value")
>>> token, f"{token}", str(token), token.reveal() == "s3cr3t-value"
(***, '***', '***', True)
>>> mask("Basic czNjcjN0LXZhbHVl, key=s3cr3t-value", ["s3cr3t-value"])
'Basic ***, key=***'
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MASK", "SHORTEST", "Secret", "mask", "spellings"]

MASK = "***"
SHORTEST = 4
"""Shorter texts are too common to be masked."""


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


def spellings(secret: str) -> set[str]:
    """How a secret may stand in a text: plain, percent-encoded, escaped, in base64."""
    written = {secret, quote(secret, safe="", errors="replace"), quote(secret, errors="replace")}
    written |= {quote_plus(secret, errors="replace"), repr(secret)[1:-1]}
    return written | set(_base64_spellings(secret.encode("utf-8", "replace")))


def _base64_spellings(secret: bytes) -> Iterator[str]:
    """What stays the same of a secret in base64, wherever in a longer text it stands."""
    for before in range(3):
        written = base64.b64encode(b"\0" * before + secret)
        start = (before * 8 + 5) // 6
        end = len(written) - (0, 3, 2)[(before + len(secret)) % 3]
        if end - start >= SHORTEST:
            yield written[start:end].decode()


def mask(text: str, secrets: Iterable[str]) -> str:
    """The text with every spelling of these secrets replaced by `***`."""
    written = {one for secret in secrets if len(secret) >= SHORTEST for one in spellings(secret)}
    for one in sorted(written, key=len, reverse=True):
        text = text.replace(one, MASK)
    return text
