"""What the methods of outbound calls share: fields, and finding an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field, Unusable, text
from rules.outbound import OUTBOUND, Purpose, read_purpose
from rules.services import need

if TYPE_CHECKING:
    from rules.methods._method import Call
    from rules.outbound import OutboundOrder

__all__ = [
    "IDEMPOTENCY_KEY",
    "OBD_VARIABLES",
    "ORDER_ID",
    "PURPOSE",
    "check_order_named",
    "find_order",
    "read_purpose_field",
]

_LONGEST_KEY = 200
OBD_VARIABLES = frozenset(
    name.casefold()
    for name in (
        "obdResponseCode",
        "obdReqID",
        "obdPhononUUID",
        "obdState",
        "obdOwnReqID",
        "obdReason",
        "obdStartTime",
        "obdDuplicate",
        "obdWireBody",
        "obdAttempts",
        "obdNextAttempt",
        "obdCancelled",
        "obdCallEnd",
        "obdHangupCause",
        "obdTalkSeconds",
    )
)
"""Variables of our answers, in small letters: left over from an earlier run, they go nowhere."""


def read_purpose_field(word: str) -> Purpose:
    """A purpose, for a field."""
    purpose = read_purpose(word)
    if purpose is None:
        raise Unusable(f"say one of {', '.join(p.value for p in Purpose)}", "INVALID_PURPOSE")
    return purpose


def _key(value: str) -> str:
    if len(value) > _LONGEST_KEY:
        raise Unusable(f"has at most {_LONGEST_KEY} characters", "TOO_LONG")
    return value


PURPOSE: Field[Purpose | None] = Field(
    "$flow.key.purpose",
    read_purpose_field,
    "what the call is for: turns the call gate on",
    default=None,
    code="INVALID_PURPOSE",
)
IDEMPOTENCY_KEY = Field(
    "$flow.key.idempotencyKey", _key, "the same key and order twice is one order", default=""
)
ORDER_ID = Field("$flow.key.obdReqID", text, "id of the order, ours or the dialler's", default="")


def check_order_named(call: Call) -> None:
    """An order is named by its id or by its idempotency key."""
    filled = call.filled
    if filled.get(ORDER_ID) == "" and filled.get(IDEMPOTENCY_KEY) == "":
        filled.refuse(ORDER_ID, "MISSING_PARAMETER", "needed, unless idempotencyKey is given")


def find_order(call: Call) -> OutboundOrder | None:
    """The order a request names."""
    store = need(call.services.orders, "order store")
    if call[ORDER_ID]:
        return store.find(call[ORDER_ID])
    since = call.now - call.settings(OUTBOUND).idempotency
    return store.find_key(call.account or "", call[IDEMPOTENCY_KEY], since=since)
