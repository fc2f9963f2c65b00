"""Flow-end payloads: reading either layout.

Reading is lenient: what cannot be understood becomes empty, with a warning, and members nobody
knows are kept and written again. Talk is always milliseconds inside; the two layouts write it in
different units, so the times decide where they can (see `rules.webhooks.talk`).

>>> found = read_flow_end(b'{"phonon-uuid": "5b0c", "callDetails": [{"cdrId": "x"}]}')
>>> found.uuid, found.layout
('5b0c', 'two-leg')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from rules.dates import read_iso
from rules.errors import MalformedEnvelope, MalformedJson
from rules.telecom.contact import phone_digits
from rules.webhooks.talk import talk_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["INDIA", "SINGLE", "TWO", "FlowEnd", "Leg", "read_flow_end"]

INDIA = ZoneInfo("Asia/Kolkata")
SINGLE, TWO = "single-leg", "two-leg"
LEG_MEMBERS = (
    *("calleeNumber", "didNumber", "calleeType", "cdrId", "startTime", "connectTime", "endTime"),
    *("duration", "hangupCause", "incoming", "remoteHangup"),
)
MEMBERS = ("phonon-uuid", "flowStatus", "callDetails", "keys", "recordingUrls")
_TIMES = ("startTime", "connectTime", "endTime")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Leg:
    """One leg of a call; `callee` and `did` are normalised where they are phone numbers.

    `callee_given` and `did_given` are as sent. `talk_ms` is `None` when nothing says it.
    """

    callee: str = ""
    did: str = ""
    role: str = ""
    cdr_id: str = ""
    start: datetime | None = None
    connect: datetime | None = None
    end: datetime | None = None
    talk_ms: int | None = None
    cause: str = ""
    incoming: bool | None = None
    remote_hangup: bool | None = None
    extras: tuple[tuple[str, Any], ...] = ()
    callee_given: str = ""
    did_given: str = ""


@dataclass(frozen=True)
class FlowEnd:
    """What happened in one run of a flow; a variable's value is text or a boolean."""

    uuid: str
    legs: tuple[Leg, ...] = ()
    variables: tuple[tuple[str, str | bool], ...] = ()
    recordings: tuple[Any, ...] = ()
    layout: str = SINGLE
    flow_status: str = ""
    extras: tuple[tuple[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()


def read_flow_end(body: bytes, *, zone: ZoneInfo = INDIA) -> FlowEnd:
    """A payload of either layout; `zone` is that of times without an offset.

    Raises `MalformedJson` for what is no JSON, `MalformedEnvelope` for what is no object or has
    neither `phonon-uuid` nor `callDetails`.
    """
    members = _unwrapped(_decoded(body))
    if "phonon-uuid" not in members and "callDetails" not in members:
        raise MalformedEnvelope("there is neither 'phonon-uuid' nor 'callDetails'")
    warnings: list[str] = []
    sent = _legs(members.get("callDetails"), warnings)
    two = len(sent) > 1 or any(leg.get("calleeType") or leg.get("cdrId") for leg in sent)
    layout = TWO if two else SINGLE
    recordings = members.get("recordingUrls")
    return FlowEnd(
        uuid=_text(members.get("phonon-uuid")),
        legs=tuple(_leg(leg, layout, zone, warnings) for leg in sent),
        variables=_variables(members.get("keys")),
        recordings=tuple(recordings) if isinstance(recordings, list) else (),
        layout=layout,
        flow_status=_text(members.get("flowStatus")),
        extras=tuple((name, value) for name, value in members.items() if name not in MEMBERS),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise MalformedJson("the body is not JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise MalformedEnvelope("the body must be an object")
    return found


def _unwrapped(members: dict[str, Any]) -> dict[str, Any]:
    """What is inside `body`, when that is the only member that says anything."""
    inner = members.get("body")
    if isinstance(inner, dict) and not {"phonon-uuid", "callDetails"} & set(members):
        return inner
    return members


def _legs(details: Any, warnings: list[str]) -> list[dict[str, Any]]:
    if details is not None and not isinstance(details, list):
        warnings.append("BAD_LEG")
        return []
    legs = [leg for leg in details or [] if isinstance(leg, dict)]
    if len(legs) < len(details or []):
        warnings.append("BAD_LEG")
    return legs


def _leg(sent: Mapping[str, Any], layout: str, zone: ZoneInfo, warnings: list[str]) -> Leg:
    times = {name: _time(sent.get(name), zone, warnings) for name in _TIMES}
    callee, did = _text(sent.get("calleeNumber")), _text(sent.get("didNumber"))
    connected = sent.get("connectTime") is not None
    talk, warning = talk_of(
        _text(sent.get("duration")),
        connected=connected,
        connect=times["connectTime"],
        end=times["endTime"],
        milliseconds=layout == TWO,
    )
    warnings += [warning] if warning else []
    return Leg(
        callee=phone_digits(callee) or callee,
        did=phone_digits(did) or did,
        role=_role(_text(sent.get("calleeType"))),
        cdr_id=_text(sent.get("cdrId")),
        start=times["startTime"],
        connect=times["connectTime"],
        end=times["endTime"],
        talk_ms=talk,
        cause=_text(sent.get("hangupCause")),
        incoming=_boolean(sent.get("incoming")),
        remote_hangup=_boolean(sent.get("remoteHangup")),
        extras=tuple((name, value) for name, value in sent.items() if name not in LEG_MEMBERS),
        callee_given=callee,
        did_given=did,
    )


def _time(value: Any, zone: ZoneInfo, warnings: list[str]) -> datetime | None:
    """A moment to the millisecond; blanks inside are a known fault of the sender."""
    text = _text(value)
    if not text:
        return None
    found = read_iso("".join(text.split()), zone) or read_iso(text.strip(), zone)
    if found is None:
        warnings.append("BAD_TIME")
        return None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return msgspec.json.encode(value).decode()


def _role(text: str) -> str:
    known = text.upper().replace(" ", "_")
    return known if known in {"VISITOR", "AGENT", "HARD_PHONE"} else text


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return _BOOLEANS.get(_text(value).casefold())


def _variables(keys: Any) -> tuple[tuple[str, str | bool], ...]:
    """Names and values in the order first set; of a name sent twice the last value."""
    found: dict[str, str | bool] = {}
    for entry in keys if isinstance(keys, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            value = entry.get("value")
            found[entry["name"]] = value if isinstance(value, bool | str) else _text(value)
    return tuple(found.items())
