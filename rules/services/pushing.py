"""One message on its way to its endpoint: claim it, sign it, send it, record what came back.

Used by the delivery process. The claim is on disk before anything is sent, so a process that dies
in the middle leaves a claim that runs out; the receiver may then see the same message id twice.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rules.services import need
from rules.webhooks.messages import MessageState, record_attempt

if TYPE_CHECKING:
    from datetime import datetime

    from rules.services import Services
    from rules.services.flow_end import Messages

__all__ = ["KEPT_MESSAGES", "messages_health", "push"]

KEPT_MESSAGES = timedelta(days=30)
_STEPS = 2001
_log = logging.getLogger("rules.delivery")


def push(services: Services, message_id: str) -> bool:
    """Try a message once if it is due; was it tried?"""
    messages = need(services.messages, "store of messages")
    began = services.clock()
    claimed = messages.claim(message_id, now=began)
    if claimed is None:
        return False
    message, endpoint, due = claimed
    services.metrics.time("delivery_lag", max(0.0, (began - due).total_seconds()), "message")
    pusher = need(services.pusher, "sender of messages")
    attempt = pusher.send(message, endpoint, services.clock())
    now = services.clock()
    jitter = (services.draw(_STEPS) - _STEPS // 2) / (_STEPS // 2)
    after, seen = record_attempt(message, endpoint, attempt, now=now, jitter=jitter)
    in_time = messages.finish(after, seen, was=message, now=now)
    services.metrics.count("attempt", "message", after.state.value)
    _log.log(
        logging.INFO if attempt.ok else logging.WARNING,
        "message %s",
        after.state.value if in_time else "late",
        extra={
            "message_id": message.id,
            "account": message.account,
            "attempt": after.attempts,
            "status": attempt.status,
            "reason": after.reason,
        },
    )
    return True


def messages_health(messages: Messages, now: datetime) -> dict[str, Any]:
    """The part of the health page about messages."""
    counts = messages.counts()
    oldest = counts.oldest_pending
    age = max(0, int((now - oldest).total_seconds())) if oldest else 0
    return {
        "ok": not counts.disabled,
        **{state.value: counts.by_state.get(state, 0) for state in MessageState},
        "oldest_pending": oldest.isoformat(timespec="seconds") if oldest else "",
        "oldest_pending_seconds": age,
        "disabled_webhooks": len(counts.disabled),
        "disabled": [
            {"id": one.id, "account": one.account, "reason": one.disabled_reason}
            for one in counts.disabled
        ],
    }
