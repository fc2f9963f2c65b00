"""What the engine runs: for each kind of work, a function from its ids to what is done about it.

A handler may be run twice for one piece of work, also at the same time: what it changes, it
changes by one conditional update.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rules.services.handover import hand_over
from rules.services.pushing import push
from rules.services.webhooks import make_call
from rules.services.work import Work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rules.services import Services
    from rules.services.work import Handler

__all__ = ["HOUSEKEEPING_MINUTES", "handlers", "housekeeping_work"]

HOUSEKEEPING_MINUTES = 5
_MOST_BATCHES = 200
_log = logging.getLogger(__name__)


def handlers(services: Services) -> dict[str, Handler]:
    """The handler of every kind of work."""

    def deliver_order(argument: Mapping[str, str]) -> None:
        hand_over(services, argument["order"], by=argument["by"])

    def housekeeping(_: Mapping[str, str]) -> None:
        sweep(services)

    def deliver_message(argument: Mapping[str, str]) -> None:
        push(services, argument["message"])

    def call_webhook(argument: Mapping[str, str]) -> None:
        make_call(services, argument["call"])

    return {
        "deliver-order": deliver_order,
        "deliver-message": deliver_message,
        "call-webhook": call_webhook,
        "housekeeping": housekeeping,
    }


def sweep(services: Services) -> dict[str, int]:
    """Run every housekeeping task in small batches until it finds nothing more; counts by name.

    One that fails leaves the others to be done, and is tried again the next time.
    """
    counts: dict[str, int] = {}
    for name, task in services.housekeeping.items():
        done = 0
        try:
            for _ in range(_MOST_BATCHES):
                batch = task(services.clock())
                done += batch
                if not batch:
                    break
        except Exception:  # noqa: BLE001  the next task has nothing to do with it
            _log.exception("housekeeping failed", extra={"task": name})
        counts[name] = done
    swept = {name: count for name, count in counts.items() if count}
    if swept:
        _log.info("housekeeping", extra={"swept": swept})
    return counts


def housekeeping_work(now: datetime) -> Work:
    """The housekeeping of this span of minutes: every node starts it, one of them does it."""
    span = now.replace(
        minute=now.minute - now.minute % HOUSEKEEPING_MINUTES, second=0, microsecond=0
    )
    return Work("housekeeping", f"housekeeping~{span:%Y%m%dT%H%MZ}")
