"""callWebhook: a flow calls an API of the account's choice and gets parts of the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rules.envelope import Field, Rest, is_missing
from rules.errors import BadParameters
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Call, Method, Pairs, Reply
from rules.services.webhooks import Later, call_later, call_now, keep_variables, note
from rules.settings import nearest
from rules.variables import Variables
from rules.webhooks import (
    WEBHOOKS,
    Failure,
    Outcome,
    PreparedRequest,
    Reason,
    SpecRefused,
    WebhookSpec,
    prepare,
)

if TYPE_CHECKING:
    from rules.errors import RulesError

__all__ = ["METHOD"]

NAME: Field[str | None] = Field(
    "$flow.key.webhookName", str, "name of a webhook of the account", default=None
)
SPEC: Field[str | None] = Field(
    "$flow.key.webhookSpec",
    str,
    "or the webhook itself, as JSON; only where the account allows it",
    default=None,
    secret=True,
)
VARIABLES = Rest("$flow.key.", "the variables the webhook puts in, those of other namespaces too")
_RUN_IDS = (Field("$flow.syskey.phonon_uuid", str, "run"), Field("$call.cdr", str, "call"))

STATUS = Reply("$flow.key.response_status", "`SUCCESS` or `FAILED`")
CODE = Reply("$flow.key.response_status_code", "HTTP status; empty without a reply")
TYPE = Reply(
    "$flow.key.response_status_type", "the status by hundreds, on failure: `CLIENT_ERROR`, ..."
)
DURATION = Reply("$flow.key.response_duration", "seconds the call took, two decimals")
RAW = Reply("$flow.key.response_raw", "body of the reply as text; `null` without one")
ERROR = Reply("$flow.key.response_error", "`true` on failure, else `false`")
REASON = Reply("$flow.key.error_reason", "on failure: why")
LINE = Reply("$flow.key.response_line", "`0` for success, `1` for failure", extra=True)

_MOST_SECONDS = 55
_NO_REQUEST = PreparedRequest("", "", (), b"", 0)


def _check(call: Call) -> WebhookSpec | None:
    """The webhook: one of the account's, or one sent along where that is allowed."""
    name, given = call.filled.get(NAME), call.filled.get(SPEC)
    settings = call.settings(WEBHOOKS)
    if name is not None:
        if name in settings.webhooks:
            return settings.webhooks[name]
        hint = nearest(name, list(settings.webhooks))
        call.filled.refuse(NAME, "UNKNOWN_WEBHOOK", f"the account has no such webhook{hint}")
    elif given is None:
        call.filled.refuse(NAME, "MISSING_PARAMETER", "needed, or webhookSpec")
    elif not settings.inline_webhooks:
        call.filled.refuse(SPEC, "INLINE_NOT_ALLOWED", "the account does not set inline_webhooks")
    else:
        try:
            return _read(given)
        except SpecRefused as refused:
            call.filled.refuse(SPEC, "INVALID_WEBHOOK", str(refused))
    return None


def _read(text: str) -> WebhookSpec:
    """A webhook from JSON text; raises `SpecRefused`."""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise SpecRefused(["no JSON"]) from None
    return WebhookSpec.from_mapping(document, "inline")


def _run(call: Call) -> Pairs:
    spec: WebhookSpec = call.typed
    request = prepare(spec, Variables(call.envelope.keys), settings=call.settings(WEBHOOKS))
    later = Later(
        id=call.request_id,
        account=call.account or "",
        flow=call.flow or "",
        name=spec.name,
        request=_NO_REQUEST if isinstance(request, Failure) else request,
        auth=spec.auth,
        response_type=spec.response_type,
    )
    if isinstance(request, Failure):
        outcome = Outcome(ok=False, reason=request.reason, warnings=(request.detail,))
        note(call.services, outcome, later)
    elif spec.wait:
        outcome = call_now(call.services, spec, later, most=_MOST_SECONDS)
    else:
        call_later(call.services, later, now=call.now)
        return [(LINE.name, "0")]
    if spec.persist:
        keep_variables(call.services, later, _run_id(call), outcome)
    return outcome.pairs()


def _run_id(call: Call) -> str:
    """What the variables are kept under: the flow's run, else the call, else this request."""
    for field in _RUN_IDS:
        value = (call.envelope.find(field) or "").strip()
        if not is_missing(value):
            return value
    return call.request_id


def _failure(error: RulesError) -> Pairs:
    reason = str(Reason.INVALID_REQUEST) if isinstance(error, BadParameters) else ""
    return (
        (STATUS.name, "FAILED"),
        (CODE.name, ""),
        (TYPE.name, ""),
        (DURATION.name, ""),
        (RAW.name, "null"),
        (ERROR.name, "true"),
        (REASON.name, reason),
        (LINE.name, "1"),
    )


METHOD = Method(
    name="callWebhook",
    about="calls an API and puts parts of the answer into variables",
    fields=(NAME, SPEC, VARIABLES, ACCOUNT_ID, FLOW_ID),
    replies=(STATUS, CODE, TYPE, DURATION, RAW, ERROR, REASON, LINE),
    run=_run,
    failure=_failure,
    check=_check,
)
