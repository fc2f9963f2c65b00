"""What a flow is told about an order, for every state: code, ids, reason.

A code 202 with a filled id means "accepted, will be delivered"; one without is the dialler's
"Invalid Security ID".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.outbound.state import State
from rules.outbound.wire import start_text

if TYPE_CHECKING:
    from rules.outbound.order import OutboundOrder

__all__ = ["OrderAnswer", "answer_of", "refusal"]

KEPT, FAILURE = 202, 500
_WAITING = frozenset({State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN})
_BY_DIALLER = frozenset({State.ACCEPTED, State.REJECTED})
_QUIET = frozenset({"", "DUE", "BY_HAND"})


@dataclass(frozen=True)
class OrderAnswer:
    """The variables of an answer, ready to be written."""

    code: str
    request_id: str
    phonon_uuid: str
    state: str
    own_id: str
    reason: str
    start: str
    attempts: str
    next_attempt: str


def answer_of(order: OutboundOrder) -> OrderAnswer:
    """What is to be said about an order as it stands."""
    state = order.state
    wake = order.wake if state in (State.QUEUED, State.HELD) else None
    request_id = ""
    if state in _WAITING or state is State.ACCEPTED:
        request_id = order.request_id or order.id
    return OrderAnswer(
        code=str(_code(order)),
        request_id=request_id,
        phonon_uuid=order.phonon_uuid,
        state=state.value,
        own_id=order.id,
        reason=",".join(dict.fromkeys((*order.notes, *_reasons(order)))),
        start=start_text(order.start),
        attempts=str(order.attempts),
        next_attempt=start_text(wake.astimezone(order.start.tzinfo)) if wake else "",
    )


def refusal(number: int, reasons: tuple[str, ...]) -> OrderAnswer:
    """What is said when there is no order: the code and why."""
    return OrderAnswer(
        code=str(number),
        request_id="",
        phonon_uuid="",
        state=State.REJECTED.value,
        own_id="",
        reason=",".join(reasons),
        start="",
        attempts="0",
        next_attempt="",
    )


def _code(order: OutboundOrder) -> int:
    if order.state in _BY_DIALLER:
        return order.code
    return KEPT if order.state in _WAITING else FAILURE


def _reasons(order: OutboundOrder) -> tuple[str, ...]:
    """The last change in codes for a flow; details of a failed attempt stay in the history."""
    if order.state is State.QUEUED:
        return ("DIALLER_DOWN",) if order.history and order.reason not in _QUIET else ()
    if order.state in (State.SENDING, State.HELD):
        return ()
    return tuple(filter(None, order.reason.split(",")))
