"""From a request to an answer: plan, idempotency, gate, keep, first attempt.

From the moment the order is kept it cannot be lost: the engine's work is written with it. With
`hold = never` it is kept already claimed by this request, which then makes the first attempt; if
the request dies, the engine finds the claim run out.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules.errors import RulesError
from rules.outbound import (
    OUTBOUND,
    Grounds,
    OutboundRequest,
    Refused,
    State,
    advance,
    answer_of,
    load_rules,
    open_order,
    plan,
    postpone,
    refusal,
)
from rules.services import need
from rules.services.handover import attempt, breaker, dialler_of

if TYPE_CHECKING:
    from datetime import datetime

    from rules.outbound import OrderAnswer, OutboundOrder, OutboundSettings
    from rules.services import Services

__all__ = ["KeyTaken", "Placed", "Rehearsed", "place", "rehearse", "settings_of"]

WINNER_SECONDS = 5.0
"""So long the loser of two simultaneous requests waits for the winner's answer."""


class KeyTaken(RulesError):
    """The idempotency key belongs to another order."""

    code = "IDEMPOTENCY_KEY_TAKEN"


@dataclass(frozen=True)
class Placed:
    """The answer to a request; `duplicate` when it repeats an earlier one."""

    answer: OrderAnswer
    duplicate: bool = False


@dataclass(frozen=True)
class Rehearsed:
    """What a request would come to: the refusing code or 200, why, and the exact body, masked."""

    code: int
    reason: str = ""
    start: str = ""
    body: str = ""


def settings_of(services: Services, request: OutboundRequest) -> OutboundSettings:
    """The settings of a request's account and flow."""
    return services.accounts().settings(OUTBOUND, request.account or None, request.flow or None)


def place(
    services: Services,
    request: OutboundRequest,
    *,
    now: datetime,
    by: str,
    settings: OutboundSettings | None = None,
) -> Placed:
    """Place one order; raises `KeyTaken` and `BodyTooLarge`, which the designer must mend."""
    settings = settings or settings_of(services, request)
    store = need(services.orders, "order store")
    try:
        order = _plan(request, now, settings)
    except Refused as error:
        return Placed(refusal(error.number, error.reasons))
    if earlier := _earlier(services, order, now, settings):
        return earlier
    url, sandbox = dialler_of(services, settings)
    if not url:
        return Placed(refusal(500, ("DIALLER_NOT_SET",)))
    grounds = Grounds(settings, load_rules(), services.settings.hash_key)
    order = open_order(order, now=now, grounds=grounds)
    if sandbox:
        order = replace(order, notes=(*order.notes, "SANDBOX"))
    if order.state is State.QUEUED:
        closed_until = breaker(services, url, now)
        if closed_until is None:
            order = advance(order, now=now, by=by, grounds=grounds)
        else:
            order = postpone(order, closed_until)
    holder = store.accept(order, memory=settings.idempotency)
    if holder is not None:
        return _replay(services, holder, order)
    if order.state is State.SENDING:
        order = attempt(services, order, grounds)
    return Placed(answer_of(order))


def rehearse(services: Services, request: OutboundRequest, *, now: datetime) -> Rehearsed | Placed:
    """Go through plan, idempotency and gate; nothing is stored or sent.

    A key that an earlier order holds is answered as the request itself would be.
    """
    settings = settings_of(services, request)
    try:
        order = _plan(request, now, settings)
    except Refused as error:
        return Rehearsed(error.number, ",".join(error.reasons))
    if earlier := _earlier(services, order, now, settings):
        return earlier
    grounds = Grounds(settings, load_rules(), services.settings.hash_key)
    order = open_order(order, now=now, grounds=grounds)
    answer = answer_of(order)
    code = 500 if order.state is State.BLOCKED else 200
    return Rehearsed(code, answer.reason, answer.start, order.call.masked())


def _plan(request: OutboundRequest, now: datetime, settings: OutboundSettings) -> OutboundOrder:
    return plan(request, now=now, order_id=str(uuid.uuid4()), settings=settings)


def _earlier(
    services: Services, order: OutboundOrder, now: datetime, settings: OutboundSettings
) -> Placed | None:
    """The answer of the order that holds this one's key, `None` when it is free."""
    if not order.idempotency_key:
        return None
    store = need(services.orders, "order store")
    holder = store.find_key(order.account, order.idempotency_key, since=now - settings.idempotency)
    return None if holder is None else _replay(services, holder, order)


def _replay(services: Services, holder: OutboundOrder, order: OutboundOrder) -> Placed:
    """The answer of the order that holds the key, as it stands now."""
    if holder.fingerprint != order.fingerprint:
        raise KeyTaken("this idempotency key was used for another order")
    store = need(services.orders, "order store")
    settled = store.settled(holder.id, seconds=WINNER_SECONDS)
    return Placed(answer_of(settled or holder), duplicate=True)
