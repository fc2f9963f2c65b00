"""What to register with operators before links may go into commercial SMS, and links in a message.

Operators let an SMS through when every link in it is registered: our links by what they all begin
with, targets by their host.

>>> find_links("Sale! go.example/ABCDEF/7Qm2xYp0, or (https://shop.example/a).")
['go.example/ABCDEF/7Qm2xYp0', 'https://shop.example/a']
>>> target_part("https://shop.example:8443/a?b"), target_part("upi://pay?pa=x")
('https://shop.example:8443/', 'upi:')
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["COLUMNS", "Entry", "Whitelist", "find_links", "target_part"]

COLUMNS = (
    "kind",
    "fixed_part",
    "variable_part",
    "header",
    "links",
    "first_created",
    "last_created",
    "example",
)
VARIABLE_PART = "8 or 10 letters and digits"
_LINK = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"]+)"
    r"|(?:(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?/[^\s<>\"]*)"
)
_AROUND = ".,;:!?'\")]}>।"
_TARGET = re.compile(r"(https?://[^/?#]+)")


def find_links(text: str) -> list[str]:
    """Links in a message, with or without scheme, in order; signs around them are no part."""
    return [found.rstrip(_AROUND) for found in _LINK.findall(text)]


def target_part(target: str) -> str:
    """What a target is registered by: scheme and host, or the scheme alone where it has no host."""
    match = _TARGET.match(target)
    return f"{match[1]}/" if match else target.partition(":")[0] + ":"


@dataclass(slots=True)
class Entry:
    """One thing to register: the links that begin so, when they were made, and a live one."""

    kind: str
    fixed_part: str
    header: str
    first: datetime
    last: datetime
    links: int = 0
    example: str = ""

    def cells(self) -> tuple[str, ...]:
        """The row of the export, in order of `COLUMNS`."""
        variable = VARIABLE_PART if self.kind == "short" else ""
        days = (self.first.date().isoformat(), self.last.date().isoformat())
        return (
            self.kind,
            self.fixed_part,
            variable,
            self.header,
            str(self.links),
            *days,
            self.example,
        )


@dataclass(slots=True)
class Whitelist:
    """Everything to register for the links added."""

    _entries: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def add(
        self, *, fixed_part: str, header: str, target: str, created: datetime, example: str
    ) -> None:
        """Count a link in its own row and in its target's; `example` is empty unless it is live."""
        self._count("short", fixed_part, header, created, example)
        if target:
            self._count("target", target_part(target), "", created, example)

    def _count(
        self, kind: str, fixed_part: str, header: str, created: datetime, example: str
    ) -> None:
        new = Entry(kind, fixed_part, header, created, created)
        entry = self._entries.setdefault((kind, fixed_part), new)
        entry.links += 1
        entry.first = min(entry.first, created)
        entry.last = max(entry.last, created)
        entry.example = entry.example or example

    def entries(self) -> list[Entry]:
        """Our own beginnings first, then the targets, each in order of its text."""
        return [self._entries[key] for key in sorted(self._entries)]

    def holds(self, fixed_part: str) -> bool:
        """Is there a row for this beginning?"""
        return any((kind, fixed_part) in self._entries for kind in ("short", "target"))
