"""A flow end that was pushed to us: keep it, and queue it for the account's default webhook.

What is kept and what is queued are one transaction; a reply of success means both are on disk.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from typing import TYPE_CHECKING, Any

from rules.envelope import decode
from rules.errors import MalformedEnvelope
from rules.services import need
from rules.services.flow_end import CallEnd, Received
from rules.webhooks.endpoints import new_message_id
from rules.webhooks.flow_end import read_flow_end
from rules.webhooks.flow_end_settings import FLOW_END
from rules.webhooks.flow_end_text import render_flow_end
from rules.webhooks.messages import Message

if TYPE_CHECKING:
    from datetime import datetime

    from rules.services import Services
    from rules.webhooks.flow_end import FlowEnd
    from rules.webhooks.flow_end_settings import FlowEndSettings

__all__ = ["receive"]

_LONGEST_ID = 255
_FLOW_NAMES = ("$flow.syskey.flowid", "$flow.key.flowid")
_log = logging.getLogger("rules.delivery")
_said: set[tuple[str, str, str]] = set()


def receive(services: Services, account: str, body: bytes) -> tuple[bool, str]:
    """Keep a payload: was its content new, and the id it is kept under.

    Raises `RequestRefused` for a body that cannot be read.
    """
    now = services.clock()
    zone = services.accounts().settings(FLOW_END, account).zone
    flow_end = read_flow_end(body, zone=zone)
    _check_storable(account, flow_end)
    flow = _flow_of(flow_end)
    settings = services.accounts().settings(FLOW_END, account, flow)
    received = Received(
        id=str(uuid.UUID(int=services.draw(2**128), version=4)),
        account=account,
        uuid=flow_end.uuid,
        digest=_digest(body),
        body=body,
        at=now,
        call=_call_end(flow_end),
    )
    push = _message(services, received, flow_end, settings, flow) if settings.push else None
    return need(services.flow_ends, "store of flow ends").keep(received, push)


def _check_storable(account: str, flow_end: FlowEnd) -> None:
    """Refuse what no store keeps: an account or uuid too long to look for, a NUL in a text."""
    cause = flow_end.legs[-1].cause if flow_end.legs else ""
    texts = {"account": account, "phonon-uuid": flow_end.uuid, "hangupCause": cause}
    for name, text in texts.items():
        if "\0" in text:
            raise MalformedEnvelope(f"'{name}' holds a NUL character")
    for name in ("account", "phonon-uuid"):
        if len(texts[name]) > _LONGEST_ID:
            raise MalformedEnvelope(f"'{name}' has more than {_LONGEST_ID} characters")


def _flow_of(flow_end: FlowEnd) -> str | None:
    """The flow whose switch holds: named by the payload's own variables."""
    named = {name.casefold(): str(value) for name, value in flow_end.variables}
    return next((named[name] for name in _FLOW_NAMES if named.get(name)), None)


def _call_end(flow_end: FlowEnd) -> CallEnd:
    """End, cause and talk of the call: of its last leg; the talk of all legs is the longest."""
    ends = [leg.end for leg in flow_end.legs if leg.end is not None]
    talks = [leg.talk_ms for leg in flow_end.legs if leg.talk_ms is not None]
    cause = flow_end.legs[-1].cause if flow_end.legs else ""
    return CallEnd(flow_end.uuid, max(ends, default=None), cause or "", max(talks, default=None))


def _digest(body: bytes) -> str:
    """Of the content: the order of members and blanks between them carry no meaning."""
    plain = json.dumps(decode(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _message(
    services: Services,
    received: Received,
    flow_end: FlowEnd,
    settings: FlowEndSettings,
    flow: str | None,
) -> Message | None:
    """For the default webhook; a payload without a call's uuid is pushed under its own id."""
    endpoint = need(services.endpoints, "store of webhooks").default_of(received.account)
    if endpoint is None:
        _say_once(received.account, flow or "", received.at)
        return None
    return Message(
        id=new_message_id(services.draw),
        endpoint=endpoint.id,
        account=received.account,
        uuid=received.uuid or received.id,
        body=_body(received.body, flow_end, settings),
        created_at=received.at,
    )


def _body(body: bytes, flow_end: FlowEnd, settings: FlowEndSettings) -> bytes:
    if settings.layout == "as-given":
        return body
    rendered: Any = render_flow_end(flow_end, layout=settings.layout, zone=settings.zone)
    return json.dumps(rendered, ensure_ascii=False, separators=(",", ":")).encode()


def _say_once(account: str, flow: str, now: datetime) -> None:
    """Once a flow and day: there is a switch but nowhere to push to."""
    key = (account, flow, now.date().isoformat())
    if key not in _said:
        _said.clear() if len(_said) > 10_000 else None
        _said.add(key)
        _log.warning("flow end: webhook Not Configured", extra={"account": account, "flow": flow})
