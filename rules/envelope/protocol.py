"""Account settings of the protocol itself: which extras a reply has, how flags are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules.errors import SettingMistake
from rules.settings import Topic, read_flag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.settings import Files

__all__ = ["PROTOCOL", "ProtocolSettings"]

FLAG_STYLES = ("lower", "title")


@dataclass(frozen=True)
class ProtocolSettings:
    """`extra_keys`: do replies hold our extra variables; `flag_style`: `true` or `True`."""

    extra_keys: bool = True
    flag_style: str = "lower"

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> ProtocolSettings:
        """Read both settings; raises `SettingMistake`."""
        extra_keys = read_flag(mapping, "extra_keys", default=True)
        flag_style = mapping.get("flag_style", "lower")
        if flag_style not in FLAG_STYLES:
            raise SettingMistake("flag_style", f"must be one of {', '.join(FLAG_STYLES)}")
        return cls(extra_keys, flag_style)


def _build(mapping: Mapping[str, Any], _: Files) -> ProtocolSettings:
    return ProtocolSettings.from_mapping(mapping)


PROTOCOL: Topic[ProtocolSettings] = Topic(names=("extra_keys", "flag_style"), build=_build)
