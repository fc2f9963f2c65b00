"""What the methods on agents share: the agent's number, whose agent it is, how a pause is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.envelope import Field
from rules.errors import UnreadableNumber
from rules.prefs import PREFS
from rules.prefs.breaks import in_zone
from rules.telecom.contact import agent_number

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from rules.methods._method import Call
    from rules.prefs import PausePolicy

__all__ = ["CLI", "Cli", "account_of", "cli_error", "policy_of", "stamp"]


@dataclass(frozen=True, slots=True)
class Cli:
    """An agent's number as digits, or why the text is none."""

    number: str = ""
    error: str = ""


def read_cli(value: str) -> Cli:
    """What a text says; the caller's number is what it is, so this never refuses."""
    try:
        return Cli(number=agent_number(value))
    except UnreadableNumber as error:
        return Cli(error=error.code)


CLI: Field[Cli] = Field(
    "$flow.key.cli",
    read_cli,
    "the agent's number, with or without country code",
    blank=Cli(error="INVALID_NUMBER"),
)
UNKNOWN = "UNKNOWN_AGENT"


def cli_error(call: Call) -> str:
    """Why the number is no agent's, empty when it is one."""
    cli = call[CLI]
    if cli.error:
        return cli.error
    return "" if call.settings(PREFS).roster.knows(cli.number) else UNKNOWN


def account_of(call: Call, cli: Cli) -> str:
    """Whose agent this is: by the list of agents, else by the request."""
    agent = call.settings(PREFS).roster.find(cli.number)
    return (agent.account if agent else "") or call.account or ""


def policy_of(call: Call, account: str, *, flow: str | None = None) -> PausePolicy:
    """What an account says of pauses.

    A running pause is judged by its own account, without a flow; a flow may only decide what a
    pause that begins gets.
    """
    return call.services.accounts().settings(PREFS, account or None, flow).pauses


def stamp(moment: datetime | None, zone: tzinfo) -> str:
    """A moment as `outputDate` has it, to the whole second; empty for none."""
    return "" if moment is None else in_zone(moment, zone).isoformat(timespec="seconds")
