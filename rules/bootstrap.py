"""From settings to services: the one place that wires real clocks, stores and senders."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rules.gateways.accounts import AccountsFile
from rules.gateways.http import open_client
from rules.services import Services
from rules.settings import Accounts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rules.settings import Settings

__all__ = ["build"]


def build(settings: Settings) -> Services:
    """The services of an installation.

    Raises `SettingsRefused` for a bad accounts file, and `GuardBroken` when the address guard of
    outgoing calls does not hold. Nothing is opened here: stores connect on first use, after the
    server has forked.
    """
    health: dict[str, Callable[[], Mapping[str, Any]]] = {}
    accounts: Callable[[], Accounts]
    if settings.accounts:
        file = AccountsFile(settings.accounts, monotonic=time.monotonic)
        health["accounts"] = file.state
        accounts = file
    else:
        nothing = Accounts()
        accounts = lambda: nothing  # noqa: E731  shorter than a named function
    return Services(
        clock=lambda: datetime.now(UTC),
        draw=secrets.randbelow,
        settings=settings,
        accounts=accounts,
        health=health,
        outgoing=open_client(settings),
    )
