"""Flow-end payloads: writing either layout.

>>> from rules.webhooks.flow_end import FlowEnd, Leg
>>> render_flow_end(FlowEnd("5b0c", (Leg(callee="919876543210", cause="16", talk_ms=0),)))
{'phonon-uuid': '5b0c', 'callDetails': [{'calleeNumber': '919876543210', 'duration': '0', \
'hangupCause': '16'}], 'keys': []}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.webhooks.flow_end import INDIA, SINGLE, TWO

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rules.webhooks.flow_end import FlowEnd, Leg

__all__ = ["render_flow_end"]

_CUSTOMER = "VISITOR"
_LAYOUTS = ("auto", SINGLE, TWO)


def render_flow_end(
    flow_end: FlowEnd, *, layout: str = "auto", zone: ZoneInfo = INDIA
) -> dict[str, Any]:
    """The payload as members in documented order; `auto`: one leg single-leg, more two-leg.

    Raises `ValueError` for another layout.
    """
    if layout not in _LAYOUTS:
        raise ValueError(f"the layout must be one of {', '.join(_LAYOUTS)}")
    if layout == "auto":
        layout = TWO if len(flow_end.legs) > 1 else SINGLE
    legs = sorted(flow_end.legs, key=_place)
    members: dict[str, Any] = {"phonon-uuid": flow_end.uuid}
    if flow_end.flow_status:
        members["flowStatus"] = flow_end.flow_status
    members["callDetails"] = [_leg(leg, layout, zone) for leg in legs]
    members["keys"] = [
        {"name": name, "value": _said(value)}
        for name, value in flow_end.variables
        if name.casefold().startswith("$flow.key.")
    ]
    recordings = [one for one in flow_end.recordings if one is not None]
    if recordings:
        members["recordingUrls"] = [_full(o) if isinstance(o, dict) else o for o in recordings]
    return members | _full(dict(flow_end.extras))


def _said(value: Any) -> str | bool:
    """A variable's value: a boolean, or text; empty when it has none."""
    if isinstance(value, bool | str):
        return value
    return "" if value is None else str(value)


def _place(leg: Leg) -> tuple[bool, float, bool]:
    """Order of legs: by start, the customer's first on a tie, those without a start last."""
    return leg.start is None, leg.start.timestamp() if leg.start else 0.0, leg.role != _CUSTOMER


def _leg(leg: Leg, layout: str, zone: ZoneInfo) -> dict[str, Any]:
    two = layout == TWO
    members: dict[str, Any] = {
        "calleeNumber": leg.callee,
        "didNumber": leg.did,
        "calleeType": leg.role if two else "",
        "cdrId": leg.cdr_id if two else "",
        "startTime": _time(leg.start, zone),
        "connectTime": _time(leg.connect, zone),
        "endTime": _time(leg.end, zone),
        "duration": _duration(leg, two=two),
        "hangupCause": leg.cause,
        "incoming": leg.incoming,
        "remoteHangup": leg.remote_hangup if two else None,
    }
    present = {name: value for name, value in members.items() if value is not None and value != ""}
    return present | _full(dict(leg.extras))


def _full(members: dict[str, Any]) -> dict[str, Any]:
    """A part without the members that are null."""
    return {name: one for name, one in members.items() if one is not None}


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="milliseconds") if moment else ""


def _duration(leg: Leg, *, two: bool) -> str:
    """Text in the unit of the layout: zero for a leg that never was connected."""
    if leg.connect is None:
        return "0"
    if leg.talk_ms is None:
        return ""
    return str(leg.talk_ms if two else leg.talk_ms // 1000)
