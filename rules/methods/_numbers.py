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
    """All that is known of the call's number; a live source is asked where the account wants it."""
    text, source, settings = call[CLI], call[CLI_SOURCE], call.settings(TELECOM)
    found = lookup(text, source=source, settings=settings)
    live_numbers = call.services.live_numbers
    if live_numbers is None or not settings.live_lookup:
        return found
    answer = live_numbers.ask(found, settings, account=call.account or "")
    return lookup(text, source=source, settings=settings, live=answer) if answer else found
