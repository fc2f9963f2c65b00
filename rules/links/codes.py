"""Codes of short links: letters and digits that cannot be guessed, never a counter.

Eight of them for an ordinary link, ten for a personal one: with ten million links stored a guesser
needs 22 million tries for one ordinary link and 84 billion for one personal link.

>>> make_code(lambda n: 0, SHORT_LENGTH)
'00000000'
>>> is_code("r4TzK9wq"), is_code("r4TzK9w-"), is_code("r4TzK9w")
(True, False, False)
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ALPHABET", "CODE_PATTERN", "PERSONAL_LENGTH", "SHORT_LENGTH", "is_code", "make_code"]

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SHORT_LENGTH = 8
PERSONAL_LENGTH = 10
CODE_PATTERN = f"[0-9A-Za-z]{{{SHORT_LENGTH}}}|[0-9A-Za-z]{{{PERSONAL_LENGTH}}}"
RESERVED = frozenset({"robots.txt", "favicon.ico", "health", "v1", "urlshortner", ".well-known"})
"""Paths with a meaning of their own, in small letters: no code, whatever their case."""

_CODE = re.compile(rf"(?:{CODE_PATTERN})\Z")


def make_code(draw: Callable[[int], int], length: int) -> str:
    """A fresh code; `draw(n)` gives a uniform number below n."""
    while True:
        code = "".join(ALPHABET[draw(len(ALPHABET))] for _ in range(length))
        if code.casefold() not in RESERVED:
            return code


def is_code(text: str) -> bool:
    """Has this text the form of a code? Case counts, so no letter is changed."""
    return _CODE.match(text) is not None
