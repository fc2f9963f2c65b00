"""Account settings of flow ends: who may push them to us, and whether and how we push them on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.errors import SettingMistake
from rules.secret import Secret
from rules.settings import DEFAULT_ZONE, Topic, read_flag, read_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.settings import Files

__all__ = ["FLOW_END", "LAYOUTS", "FlowEndSettings"]

NOTHING = Secret()
INDIA = ZoneInfo(DEFAULT_ZONE)
LAYOUTS = ("as-given", "auto", "single-leg", "two-leg")


@dataclass(frozen=True)
class FlowEndSettings:
    """`push` turns delivery on; `layout` rewrites the payload, `as-given` passes it on."""

    push: bool = False
    layout: str = "as-given"
    user: str = ""
    password: Secret = NOTHING
    zone: ZoneInfo = INDIA

    @property
    def asks_credentials(self) -> bool:
        """Must a sender give user and password?"""
        return bool(self.user or self.password)


def _build(mapping: Mapping[str, Any], _: Files) -> FlowEndSettings:
    push = read_flag(mapping, "flow_end")
    layout = mapping.get("flow_end_layout", "as-given")
    if layout not in LAYOUTS:
        raise SettingMistake("flow_end_layout", f"must be one of {', '.join(LAYOUTS)}")
    for name in ("flow_end_user", "flow_end_password"):
        if not isinstance(mapping.get(name, ""), str):
            raise SettingMistake(name, "must be text")
    if ":" in mapping.get("flow_end_user", ""):
        raise SettingMistake("flow_end_user", "must hold no colon")
    return FlowEndSettings(
        push,
        layout,
        mapping.get("flow_end_user", ""),
        Secret(mapping.get("flow_end_password", "")),
        read_zone(mapping),
    )


FLOW_END: Topic[FlowEndSettings] = Topic(
    names=("flow_end", "flow_end_layout", "flow_end_user", "flow_end_password"), build=_build
)
