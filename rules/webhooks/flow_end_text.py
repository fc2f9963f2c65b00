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


def render_flow_end(
    flow_end: FlowEnd, *, layout: str = "auto", zone: ZoneInfo = INDIA
) -> dict[str, Any]:
    """The payload as members in documented order; `auto`: one leg single-leg, more two-leg."""
    if layout == "auto":
        layout = TWO if len(flow_end.legs) > 1 else SINGLE
    legs = sorted(flow_end.legs, key=_place)
    members: dict[str, Any] = {"phonon-uuid": flow_end.uuid}
    if flow_end.flow_status:
        members["flowStatus"] = flow_end.flow_status
    members["callDetails"] = [_leg(leg, layout, zone) for leg in legs]
    members["keys"] = [
        {"name": name, "value": value}
        for name, value in flow_end.variables
        if name.casefold().startswith("$flow.key.")
    ]
    if flow_end.recordings:
        members["recordingUrls"] = list(flow_end.recordings)
    return members | dict(flow_end.extras)


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
        "duration": _duration(leg.talk_ms, two=two),
        "hangupCause": leg.cause,
        "incoming": leg.incoming,
        "remoteHangup": leg.remote_hangup if two else None,
    }
    present = {name: value for name, value in members.items() if value is not None and value != ""}
    return present | dict(leg.extras)


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="milliseconds") if moment else ""


def _duration(talk_ms: int | None, *, two: bool) -> str:
    if talk_ms is None:
        return ""
    return str(talk_ms if two else talk_ms // 1000)
