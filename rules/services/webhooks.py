"""What webhook calls need from outside: a store of calls made later and of variables kept.

A call that nobody waits for is queued together with the work that makes it, and made at most once:
it may have side effects, so a second try would be wrong. Variables are kept for reports when the
webhook says so.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from rules.errors import RulesError
from rules.secret import mask
from rules.services import need
from rules.webhooks import WEBHOOKS, Outcome, WebhookSpec, send

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.services import Services
    from rules.webhooks import PreparedRequest

__all__ = [
    "KEPT",
    "KeptVariables",
    "Later",
    "WebhookStore",
    "call_later",
    "call_now",
    "keep_variables",
    "make_call",
    "note",
]

KEPT = timedelta(days=365)
"""So long variables are kept."""
_log = logging.getLogger("rules.webhooks")


@dataclass(frozen=True)
class Later:
    """A prepared call on its way: whose it is, the webhook's name, what is sent.

    `auth` and `response_type` are those of its specification: they tell what a reply means.
    """

    id: str
    account: str
    flow: str
    name: str
    request: PreparedRequest = field(repr=False)
    auth: str = "none"
    response_type: str = "json"


@dataclass(frozen=True)
class KeptVariables:
    """The variables that the calls of one run have set, by name."""

    account: str
    run: str
    at: datetime
    variables: dict[str, str] = field(repr=False)


class WebhookStore(Protocol):
    """Queued calls and kept variables."""

    def queue(self, later: Later, *, now: datetime) -> None:
        """Keep a call and start the work that makes it, both or neither."""
        ...

    def take(self, call_id: str) -> Later | None:
        """Begin a queued call, so that nobody else makes it; None when it was begun."""
        ...

    def forget(self, call_id: str) -> bool:
        """Forget a call that was made or given up; was it still there?"""
        ...

    def keep(
        self, account: str, run: str, variables: Sequence[tuple[str, str]], *, now: datetime
    ) -> None:
        """Keep variables of a run, each in place of an older one of its name."""
        ...

    def kept(
        self, account: str, *, since: datetime, until: datetime, after: str = "", limit: int = 500
    ) -> Sequence[KeptVariables]:
        """Runs of an account whose variables were kept in a span, by run after `after`."""
        ...

    def sweep(self, before: datetime, *, limit: int = 500) -> int:
        """Delete a batch of variables kept before a moment; how many."""
        ...


def call_now(services: Services, spec: WebhookSpec, later: Later, *, most: float) -> Outcome:
    """Make a call and wait for what comes of it; the outcome is logged and counted."""
    settings = services.accounts().settings(WEBHOOKS, later.account or None, later.flow or None)
    outcome = send(
        spec,
        later.request,
        sender=need(services.outgoing, "outgoing client"),
        settings=settings,
        most_seconds=most,
        account=later.account,
        request_id=later.id,
    )
    note(services, outcome, later, bodies=settings.log_bodies)
    return outcome


def call_later(services: Services, later: Later, *, now: datetime) -> None:
    """Queue a call that nobody waits for."""
    need(services.webhooks, "store of webhook calls").queue(later, now=now)


def make_call(services: Services, call_id: str) -> bool:
    """Make a queued call; False when it was made, or begun by somebody who was cut off.

    A call that was cut off may have arrived, so it is not made again: that is counted and logged.
    """
    store = need(services.webhooks, "store of webhook calls")
    later = store.take(call_id)
    if later is None:
        if store.forget(call_id):
            services.metrics.count("webhook", "CUT_OFF")
            _log.error("webhook call cut off, not made again", extra={"request_id": call_id})
        return False
    spec = WebhookSpec(later.request.url, auth=later.auth, response_type=later.response_type)
    call_now(services, spec, later, most=later.request.timeout)
    store.forget(call_id)
    return True


def keep_variables(services: Services, later: Later, run: str, outcome: Outcome) -> None:
    """Keep the variables of a call; the call is made, so a store that fails only says so."""
    try:
        store = need(services.webhooks, "store of webhook calls")
        store.keep(later.account, run, outcome.pairs(), now=services.clock())
    except RulesError:
        _log.exception("variables not kept", extra={"request_id": later.id, "webhook": later.name})


def note(services: Services, outcome: Outcome, later: Later, *, bodies: bool = False) -> None:
    """Count and log how a call went; bodies only where the account wants them."""
    word = "SUCCESS" if outcome.ok else str(outcome.reason)
    services.metrics.count("webhook", word)
    extra = {
        "request_id": later.id,
        "account": later.account,
        "webhook": later.name,
        "status": outcome.status_code,
        "reason": word,
        "ms": round(outcome.seconds * 1000),
        "detail": "; ".join(outcome.warnings),
    }
    if bodies:
        secrets = later.request.secrets
        extra["sent"] = mask(later.request.body.decode("utf-8", "replace"), secrets)
        extra["received"] = mask(outcome.raw or "", secrets)
    _log.info("webhook called", extra=extra)
