"""The test kit for users: services with a fixed clock, stores in memory and settings as mappings.

>>> from datetime import datetime
>>> from rules.methods import answer
>>> now = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
>>> services = make_services(now=now, accounts={"default": {"extra_keys": False}})
>>> answer({"method": "nonsense"}, services).status
404
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rules.errors import SettingsRefused
from rules.gateways.http import HttpClient
from rules.gateways.report_sinks import ReportSinks
from rules.gateways.translate import HttpTranslator
from rules.methods import TOPICS
from rules.sandbox import InProcessDialler, Sandbox
from rules.services import Services
from rules.settings import Accounts, Settings
from rules.storage.flow_ends import SqlEndpoints, SqlFlowEnds
from rules.storage.memory.engine import memory_engine
from rules.storage.memory.links import memory_links
from rules.storage.memory.outbound import MemoryOrders
from rules.storage.memory.pauses import MemoryPauses
from rules.storage.memory.preferences import MemoryConsents, MemoryPreferences
from rules.storage.memory.reports import MemoryReports
from rules.storage.memory.translation import MemoryTranslations
from rules.storage.memory.webhooks import MemoryWebhooks
from rules.storage.messages import SqlMessages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rules.services.outgoing import Call, Reply

__all__ = ["at", "make_services"]


def make_services(
    *,
    now: datetime,
    accounts: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
    **settings: Any,
) -> Services:
    """Services for a test: the moment stands still at `now`, everything is kept in memory.

    The dialler is a sandbox in this process, `services.dialler.sandbox`, for every account with a
    `dialler_url`.

    `accounts` has the form of the accounts file: `{"default": {...}, "account": {"163": {...}},
    "flow": {...}}`; `files` are the texts of files that its settings name. `settings` are fields
    of `rules.settings.Settings`. Raises `SettingsRefused` for a mistake in `accounts`, `ValueError`
    for a naive `now`.
    """
    _aware(now)
    known = Accounts(accounts, files)
    mistakes = [f"{key}: {message}" for _, _, key, message in known.mistakes(TOPICS)]
    if mistakes:
        raise SettingsRefused("accounts", mistakes)
    consents = MemoryConsents()
    engine = memory_engine()
    installation = Settings(**settings)
    outgoing = _Client(installation)
    return Services(
        clock=lambda: now,
        orders=MemoryOrders(),
        dialler=InProcessDialler(Sandbox(clock=lambda: now)),
        draw=random.Random(0).randrange,  # noqa: S311  tests want the same draw each time
        settings=installation,
        accounts=lambda: known,
        flow_ends=SqlFlowEnds(engine),
        endpoints=SqlEndpoints(engine),
        messages=SqlMessages(engine),
        preferences=MemoryPreferences(consents),
        consents=consents,
        pauses=MemoryPauses(),
        links=memory_links(installation),
        translator=HttpTranslator(
            outgoing,
            monotonic=time.monotonic,
            store=MemoryTranslations(),
            hash_key=installation.hash_key,
        ),
        reports=ReportSinks(None, MemoryReports()),
        outgoing=outgoing,
        webhooks=MemoryWebhooks(),
    )


class _Client:
    """The real outgoing client, made when something is first sent."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> HttpClient:
        return HttpClient(allowed=self._settings.outgoing_allowed, ca_file=self._settings.ca_file)

    def send(self, call: Call, *, deadline: float) -> Reply:
        """Send a call as an installation would."""
        return self._client.send(call, deadline=deadline)

    def now(self) -> float:
        """The present on the clock of deadlines."""
        return time.monotonic()


def at(services: Services, now: datetime) -> Services:
    """The same services, with the same stores, at another moment."""
    _aware(now)
    return replace(services, clock=lambda: now)


def _aware(now: datetime) -> None:
    if now.tzinfo is None:
        raise ValueError("now must be aware: give it a time zone")
