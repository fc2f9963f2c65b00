"""One order on its way to the dialler: claim it, send it, record what came back.

Used by the request itself (the first attempt is made at once) and by the delivery process. Whoever
loses the race for a claim does nothing. What is sent is sent after the claim is on disk, so a
process that dies in the middle leaves a claim behind, which is later read as an attempt of unknown
fate.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rules.errors import StoreUnavailable
from rules.outbound import (
    OUTBOUND,
    Grounds,
    Kind,
    Outcome,
    State,
    advance,
    breaker_until,
    load_rules,
    record,
    retry,
)
from rules.services import need
from rules.services.outbound import AGAIN, LATE, is_carried, work_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rules.outbound import OutboundOrder, OutboundSettings
    from rules.services import Services

__all__ = [
    "OVERDUE",
    "attempt",
    "breaker",
    "dialler_of",
    "grounds_of",
    "hand_over",
    "orders_health",
    "retry_now",
]

OVERDUE = timedelta(hours=24)
_JITTER_STEPS = 2001
_log = logging.getLogger("rules.outbound")


def grounds_of(services: Services, account: str, flow: str) -> Grounds:
    """What decisions about an account's orders rest on."""
    settings = services.accounts().settings(OUTBOUND, account or None, flow or None)
    return Grounds(settings, load_rules(), services.settings.hash_key)


def dialler_of(services: Services, settings: OutboundSettings) -> tuple[str, bool]:
    """Address of the dialler in force, empty when there is none; is it the sandbox?"""
    if settings.dialler_url:
        return settings.dialler_url, False
    return services.settings.sandbox_dialler, True


def breaker(services: Services, url: str, now: datetime) -> datetime | None:
    """Until when nobody should try a dialler that has just failed three times."""
    return breaker_until(need(services.orders, "order store").last_attempts(url, 3), now=now)


def hand_over(services: Services, order_id: str, *, by: str) -> OutboundOrder | None:
    """Do what is due with an order, and give it back as it then stands.

    `by` names whoever runs it; the same name coming back to its own claim was cut off in the
    middle. `order.wake` of the result is when somebody must come back.
    """
    store = need(services.orders, "order store")
    order = store.get(order_id)
    if order is None:
        return None
    grounds = grounds_of(services, order.account, order.flow)
    ahead = advance(order, now=services.clock(), by=by, grounds=grounds)
    if ahead is order:
        _come_back(services, order, by)
        return order
    if order.wake is not None and ahead.state is State.SENDING:
        late = (services.clock() - order.wake).total_seconds()
        services.metrics.time("delivery_lag", max(0.0, late), "order")
    if not store.save(ahead, was=order):
        return store.get(order_id)
    return attempt(services, ahead, grounds) if ahead.state is State.SENDING else ahead


def _come_back(services: Services, order: OutboundOrder, by: str) -> None:
    """When this very waking came too early, by a clock that was set back, there must be another."""
    now = services.clock()
    woken = by.partition(AGAIN)[0] == work_name(order)
    if woken and order.wake is not None and order.wake > now:
        need(services.orders, "order store").wake_again(order, now=now)


def retry_now(services: Services, order: OutboundOrder, *, by: str) -> OutboundOrder:
    """By hand: try a queued or uncertain order at once; `order` itself when it has moved on."""
    grounds = grounds_of(services, order.account, order.flow)
    now = services.clock()
    ahead = advance(retry(order, now=now), now=now, by=by, grounds=grounds)
    if not need(services.orders, "order store").save(ahead, was=order):
        return order
    return attempt(services, ahead, grounds) if ahead.state is State.SENDING else ahead


def attempt(services: Services, order: OutboundOrder, grounds: Grounds) -> OutboundOrder:
    """Send an order whose claim is stored, and record the outcome."""
    settings = grounds.settings
    url, _ = dialler_of(services, settings)
    if url:
        outcome = need(services.dialler, "dialler").send(order, url)
    else:
        outcome = Outcome(Kind.DOWN, reason="DIALLER_NOT_SET")
    done = record(
        order,
        outcome,
        now=services.clock(),
        jitter=(services.draw(_JITTER_STEPS) - _JITTER_STEPS // 2) / (10 * (_JITTER_STEPS // 2)),
        settings=settings,
        dialler=url,
    )
    services.metrics.count("attempt", "order", outcome.kind.value)
    _log.info(
        "attempt %s",
        outcome.kind.value,
        extra={
            "order_id": order.id,
            "attempt": order.attempts,
            "code": outcome.code,
            "reason": outcome.reason,
            "state": done.state.value,
        },
    )
    return _recorded(services, order, done)


def _recorded(services: Services, order: OutboundOrder, done: OutboundOrder) -> OutboundOrder:
    """Store an outcome; a request is told what the dialler said even when it cannot be stored."""
    store = need(services.orders, "order store")
    try:
        if store.save(done, was=order):
            return done
        _log.warning("outcome came after the claim had run out", extra={"order_id": order.id})
        return store.get(order.id) or done
    except StoreUnavailable:
        if is_carried(order):  # the engine comes back to it when the database does
            raise
        _log.exception("outcome not stored, it will be asked again", extra={"order_id": order.id})
        return done


def _diallers(services: Services) -> set[str]:
    """Addresses of every dialler that is configured."""
    scopes = services.accounts().scopes()
    urls = {keys.get("dialler_url", "") for _, _, keys in scopes}
    return (urls | {services.settings.sandbox_dialler}) - {""}


def orders_health(services: Services) -> Callable[[], Mapping[str, Any]]:
    """The part of the health page about orders."""

    def part() -> Mapping[str, Any]:
        now = services.clock()
        counts = need(services.orders, "order store").counts(overdue_before=now - OVERDUE)
        diallers = _diallers(services)
        sandbox = services.settings.sandbox_dialler
        oldest = counts.oldest_waiting
        uncertain = counts.by_state.get(State.UNCERTAIN, 0)
        forgotten = bool(need(services.orders, "order store").due(now - LATE, limit=1))
        return {
            "ok": not counts.overdue and not uncertain and not forgotten,
            "dialler": "set" if diallers - {sandbox} else "sandbox" if sandbox else "not set",
            "breaker_open": any(breaker(services, url, now) for url in diallers),
            "waiting": sum(
                counts.by_state.get(state, 0) for state in (State.QUEUED, State.HELD, State.SENDING)
            ),
            "uncertain": uncertain,
            "overdue": counts.overdue,
            "late": forgotten,
            "oldest_waiting": oldest.isoformat(timespec="seconds") if oldest else "",
        }

    return part
