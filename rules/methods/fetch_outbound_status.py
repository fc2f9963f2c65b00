"""`fetchOutboundStatus`: where an order stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.methods._method import ACCOUNT_ID, Method, Reply, fixed
from rules.methods._outbound import IDEMPOTENCY_KEY, ORDER_ID, check_order_named, find_order
from rules.outbound import answer_of, start_text

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs
    from rules.outbound import OutboundOrder

__all__ = ["METHOD"]

_REPLIES = (
    Reply("$flow.key.obdState", "where the order stands; unknown for an unknown id"),
    Reply("$flow.key.obdResponseCode", "code of the dialler; 202 while we keep the order"),
    Reply("$flow.key.obdReqID", "request id of the dialler; our order id while we keep it"),
    Reply("$flow.key.obdPhononUUID", "id of the call"),
    Reply("$flow.key.obdOwnReqID", "our order id"),
    Reply("$flow.key.obdReason", "why, in short codes"),
    Reply("$flow.key.obdStartTime", "start of the call on the wire"),
    Reply("$flow.key.obdAttempts", "how often it was handed over"),
    Reply("$flow.key.obdNextAttempt", "when it is tried next; empty when it is not"),
    Reply("$flow.key.obdCallEnd", "when the call ended, once its flow end has come", extra=True),
    Reply("$flow.key.obdHangupCause", "telephone cause number, 16 is normal", extra=True),
    Reply("$flow.key.obdTalkSeconds", "whole seconds of talk", extra=True),
)


def _run(call: Call) -> Pairs:
    order = find_order(call)
    if order is None:
        values = ("unknown", *[""] * (len(_REPLIES) - 1))
    else:
        answer = answer_of(order)
        values = (
            answer.state,
            answer.code,
            answer.request_id,
            answer.phonon_uuid,
            answer.own_id,
            answer.reason,
            answer.start,
            answer.attempts,
            answer.next_attempt,
            *_end(call, order),
        )
    return [(reply.name, value) for reply, value in zip(_REPLIES, values, strict=True)]


def _end(call: Call, order: OutboundOrder) -> tuple[str, str, str]:
    """End, cause and talk of the call, from its account's flow end with the same phonon uuid."""
    store, call_id = call.services.flow_ends, order.phonon_uuid
    found = store.call_end(call_id, order.account) if store and call_id else None
    if found is None:
        return "", "", ""
    end = start_text(found.end.astimezone(order.start.tzinfo)) if found.end else ""
    talk = "" if found.talk_ms is None else str(found.talk_ms // 1000)
    return end, found.cause, talk


METHOD = Method(
    name="fetchOutboundStatus",
    about="where an order of createOutbound stands",
    fields=(ORDER_ID, IDEMPOTENCY_KEY, ACCOUNT_ID),
    replies=_REPLIES,
    run=_run,
    failure=fixed(("$flow.key.obdState", "")),
    check=check_order_named,
)
