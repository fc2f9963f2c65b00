"""When an order is tried again, and when nobody tries for a while.

Waits grow from five seconds to half an hour and then go on without end: an accepted order is never
dropped. Only when the fate of an attempt is unknown is there an end, because the dialler's memory
of equal bodies, which makes a repetition safe, is trusted for some minutes only.

>>> from datetime import UTC, datetime
>>> from rules.outbound.settings import OutboundSettings
>>> at = datetime(2026, 11, 18, 5, tzinfo=UTC)
>>> down = [Change(at, State.QUEUED, State.SENDING, attempt=1),
...         Change(at, State.SENDING, State.QUEUED, "DIALLER_DOWN", 1)]
>>> next_attempt(down, now=at, jitter=0.0, settings=OutboundSettings()) - at
datetime.timedelta(seconds=5)
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rules.outbound.settings import OnUncertain
from rules.outbound.state import Change, State, failures, unknown_since

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.outbound.settings import OutboundSettings

__all__ = ["BREAK", "WAITS", "breaker_until", "next_attempt"]

WAITS = (5, 15, 60, 300, 900, 1800)
"""Seconds before the second, third, ... attempt; the last one for all further ones."""
BREAK = timedelta(seconds=30)
_BREAK_COUNT, _BREAK_WITHIN = 3, timedelta(minutes=1)
_LAST_MOMENT = timedelta(seconds=10)
"""So much before the dialler's memory is no longer trusted the last try is made."""


def next_attempt(
    history: Sequence[Change], *, now: datetime, jitter: float, settings: OutboundSettings
) -> datetime | None:
    """Moment of the next attempt by itself, or `None` when there is none.

    `jitter` is the part by which the wait is stretched, from -0.1 to 0.1.
    """
    if not history or history[-1].new is not State.QUEUED:
        return None
    count = failures(history)
    if not count:
        return now
    seconds = WAITS[min(count, len(WAITS)) - 1] * (1 + jitter)
    asked = history[-1].retry_after
    when = now + timedelta(seconds=max(seconds, asked))
    unknown = unknown_since(history)
    if unknown is None:
        return when
    if settings.on_uncertain is OnUncertain.HOLD:
        return None
    last = unknown + settings.uncertain - _LAST_MOMENT
    if when <= last:
        return when
    return None if asked > seconds or now >= last else last


def breaker_until(failed: Sequence[tuple[datetime, bool]], *, now: datetime) -> datetime | None:
    """Until when no request tries by itself, or `None`.

    `failed` are the last attempts of anybody at one dialler, newest first: when each ended and
    whether nothing usable came back.
    """
    last = failed[:_BREAK_COUNT]
    if len(last) < _BREAK_COUNT or not all(bad for _, bad in last):
        return None
    if last[0][0] - last[-1][0] > _BREAK_WITHIN:
        return None
    until = last[0][0] + BREAK
    return until if now < until else None
