"""The life of a link: live, then expired, disabled or used up; and when an old one will do again.

Flows repeat a call after a timeout, so an equal request gets the link it got before, as long as
that link is live and has more than a tenth of its life left.

>>> from datetime import datetime, timedelta
>>> made = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
>>> life = Life(created=made, expires=made + timedelta(days=10))
>>> state_at(made + timedelta(days=10), life).value, may_reuse(made + timedelta(days=9), life)
('expired', False)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Life", "State", "may_reuse", "state_at"]


class State(StrEnum):
    """What a click on a link meets."""

    LIVE = "live"
    EXPIRED = "expired"
    DISABLED = "disabled"
    USED_UP = "used_up"


@dataclass(frozen=True, slots=True)
class Life:
    """What decides about a link's state; `used` counts human clicks, None means no limit."""

    created: datetime
    expires: datetime | None = None
    max_clicks: int | None = None
    used: int = 0
    disabled: bool = False


def state_at(now: datetime, life: Life) -> State:
    """State at a moment; the moment of expiry itself is too late."""
    if life.disabled:
        return State.DISABLED
    if life.expires is not None and now >= life.expires:
        return State.EXPIRED
    if life.max_clicks is not None and life.used >= life.max_clicks:
        return State.USED_UP
    return State.LIVE


def may_reuse(now: datetime, life: Life, *, whole_life: bool = False) -> bool:
    """Will this link do for an equal request: live, and with more than a tenth of its life left?

    With `whole_life` it will do until it expires.
    """
    if state_at(now, life) is not State.LIVE:
        return False
    if whole_life or life.expires is None:
        return True
    return (life.expires - now) * 10 > life.expires - life.created
