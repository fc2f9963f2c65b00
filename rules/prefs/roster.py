r"""The list of agents: whose number is known, what the agent is called, and is he still with us.

A CSV file named by the account setting `agents`: columns `number`, `name`, `account`, `active`, of
which only the first is needed. An empty list, or none, knows every number. A line that cannot be
used refuses the file as a whole.

>>> roster = read_roster("number,name,account,active\n9879912345,Asha,293,yes\n")
>>> roster.find("919879912345").name, roster.knows("919800000000")
('Asha', False)
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

from rules.errors import SettingMistake, UnreadableNumber
from rules.telecom.contact import agent_number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SETTING", "Agent", "Roster", "read_roster"]

SETTING = "agents"
_COLUMNS = ("number", "name", "account", "active")
_ACTIVE = {"": True, "true": True, "yes": True, "on": True, "1": True}
_ACTIVE |= {"false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Agent:
    """One line of the list."""

    cli: str
    name: str = ""
    account: str = ""
    active: bool = True


@dataclass(frozen=True)
class Roster:
    """All agents by number."""

    agents: Mapping[str, Agent] = field(default_factory=dict)

    def find(self, cli: str) -> Agent | None:
        """The agent with this number, `None` when it is not in the list."""
        return self.agents.get(cli)

    def knows(self, cli: str) -> bool:
        """Tell whether this number is an agent's now: any is, while the list is empty."""
        agent = self.agents.get(cli)
        return not self.agents if agent is None else agent.active


def read_roster(text: str) -> Roster:
    """Agents of a CSV text; raises `SettingMistake` with the line."""
    rows = csv.DictReader(StringIO(text), skipinitialspace=True)
    header = [name.strip().casefold() for name in rows.fieldnames or ()]
    if header and ("number" not in header or not set(header) <= set(_COLUMNS)):
        raise SettingMistake(SETTING, f"the first line must name the columns {', '.join(_COLUMNS)}")
    rows.fieldnames = header
    agents: dict[str, Agent] = {}
    for row in rows:
        agent = _agent(row, rows.line_num)
        if agent.cli in agents:
            raise SettingMistake(SETTING, f"line {rows.line_num}: this number stands twice")
        agents[agent.cli] = agent
    return Roster(agents)


def _agent(row: Mapping[str | None, str | None], line: int) -> Agent:
    cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    if None in row:
        raise SettingMistake(SETTING, f"line {line}: more cells than columns")
    try:
        cli = agent_number(cells["number"])
    except UnreadableNumber as error:
        raise SettingMistake(SETTING, f"line {line}: no phone number ({error.code})") from None
    active = _ACTIVE.get(cells["active"].casefold())
    if active is None:
        raise SettingMistake(SETTING, f"line {line}: active must be true or false")
    return Agent(cli, cells["name"], cells["account"], active)
