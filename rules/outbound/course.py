"""The course of an order: opening, hand-over, recording, by hand. Old order and facts in, new out.

Nothing here waits, sends or stores. Whoever runs an order asks `advance` what follows at a moment,
stores the answer with one conditional update, and sends when it says `sending`.

* A retry after an attempt of **unknown fate** sends the same bytes, for so long as the dialler is
  trusted to know them again; afterwards the order waits for a person (`uncertain`).
* New bytes are made only when every earlier attempt surely did not arrive.
* The gate is asked again before every hand-over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.outbound.decisions import ask_gate
from rules.outbound.gate import CallDecision, Verdict
from rules.outbound.retry import next_attempt
from rules.outbound.settings import Hold
from rules.outbound.state import NEXT, Change, State
from rules.outbound.wire import Kind, Outcome

if TYPE_CHECKING:
    from rules.outbound.order import OutboundOrder
    from rules.outbound.purposes import Purpose
    from rules.outbound.records import CallRules
    from rules.outbound.settings import OutboundSettings

__all__ = [
    "CLAIM",
    "Grounds",
    "advance",
    "cancel",
    "may_cancel",
    "open_order",
    "postpone",
    "record",
    "release",
    "retry",
]

CLAIM = timedelta(seconds=60)
"""So long one attempt is claimed; a claim older than this is an attempt of unknown fate."""
NEW_START = "NEW_START"
"""Reason of a claim that made new bytes, because the start's date had passed."""
_DIALLER_ZONE = ZoneInfo("Asia/Kolkata")
_SPOKEN_WARNINGS = frozenset({"NO_RULES_FOR_COUNTRY", "CALLER_ID_SERIES", "OUTSIDE_WINDOW"})


@dataclass(frozen=True)
class Grounds:
    """What decisions about an order rest on."""

    settings: OutboundSettings
    rules: CallRules
    hash_key: str = ""


def open_order(order: OutboundOrder, *, now: datetime, grounds: Grounds) -> OutboundOrder:
    """A planned order after its first asking of the gate: queued, held or blocked."""
    text = ""
    if order.purpose is not None:
        decision, text = _ask(order, order.purpose, order.start, grounds)
        if decision.verdict is Verdict.BLOCK:
            return _move(order, State.BLOCKED, now, _blocked(decision), decision=text)
        order = _moved_start(order, decision) if decision.verdict is Verdict.DEFER else order
        spoken = tuple(code for code in decision.warnings if code in _SPOKEN_WARNINGS)
        order = replace(order, notes=(*order.notes, *spoken))
    waits = grounds.settings.hold is Hold.UNTIL_DUE and now < order.start
    return _move(order, State.HELD if waits else State.QUEUED, now, decision=text)


def advance(order: OutboundOrder, *, now: datetime, by: str, grounds: Grounds) -> OutboundOrder:
    """What follows now: the same order when there is nothing to do yet, else one that changed.

    `by` names whoever runs the order. A result in state `sending` is claimed for `by`, who must
    store it and then send. Every step is a row of the history.
    """
    if order.state is State.SENDING:
        until = order.claimed_until or now
        if order.claimed_by != by and now < until:
            return order
        order = _cut(order, now, grounds.settings)
    if order.state is State.HELD and now >= order.start:
        order = replace(_move(order, State.QUEUED, now, "DUE"), next_attempt=now)
    if order.state is State.QUEUED and now >= (order.next_attempt or now):
        order = _hand_over(order, now, by, grounds)
    return order


def record(
    order: OutboundOrder,
    outcome: Outcome,
    *,
    now: datetime,
    jitter: float,
    settings: OutboundSettings,
    dialler: str = "",
) -> OutboundOrder:
    """The order after an attempt that ended like this."""
    facts: dict[str, Any] = {
        "dialler": dialler,
        "known": outcome.known,
        "retry_after": outcome.retry_after,
    }
    if outcome.kind is Kind.DOWN:
        return _failed(order, outcome.reason, now=now, jitter=jitter, settings=settings, **facts)
    state = State.ACCEPTED if outcome.kind is Kind.ACCEPTED else State.REJECTED
    return replace(
        _move(order, state, now, outcome.reason, **facts),
        code=outcome.code,
        request_id=outcome.request_id,
        phonon_uuid=outcome.phonon_uuid,
    )


def may_cancel(order: OutboundOrder | None) -> tuple[bool, str]:
    """Can it still be cancelled, and if not (or not again) why."""
    if order is None:
        return False, "UNKNOWN"
    state = order.state
    if state is State.SENDING or (state is State.QUEUED and order.unknown_since):
        return False, "IN_PROGRESS"
    if state in (State.QUEUED, State.HELD):
        return True, ""
    if state is State.CANCELLED:
        return True, "ALREADY_CANCELLED"
    if state is State.ACCEPTED:
        return False, "ALREADY_HANDED_OVER"
    return False, state.name


def cancel(order: OutboundOrder, *, now: datetime) -> OutboundOrder:
    """The order cancelled; ask `may_cancel` first."""
    return _move(order, State.CANCELLED, now, "CANCELLED")


def postpone(order: OutboundOrder, until: datetime) -> OutboundOrder:
    """A new queued order that is not tried before `until`, because the dialler is known down."""
    first = replace(order.history[-1], reason="DIALLER_DOWN")
    return replace(order, history=(*order.history[:-1], first), next_attempt=until)


def retry(order: OutboundOrder, *, now: datetime) -> OutboundOrder:
    """By hand: due now; an uncertain order is taken to have surely not arrived."""
    if order.state is not State.QUEUED:
        order = _move(order, State.QUEUED, now, "BY_HAND")
    return replace(order, next_attempt=now)


def release(order: OutboundOrder, *, now: datetime) -> OutboundOrder:
    """By hand: an uncertain order that the dialler has is done with."""
    return replace(_move(order, State.ACCEPTED, now, "BY_HAND"), code=200)


def _hand_over(order: OutboundOrder, now: datetime, by: str, grounds: Grounds) -> OutboundOrder:
    """A due order claimed for an attempt, or why there is none."""
    settings, unknown, text = grounds.settings, order.unknown_since, ""
    if unknown and now > unknown + settings.uncertain:
        return _move(order, State.UNCERTAIN, now, "FATE_UNKNOWN")
    if settings.expire_after and now > order.start + settings.expire_after:
        return _stop(order, State.EXPIRED, now, "EXPIRED")
    if order.purpose is not None:
        decision, text = _ask(order, order.purpose, max(order.start, now), grounds)
        if decision.verdict is Verdict.BLOCK:
            return _stop(order, State.BLOCKED, now, _blocked(decision), decision=text)
        if decision.verdict is Verdict.DEFER:
            reason = ",".join(("DEFERRED", *decision.against))
            held = _stop(order, State.HELD, now, reason, decision=text)
            return held if unknown else _moved_start(held, decision)
    fresh = not unknown and _is_stale(order, now)
    if fresh:
        order = _starting(order, now.astimezone(settings.zone).replace(microsecond=0))
    claimed = _move(order, State.SENDING, now, NEW_START if fresh else "", decision=text)
    return replace(claimed, claimed_by=by, claimed_until=now + CLAIM)


def _is_stale(order: OutboundOrder, now: datetime) -> bool:
    """Would the dialler refuse the start, or was it renewed before and has gone by again?"""
    renewed = any(change.reason == NEW_START for change in order.history)
    return _day(order.start) < _day(now) or (renewed and order.start < now)


def _stop(
    order: OutboundOrder, state: State, now: datetime, reason: str, *, decision: str = ""
) -> OutboundOrder:
    """The order in a state without attempts, or uncertain when an earlier one may have arrived."""
    if order.unknown_since:
        state, reason = State.UNCERTAIN, f"FATE_UNKNOWN,{reason}"
    return _move(order, state, now, reason, decision=decision)


def _cut(order: OutboundOrder, now: datetime, settings: OutboundSettings) -> OutboundOrder:
    """An attempt that somebody began and nobody ended: its fate is unknown."""
    cut = _failed(
        order, "FATE_UNKNOWN", now=order.history[-1].at, jitter=0.0, settings=settings, known=False
    )
    return replace(cut, history=(*cut.history[:-1], replace(cut.history[-1], at=now)))


def _failed(
    order: OutboundOrder,
    reason: str,
    *,
    now: datetime,
    jitter: float,
    settings: OutboundSettings,
    **facts: Any,
) -> OutboundOrder:
    """The order after an attempt without an answer: queued with its next attempt, or uncertain."""
    queued = _move(order, State.QUEUED, now, reason, **facts)
    when = next_attempt(queued.history, now=now, jitter=jitter, settings=settings)
    if when is None:
        return _move(order, State.UNCERTAIN, now, "FATE_UNKNOWN", **facts)
    return replace(queued, next_attempt=when)


def _move(
    order: OutboundOrder, new: State, now: datetime, reason: str = "", **facts: Any
) -> OutboundOrder:
    """The order one row of history further."""
    old = order.history[-1].new if order.history else None
    if old is not None and new not in NEXT[old]:
        raise ValueError(f"no way from {old.value} to {new.value}")
    attempt = order.attempts + (new is State.SENDING)
    change = Change(now, old, new, reason, attempt, **facts)
    return replace(
        order,
        history=(*order.history, change),
        claimed_by="",
        claimed_until=None,
        next_attempt=order.next_attempt if new is State.QUEUED else None,
    )


def _ask(
    order: OutboundOrder, purpose: Purpose, at: datetime, grounds: Grounds
) -> tuple[CallDecision, str]:
    return ask_gate(
        order.call.numbers,
        purpose,
        at,
        rules=grounds.rules,
        settings=grounds.settings,
        hash_key=grounds.hash_key,
    )


def _blocked(decision: CallDecision) -> str:
    return ",".join(("BLOCKED", *decision.reasons))


def _moved_start(order: OutboundOrder, decision: CallDecision) -> OutboundOrder:
    """The order at the moment the gate allows, and a note of who moved it."""
    notes = dict.fromkeys((*order.notes, "DEFERRED", *decision.against))
    return replace(_starting(order, decision.at or order.start), notes=tuple(notes))


def _starting(order: OutboundOrder, start: datetime) -> OutboundOrder:
    return replace(order, start=start, body=order.call.starting(start).encode())


def _day(moment: datetime) -> Any:
    """The date the dialler sees."""
    return moment.astimezone(_DIALLER_ZONE).date()
