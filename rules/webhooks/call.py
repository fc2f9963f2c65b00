"""The whole of a webhook call: prepare, send, interpret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.outgoing import Call, OutgoingError
from rules.webhooks.outcome import Failure, Outcome, interpret, interpret_error
from rules.webhooks.request import prepare
from rules.webhooks.settings import WebhookSettings

if TYPE_CHECKING:
    from rules.outgoing import Outgoing
    from rules.webhooks.fill import Given
    from rules.webhooks.request import PreparedRequest
    from rules.webhooks.spec import WebhookSpec

__all__ = ["call_webhook", "send"]

_DEFAULT = WebhookSettings()
_PURPOSE = "webhook"


def call_webhook(
    spec: WebhookSpec,
    variables: Given,
    *,
    sender: Outgoing,
    settings: WebhookSettings = _DEFAULT,
    account: str = "",
    request_id: str = "",
) -> Outcome:
    """Call the webhook and wait for its answer; never raises for what a call can meet."""
    request = prepare(spec, variables, settings=settings)
    if isinstance(request, Failure):
        return Outcome(ok=False, reason=request.reason, warnings=(request.detail,))
    return send(
        spec, request, sender=sender, settings=settings, account=account, request_id=request_id
    )


def send(
    spec: WebhookSpec,
    request: PreparedRequest,
    *,
    sender: Outgoing,
    settings: WebhookSettings = _DEFAULT,
    most_seconds: float = 60,
    account: str = "",
    request_id: str = "",
) -> Outcome:
    """Send a prepared request, once, on a connection of its own."""
    call = Call(
        verb=request.method,
        url=request.url,
        headers=request.headers,
        body=request.body or None,
        allow_http=settings.http_enabled,
        purpose=_PURPOSE,
        secrets=request.secrets,
        account=account,
        request_id=request_id,
    )
    seconds = min(request.timeout, most_seconds)
    try:
        reply = sender.send(call, deadline=sender.now() + seconds)
    except OutgoingError as error:
        return interpret_error(spec, error)
    return interpret(spec, reply)
