"""What the two methods about phone numbers share: their fields, and the lookup of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field
from rules.telecom import TELECOM, Lookup, Source, lookup

if TYPE_CHECKING:
    from rules.methods._method import Call

__all__ = ["CLI", "CLI_SOURCE", "look_up"]

CLI: Field[str] = Field(
    "$flow.key.cli", str, "the caller's number in any spelling; blank: withheld", blank=""
)
CLI_SOURCE: Field[Source | None] = Field(
    "$flow.key.cliSource",
    Source.read,
    "`MOBILE` or `LANDLINE`; another word is as if none were given",
    default=None,
)


def look_up(call: Call) -> Lookup:
    """All that is known of the call's number."""
    return lookup(call[CLI], source=call[CLI_SOURCE], settings=call.settings(TELECOM))
