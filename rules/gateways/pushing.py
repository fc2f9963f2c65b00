"""Sending a message to its endpoint, signed; and asking an endpoint whether it is there."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from rules.services.outgoing import Call, OutgoingError, TooLarge
from rules.webhooks.endpoints import CheckResult, read_check_error, read_check_reply
from rules.webhooks.messages import Attempt
from rules.webhooks.signing import sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.services.outgoing import Outgoing, Reply
    from rules.settings import Accounts
    from rules.webhooks.endpoints import Endpoint
    from rules.webhooks.messages import Message

__all__ = ["HttpPusher"]

SECONDS = 15.0
CHECK_SECONDS = 5.0
_MOST_REPLY = 65_536
_KEPT_OF_REPLY = 1000


class HttpPusher:
    """Sends through the one outgoing client; `accounts` say who may be called without TLS."""

    def __init__(self, outgoing: Outgoing, accounts: Callable[[], Accounts]) -> None:
        self._outgoing = outgoing
        self._accounts = accounts

    def send(self, message: Message, endpoint: Endpoint, now: datetime) -> Attempt:
        """Send once, signed as of now; never raises for what comes back."""
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
            allow_http=self._allows_http(endpoint),
            max_reply=_MOST_REPLY,
            purpose="delivery",
            secrets=_secrets(endpoint),
            keep_alive=endpoint.account,
            account=endpoint.account,
            request_id=message.id,
        )
        try:
            reply = self._outgoing.send(call, deadline=monotonic() + SECONDS)
        except OutgoingError as error:
            return _without_body(error)
        kept = _text(reply.body)[:_KEPT_OF_REPLY]
        return Attempt(reply.status, retry_after=_retry_after(reply, now), answer=kept)

    def check(self, endpoint: Endpoint) -> CheckResult:
        """Ask once, with credentials and without a message."""
        call = Call(
            "HEAD",
            endpoint.url,
            _credentials(endpoint),
            allow_http=self._allows_http(endpoint),
            purpose="check",
            secrets=_secrets(endpoint),
            account=endpoint.account,
        )
        try:
            reply = self._outgoing.send(call, deadline=monotonic() + CHECK_SECONDS)
        except OutgoingError as error:
            plain = endpoint.url[:7].casefold() == "http://"
            kind = "url" if error.kind == "scheme" and not plain else error.kind
            return read_check_error(type(error).__name__, kind)
        return read_check_reply(reply.status)

    def _allows_http(self, endpoint: Endpoint) -> bool:
        settings = self._accounts().effective(endpoint.account, None)
        return bool(settings.get("http_enabled", False))


def _without_body(error: OutgoingError) -> Attempt:
    """What an attempt came to whose reply is not usable.

    Where the reply began well and only its body is too large or cannot be unpacked, its status
    counts; a reply that broke off or came too late is none.
    """
    name = type(error).__name__.upper()
    if isinstance(error, TooLarge) or error.kind == "protocol":
        return Attempt(error.status, "" if error.status else name)
    return Attempt(None, name)


def _text(body: bytes) -> str:
    """An answer as text that every store keeps: without NUL."""
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")


def _credentials(endpoint: Endpoint) -> list[tuple[str, bytes]]:
    if not endpoint.username and not endpoint.password:
        return []
    pair = f"{endpoint.username}:{endpoint.password}".encode()
    return [("Authorization", b"Basic " + base64.b64encode(pair))]


def _secrets(endpoint: Endpoint) -> tuple[str, ...]:
    found = (endpoint.password, endpoint.secret, endpoint.old_secret)
    return tuple(secret for secret in found if secret)


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
