"""Account settings of flow ends: who may push them to us, and whether and how we push them on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.errors import SettingMistake
from rules.secret import Secret
from rules.settings import Topic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.settings import Files

__all__ = ["FLOW_END", "LAYOUTS", "FlowEndSettings"]

NOTHING = Secret()
INDIA = ZoneInfo("Asia/Kolkata")
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
    push = mapping.get("flow_end", False)
    if not isinstance(push, bool):
        raise SettingMistake("flow_end", "must be true or false")
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
        _zone(mapping.get("zone", "Asia/Kolkata")),
    )


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise SettingMistake("zone", "is no zone of the zone database") from None


FLOW_END: Topic[FlowEndSettings] = Topic(
    names=("flow_end", "flow_end_layout", "flow_end_user", "flow_end_password"), build=_build
)
