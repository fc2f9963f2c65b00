"""Which names a customer's variables may have, and which texts may be their values.

Any name and any text within the limits, unless an account lists the names it knows and asks for
strictness. The setting `pref_names` is a table of name to type; its switch is `strict = true`.

>>> table = {"strict": True, "city": "text", "plan": ["gold", "silver"]}
>>> rules = NameRules.from_setting(table)
>>> rules.problem("plan", "Gold"), rules.problem("plan", "bronze")
(None, ('OUT_OF_RANGE', 'must be one of gold, silver'))
>>> rules.problem("citi", "Pune")
('UNKNOWN_NAME', "this account knows no such name; did you mean 'city'?")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rules.errors import SettingMistake
from rules.prefs.profile import LIMITS
from rules.settings import nearest

__all__ = ["NameRules", "Problem"]

Problem = tuple[str, str]
"""A stable code, and words for the designer."""
Check = Callable[[str], Any]
_SETTING = "pref_names"
_INTEGER = re.compile(r"[+-]?\d{1,30}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLEANS = frozenset({"true", "false", "yes", "no", "on", "off", "1", "0"})


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


_TYPES: dict[str, tuple[Check, Problem]] = {
    "text": (lambda _: True, ("", "")),
    "integer": (_INTEGER.fullmatch, ("NOT_AN_INTEGER", "must be a whole number")),
    "date": (_is_date, ("OUT_OF_RANGE", "must be a date written as 2026-12-08")),
    "boolean": (
        lambda text: text.casefold() in _BOOLEANS,
        ("NOT_A_BOOLEAN", "must be true or false"),
    ),
}


def _choice(name: str, options: list[Any]) -> tuple[Check, Problem]:
    if not options or not all(isinstance(option, str) and option for option in options):
        raise SettingMistake(_SETTING, f"'{name}': a choice lists its words, each a text")
    words = frozenset(option.casefold() for option in options)
    return (
        lambda text: text.casefold() in words,
        ("OUT_OF_RANGE", f"must be one of {', '.join(options)}"),
    )


@dataclass(frozen=True)
class NameRules:
    """The names an account knows, each with the check of its values; only `strict` ones refuse."""

    known: Mapping[str, tuple[Check, Problem]] = field(default_factory=dict)
    strict: bool = False

    @classmethod
    def from_setting(cls, setting: Any) -> NameRules:
        """Read the table of the setting; raises `SettingMistake`."""
        if not isinstance(setting, Mapping):
            raise SettingMistake(_SETTING, "must be a table of name to type")
        known = {}
        for name, kind in setting.items():
            if isinstance(kind, list):
                known[name] = _choice(name, kind)
            elif isinstance(kind, str) and kind in _TYPES:
                known[name] = _TYPES[kind]
            elif name != "strict" or not isinstance(kind, bool):
                types = ", ".join(_TYPES)
                raise SettingMistake(_SETTING, f"'{name}': use {types} or a list of choices")
        return cls(known, strict=setting.get("strict") is True)

    def problem(self, name: str, value: str) -> Problem | None:
        """What is wrong with storing this value under this name; an empty value fits every type."""
        if len(name) > LIMITS.name:
            return "TOO_LONG", f"a name has at most {LIMITS.name} characters"
        if len(value) > LIMITS.value:
            return "TOO_LONG", f"a value has at most {LIMITS.value:,} characters"
        if "\0" in name or "\0" in value:
            return "OUT_OF_RANGE", "holds a NUL character, which no database keeps"
        if not self.strict:
            return None
        if name not in self.known:
            hint = nearest(name, tuple(self.known))
            return "UNKNOWN_NAME", f"this account knows no such name{hint}"
        check, problem = self.known[name]
        stripped = value.strip()
        return None if not stripped or check(stripped) else problem
