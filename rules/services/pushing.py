"""One message on its way to its endpoint: claim it, sign it, send it, record what came back.

Used by the delivery process. The claim is on disk before anything is sent, so a process that dies
in the middle leaves a claim that runs out; the receiver may then see the same message id twice.
"""

from __future__ import annotations

import base64
import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from rules.services import need
from rules.services.outgoing import Call, OutgoingError
from rules.webhooks.endpoints import CheckResult, read_check_error, read_check_reply
from rules.webhooks.messages import Attempt, record_attempt
from rules.webhooks.signing import sign

if TYPE_CHECKING:
    from rules.services import Services
    from rules.services.outgoing import Reply
    from rules.webhooks.endpoints import Endpoint
    from rules.webhooks.messages import Message

__all__ = ["check_endpoint", "push"]

SECONDS = 15.0
CHECK_SECONDS = 5.0
_MOST_REPLY = 65_536
_KEPT_OF_REPLY = 1000
_STEPS = 2001
_log = logging.getLogger("rules.delivery")


def push(services: Services, message_id: str) -> bool:
    """Try a message once if it is due; was it tried?"""
    messages = need(services.messages, "store of messages")
    claimed = messages.claim(message_id, now=services.clock())
    if claimed is None:
        return False
    message, endpoint = claimed
    attempt = _send(services, message, endpoint)
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


def _send(services: Services, message: Message, endpoint: Endpoint) -> Attempt:
    now = services.clock()
    headers = [
        ("Content-Type", b"application/json; charset=utf-8"),
        *sign(message.id, now, message.body, endpoint.secrets_at(now)),
        *_credentials(endpoint),
    ]
    call = Call(
        "POST",
        endpoint.url,
        headers,
        message.body,
        allow_http=_allows_http(services, endpoint),
        max_reply=_MOST_REPLY,
        purpose="delivery",
        secrets=_secrets(endpoint),
        keep_alive=endpoint.account,
        account=endpoint.account,
        request_id=message.id,
    )
    try:
        reply = need(services.outgoing, "outgoing client").send(call, deadline=_until(SECONDS))
    except OutgoingError as error:
        return Attempt(None, type(error).__name__.upper())
    kept = reply.body.decode("utf-8", "replace")[:_KEPT_OF_REPLY]
    return Attempt(reply.status, retry_after=_retry_after(reply, now), answer=kept)


def check_endpoint(services: Services, endpoint: Endpoint) -> CheckResult:
    """Ask an endpoint once, with its credentials and without a message."""
    call = Call(
        "HEAD",
        endpoint.url,
        _credentials(endpoint),
        allow_http=_allows_http(services, endpoint),
        purpose="check",
        secrets=_secrets(endpoint),
        account=endpoint.account,
    )
    try:
        reply = need(services.outgoing, "outgoing client").send(
            call, deadline=_until(CHECK_SECONDS)
        )
    except OutgoingError as error:
        return read_check_error(type(error).__name__, error.kind)
    return read_check_reply(reply.status)


def _allows_http(services: Services, endpoint: Endpoint) -> bool:
    accounts = services.accounts()
    return bool(accounts.effective(endpoint.account, None).get("http_enabled", False))


def _credentials(endpoint: Endpoint) -> list[tuple[str, bytes]]:
    if not endpoint.username and not endpoint.password:
        return []
    pair = f"{endpoint.username}:{endpoint.password}".encode()
    return [("Authorization", b"Basic " + base64.b64encode(pair))]


def _secrets(endpoint: Endpoint) -> tuple[str, ...]:
    found = (endpoint.password, endpoint.secret, endpoint.old_secret)
    return tuple(secret for secret in found if secret)


def _until(seconds: float) -> float:
    return time.monotonic() + seconds


def _retry_after(reply: Reply, now: datetime) -> timedelta | None:
    """What `Retry-After` asks for: seconds or a date; anything else asks for nothing."""
    text = (reply.header("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), 86_400))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))
