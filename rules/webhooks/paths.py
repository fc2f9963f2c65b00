"""Where in a JSON reply a value stands: `data.user.names[0]["first name"]`.

`data` is the whole body, never a member of it. A path is compiled once and kept; a compiled path
only walks, it computes nothing, so no reply can make it slow.

>>> read_path('data.l[0]["a b"]').find({"l": [{"a b": 1}]})
1
>>> read_path("data.l[5]").find({"l": []}) is UNRESOLVED
True
>>> read_path("data..l")
Traceback (most recent call last):
rules.webhooks.paths.BadPath: no path of a JSON map
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rules.errors import RulesError
from rules.headers import has_control

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["UNRESOLVED", "BadPath", "JsonPath", "Unresolved", "read_path"]

_ROOT = "data"
_NAME = re.compile(r"""\.([^.\[\]'"\s]+)""")
_INDEX = re.compile(r"\[(0|[1-9][0-9]{0,8})\]")
_KEY = re.compile(r"""\[(["'])(.*?)\1\](?=\Z|[.\[])""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class BadPath(RulesError):
    """A path that can never work; the path is not quoted."""

    code = "BAD_PATH"


class Unresolved(Enum):
    """What a path gives that leads nowhere."""

    UNRESOLVED = "unresolved"


UNRESOLVED = Unresolved.UNRESOLVED
Step = int | tuple[str, ...]
"""An index, or the spellings of a member's name, first choice first."""


@dataclass(frozen=True)
class JsonPath:
    """A compiled path."""

    steps: tuple[Step, ...]

    def find(self, body: Any) -> Any:
        """The value, or `UNRESOLVED` for a missing one and for null."""
        value = body
        for step in self.steps:
            value = _follow(value, step)
            if value is UNRESOLVED:
                return UNRESOLVED
        return UNRESOLVED if value is None else value


def _follow(value: Any, step: Step) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else UNRESOLVED
    if isinstance(value, dict):
        for name in step:
            if name in value:
                return value[name]
    return UNRESOLVED


@lru_cache(maxsize=4096)
def read_path(text: str) -> JsonPath:
    """Compile a path; raises `BadPath`."""
    if not text.startswith(_ROOT):
        raise BadPath("no path of a JSON map")
    return JsonPath(tuple(_steps(text, len(_ROOT))))


def _steps(text: str, place: int) -> Iterator[Step]:
    while place < len(text):
        if match := _NAME.match(text, place):
            if match[1] == "*" or has_control(match[1]):
                break
            yield (match[1],)
        elif match := _INDEX.match(text, place):
            yield int(match[1])
        elif match := _KEY.match(text, place):
            plain = _ESCAPE.sub(r"\1", match[2])
            yield (match[2],) if plain == match[2] else (match[2], plain)
        else:
            break
        place = match.end()
    else:
        return
    raise BadPath("no path of a JSON map")
