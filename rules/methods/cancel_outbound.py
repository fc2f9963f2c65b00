"""`cancelOutbound`: take an order back while it is still ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.methods._method import ACCOUNT_ID, Method, Reply, fixed, flag
from rules.methods._outbound import IDEMPOTENCY_KEY, ORDER_ID, check_order_named, find_order
from rules.services.cancelling import cancel_order

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]


def _run(call: Call) -> Pairs:
    order, cancelled, reason = cancel_order(
        call.services, find_order(call), now=call.now, by=f"request/{call.request_id}"
    )
    return [
        ("$flow.key.obdCancelled", flag(cancelled)),
        ("$flow.key.obdState", order.state.value if order else "unknown"),
        ("$flow.key.obdReason", reason),
    ]


METHOD = Method(
    name="cancelOutbound",
    about="cancel an order of createOutbound while it is still ours",
    fields=(ORDER_ID, IDEMPOTENCY_KEY, ACCOUNT_ID),
    replies=(
        Reply("$flow.key.obdCancelled", "true: the call will not be made, or is asked not to be"),
        Reply("$flow.key.obdState", "where the order stands; unknown for an unknown id"),
        Reply("$flow.key.obdReason", "why not, in short codes"),
    ),
    run=_run,
    failure=fixed(("$flow.key.obdCancelled", "false")),
    check=check_order_named,
)
