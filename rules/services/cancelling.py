"""Cancelling an order that is still ours, or asking a flow to cancel a call it already has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rules.outbound import OutboundRequest, State, cancel, may_cancel
from rules.services import need
from rules.services.handover import grounds_of
from rules.services.placing import place

if TYPE_CHECKING:
    from datetime import datetime

    from rules.outbound import OutboundOrder, OutboundSettings
    from rules.services import Services

__all__ = ["cancel_order"]

_ASKED = (("$flow.key.CancelCall", "Yes"),)


def cancel_order(
    services: Services, order: OutboundOrder | None, *, now: datetime, by: str
) -> tuple[OutboundOrder | None, bool, str]:
    """The order as it then stands, whether it is cancelled, and why not."""
    store = need(services.orders, "order store")
    while True:
        may, reason = may_cancel(order)
        if order is None or not may or reason:
            break
        cancelled = cancel(order, now=now)
        if store.save(cancelled, was=order):
            return cancelled, True, ""
        order = store.get(order.id)
    if order is not None and order.state is State.ACCEPTED:
        settings = grounds_of(services, order.account, order.flow).settings
        if settings.cancel_by_create:
            return order, *_ask_the_flow(services, order, settings, now=now, by=by)
    return order, may, reason


def _ask_the_flow(
    services: Services,
    order: OutboundOrder,
    settings: OutboundSettings,
    *,
    now: datetime,
    by: str,
) -> tuple[bool, str]:
    """A second create call that asks the flow to cancel, once for each order.

    The gate is not asked: a flow that obeys calls nobody.
    """
    call = order.call
    request = OutboundRequest(
        security_id=call.security_id,
        flow_id=call.flow_id,
        contact_numbers=",".join(f"+{number}" for number in call.numbers),
        api_version=call.api_version,
        client_id=call.client_id,
        keys=_ASKED,
        idempotency_key=f"cancel:{order.id}",
        account=order.account,
        flow=order.flow,
    )
    without_gate = replace(settings, purpose=None)
    answer = place(services, request, now=now, by=by, settings=without_gate).answer
    refused = answer.state == State.REJECTED.value
    return (False, answer.reason) if refused else (True, "CANCEL_REQUESTED")
