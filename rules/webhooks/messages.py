"""A message to an endpoint: its states, and what follows from an attempt to deliver it (D4, D5).

Delivery is at least once: receivers drop repetitions by the message's id, which never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from rules.webhooks.endpoints import MOST_AT_ONCE, Endpoint

__all__ = ["LEASE", "WAITS", "Attempt", "Message", "MessageState", "record_attempt"]

WAITS = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000, 36_000))
"""Waits after the first, second, ... failed attempt; after the eighth there is no more."""
LEASE = timedelta(seconds=30)
"""So long an attempt is claimed: its time limit and 15 seconds."""
_LONGEST_ASKED = timedelta(hours=24)
_GIVEN_UP = timedelta(days=5)
_OVERLOADED = frozenset({429, 502, 504})
_GONE = 410


class MessageState(Enum):
    """Where a message stands; `held`: its endpoint is disabled."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"


@dataclass(frozen=True)
class Message:
    """One body for one endpoint; `turn` counts claims and replays, so each is a turn of its own."""

    id: str
    endpoint: str
    account: str
    uuid: str
    body: bytes = field(repr=False)
    created_at: datetime
    state: MessageState = MessageState.PENDING
    attempts: int = 0
    turn: int = 0
    due: datetime | None = None
    status: int | None = None
    reason: str = ""
    answer: str = field(default="", repr=False)


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt: a status, or none and a reason; the start of the answer's body."""

    status: int | None
    reason: str = ""
    retry_after: timedelta | None = None
    answer: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        """Did the receiver take it?"""
        return self.status is not None and 200 <= self.status < 300


def record_attempt(
    message: Message, endpoint: Endpoint, attempt: Attempt, *, now: datetime, jitter: float
) -> tuple[Message, Endpoint]:
    """Message and endpoint after an attempt; `jitter` (-1 to 1) moves a wait by up to a tenth."""
    message = replace(
        message,
        attempts=message.attempts + 1,
        status=attempt.status,
        reason="" if attempt.ok else attempt.reason or f"HTTP_{attempt.status}",
        answer=attempt.answer,
        due=None,
    )
    if attempt.ok:
        at_once = min(endpoint.at_once + 1, MOST_AT_ONCE)
        return (
            replace(message, state=MessageState.DELIVERED),
            replace(endpoint, failing_since=None, at_once=at_once),
        )
    if attempt.status == _GONE:
        return replace(message, state=MessageState.FAILED), _disabled(endpoint, "GONE")
    since = endpoint.failing_since or now
    at_once = max(1, endpoint.at_once // 2) if attempt.status in _OVERLOADED else endpoint.at_once
    endpoint = replace(endpoint, failing_since=since, at_once=at_once)
    if now - since >= _GIVEN_UP:
        return replace(message, state=MessageState.HELD), _disabled(endpoint, "FAILING")
    if message.attempts > len(WAITS):
        return replace(message, state=MessageState.FAILED), endpoint
    wait = WAITS[message.attempts - 1] * (1 + jitter / 10)
    if attempt.retry_after is not None:
        wait = max(wait, min(attempt.retry_after, _LONGEST_ASKED))
    return replace(message, state=MessageState.PENDING, due=now + wait), endpoint


def _disabled(endpoint: Endpoint, reason: str) -> Endpoint:
    return replace(endpoint, enabled=False, disabled_reason=reason)
