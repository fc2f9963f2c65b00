"""What the methods need from outside: stores, senders, a clock, randomness. Protocols only.

A topic's protocols stand in a module of this package; `Services` holds one of each. The real ones
are wired in `rules.bootstrap`, made-up ones in `rules.testing`. A method asks for what it needs
with `need`, so an installation without, say, a dialler fails with clear words.

>>> from datetime import UTC, datetime
>>> services = Services(clock=lambda: datetime(2026, 11, 18, tzinfo=UTC), draw=lambda n: 0)
>>> services.clock().year
2026
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from rules.errors import StoreUnavailable
from rules.services.metrics import Metrics, NoMetrics
from rules.settings import Accounts, Settings

if TYPE_CHECKING:
    from rules.services.flow_end import Endpoints, FlowEnds, Messages, Pusher
    from rules.services.links import LinkServices
    from rules.services.outbound import Dialler, OrderStore
    from rules.services.outgoing import Outgoing
    from rules.services.prefs import ConsentStore, PauseStore, PreferenceStore
    from rules.services.reports import Reports
    from rules.services.telecom import LiveNumbers
    from rules.services.translation import Translator
    from rules.services.webhooks import WebhookStore


__all__ = ["Clock", "Draw", "Health", "Services", "Sweep", "need"]

T = TypeVar("T")
Clock = Callable[[], datetime]
"""The present moment, always aware."""
Draw = Callable[[int], int]
"""`draw(n)`: a number from 0 to n - 1, each as likely as the others, nobody can guess."""

Health = Callable[[], Mapping[str, Any]]
"""One part of `/health`: plain values, nothing personal; may raise when it cannot tell."""

Sweep = Callable[[datetime], int]
"""One batch of a housekeeping task as of a moment: how much was done, 0 when there is no more."""


@dataclass(frozen=True)
class Services:
    """Everything outside the rules, handed to every method.

    `accounts` is asked anew for each request, so that a changed file holds for the next one.
    `health` are the parts of the health page by name, `housekeeping` the tasks that delete what
    is past its time.
    """

    clock: Clock
    draw: Draw
    settings: Settings = field(default_factory=Settings)
    accounts: Callable[[], Accounts] = Accounts
    metrics: Metrics = field(default_factory=NoMetrics)
    health: Mapping[str, Health] = field(default_factory=dict)
    housekeeping: Mapping[str, Sweep] = field(default_factory=dict)
    orders: OrderStore | None = None
    dialler: Dialler | None = None
    outgoing: Outgoing | None = None
    preferences: PreferenceStore | None = None
    consents: ConsentStore | None = None
    pauses: PauseStore | None = None
    links: LinkServices | None = None
    translator: Translator | None = None
    reports: Reports | None = None
    live_numbers: LiveNumbers | None = None
    flow_ends: FlowEnds | None = None
    endpoints: Endpoints | None = None
    messages: Messages | None = None
    pusher: Pusher | None = None
    webhooks: WebhookStore | None = None


def need(service: T | None, what: str) -> T:
    """The service, or `StoreUnavailable` when this installation has none."""
    if service is None:
        raise StoreUnavailable(f"this installation has no {what}")
    return service
