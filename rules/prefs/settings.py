"""Account settings of preferences and pauses.

>>> build({"pause_reasons": [{"code": "LUNCH", "minutes": 45}]}, {}).pauses.planned_minutes("LUNCH")
45
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.errors import SettingMistake
from rules.prefs.agents import PausePolicy, Reason
from rules.prefs.names import NameRules
from rules.prefs.roster import SETTING as AGENTS
from rules.prefs.roster import Roster, read_roster
from rules.settings import DEFAULT_ZONE, Topic, read_flag, read_zone

if TYPE_CHECKING:
    from rules.settings import Files

__all__ = ["MAX_TTL_DAYS", "PREFS", "PrefSettings", "build"]

MAX_TTL_DAYS = 36_500
_DAY_MINUTES = 1_440
_REASON_LENGTH = 50


@dataclass(frozen=True)
class PrefSettings:
    """What an account says of its customers' variables and its agents' pauses."""

    names: NameRules = field(default_factory=NameRules)
    ttl_days: Mapping[str, int] = field(default_factory=dict)
    language_preference: str = ""
    pauses: PausePolicy = field(default_factory=PausePolicy)
    roster: Roster = field(default_factory=Roster)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))


def build(mapping: Mapping[str, Any], files: Files) -> PrefSettings:
    """Settings from the effective mapping; raises `SettingMistake`."""
    return PrefSettings(
        names=NameRules.from_setting(mapping.get("pref_names", {})),
        ttl_days=_ttl(mapping.get("pref_ttl_days", {})),
        language_preference=_text(mapping, "language_preference"),
        pauses=PausePolicy(
            auto_end=read_flag(mapping, "pause_auto_end", default=True),
            max_minutes=_minutes(mapping, "pause_max_minutes"),
            default_minutes=_minutes(mapping, "pause_default_minutes"),
            reasons=_reasons(mapping.get("pause_reasons", [])),
        ),
        roster=_roster(_text(mapping, AGENTS), files),
        zone=read_zone(mapping),
    )


PREFS: Topic[PrefSettings] = Topic(
    names=(
        "pref_names",
        "pref_ttl_days",
        "language_preference",
        "pause_auto_end",
        "pause_max_minutes",
        "pause_default_minutes",
        "pause_reasons",
        AGENTS,
    ),
    build=build,
    files=(AGENTS,),
)


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key, "")
    if not isinstance(value, str):
        raise SettingMistake(key, "must be a text")
    return value.strip()


def _number(key: str, value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise SettingMistake(key, f"must be a whole number from 1 to {most:,}")
    return value


def _minutes(mapping: Mapping[str, Any], key: str) -> int | None:
    return _number(key, mapping[key], _DAY_MINUTES) if key in mapping else None


def _ttl(table: Any) -> Mapping[str, int]:
    key = "pref_ttl_days"
    if not isinstance(table, Mapping):
        raise SettingMistake(key, "must be a table of name to days")
    return {name: _number(key, days, MAX_TTL_DAYS) for name, days in table.items()}


def _reasons(entries: Any) -> Mapping[str, Reason]:
    key = "pause_reasons"
    if not isinstance(entries, list):
        raise SettingMistake(key, "must be a list of tables with a code")
    reasons: dict[str, Reason] = {}
    for entry in entries:
        reason = _reason(key, entry)
        if reason.code.casefold() in map(str.casefold, reasons):
            raise SettingMistake(key, f"'{reason.code}' stands twice")
        reasons[reason.code] = reason
    return reasons


def _reason(key: str, entry: Any) -> Reason:
    if not isinstance(entry, Mapping) or not set(entry) <= {"code", "label", "minutes", "paid"}:
        raise SettingMistake(key, "each entry has code, and perhaps label, minutes, paid")
    code, label, paid = entry.get("code"), entry.get("label", ""), entry.get("paid", False)
    if not isinstance(code, str) or not 1 <= len(code.strip()) <= _REASON_LENGTH:
        raise SettingMistake(key, f"code must be a text of 1 to {_REASON_LENGTH} characters")
    if not isinstance(label, str) or not isinstance(paid, bool):
        raise SettingMistake(key, f"'{code}': label is a text, paid is true or false")
    minutes = _number(key, entry["minutes"], _DAY_MINUTES) if "minutes" in entry else None
    return Reason(code.strip(), label, minutes, paid)


def _roster(name: str, files: Files) -> Roster:
    return read_roster(files.get(name, "")) if name else Roster()
