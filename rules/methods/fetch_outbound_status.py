"""`fetchOutboundStatus`: where an order stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.methods._method import ACCOUNT_ID, Method, Reply, fixed
from rules.methods._outbound import IDEMPOTENCY_KEY, ORDER_ID, check_order_named, find_order
from rules.outbound import answer_of

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

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
        )
    return [(reply.name, value) for reply, value in zip(_REPLIES, values, strict=True)]


METHOD = Method(
    name="fetchOutboundStatus",
    about="where an order of createOutbound stands",
    fields=(ORDER_ID, IDEMPOTENCY_KEY, ACCOUNT_ID),
    replies=_REPLIES,
    run=_run,
    failure=fixed(("$flow.key.obdState", "")),
    check=check_order_named,
)
