"""Pauses of direct-dial agents: begin, move, end, and the state at any moment.

A pause is an interval, open while it lasts. With `pause_auto_end` it ends by itself at its planned
end: that is computed from the interval, so it is right even if nobody ever writes it down. All
functions take the moment; none reads a clock.

>>> from datetime import UTC, datetime
>>> ten = datetime(2026, 11, 18, 10, tzinfo=UTC)
>>> policy = PausePolicy(reasons={"LUNCH": Reason("LUNCH", "Lunch", minutes=45)})
>>> state, _ = pause(AgentState("919879912345"), at=ten, reason="LUNCH", until=None, policy=policy)
>>> state_at(state, at=ten.replace(minute=30), policy=policy).elapsed_minutes
30
>>> state_at(state, at=ten.replace(minute=45), policy=policy).paused
False
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AgentState",
    "EndedBy",
    "Interval",
    "PausePolicy",
    "PauseState",
    "Reason",
    "UnusableEnd",
    "end_if_over",
    "pause",
    "resume",
    "settled",
    "state_at",
]

_MINUTE = timedelta(minutes=1)


class EndedBy(StrEnum):
    """What ended an interval."""

    AGENT = "agent"
    AUTO = "auto"
    REASON_CHANGE = "reason_change"
    OPEN = "open"


class UnusableEnd(RulesError):
    """A planned end that is not ahead, or later than the longest pause allows."""

    code = "OUT_OF_RANGE"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of an account's list."""

    code: str
    label: str = ""
    minutes: int | None = None
    paid: bool = False


@dataclass(frozen=True, slots=True)
class PausePolicy:
    """What an account says of pauses; without reasons any text is one."""

    auto_end: bool = True
    max_minutes: int | None = None
    default_minutes: int | None = None
    reasons: Mapping[str, Reason] = field(default_factory=dict)

    def find_reason(self, text: str) -> str | None:
        """The reason as the account spells it, in whatever case it was sent."""
        wanted = text.casefold()
        return next((code for code in self.reasons if code.casefold() == wanted), None)

    def planned_minutes(self, reason: str) -> int | None:
        """How long a pause lasts when nobody says: by its reason, else by default."""
        found = self.reasons.get(reason)
        minutes = found.minutes if found and found.minutes else self.default_minutes
        if minutes is None or self.max_minutes is None:
            return minutes
        return min(minutes, self.max_minutes)


@dataclass(frozen=True, slots=True)
class Interval:
    """One pause of one agent; `end` is `None` while it lasts."""

    cli: str
    account: str
    reason: str
    start: datetime
    planned_end: datetime | None = None
    end: datetime | None = None
    ended_by: EndedBy = EndedBy.OPEN


@dataclass(frozen=True, slots=True)
class AgentState:
    """An agent's number, whose agent it is, and the interval that has not been closed."""

    cli: str
    account: str = ""
    running: Interval | None = None


@dataclass(frozen=True, slots=True)
class PauseState:
    """What is so at one moment."""

    paused: bool
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    elapsed_minutes: int = 0
    overrun: bool = False


ACTIVE = PauseState(paused=False)


def settled(interval: Interval, *, at: datetime, policy: PausePolicy) -> Interval:
    """The interval, closed at its planned end if it has ended by itself."""
    planned = interval.planned_end
    if interval.end is None and policy.auto_end and planned is not None and planned <= at:
        return replace(interval, end=planned, ended_by=EndedBy.AUTO)
    return interval


def state_at(state: AgentState, *, at: datetime, policy: PausePolicy) -> PauseState:
    """Paused or active at this moment, since when, until when, and how long by now."""
    running = state.running and settled(state.running, at=at, policy=policy)
    if running is None or running.end is not None:
        return ACTIVE
    planned = running.planned_end
    return PauseState(
        paused=True,
        reason=running.reason,
        since=running.start,
        until=planned,
        elapsed_minutes=max(at - running.start, timedelta()) // _MINUTE,
        overrun=planned is not None and at > planned,
    )


def pause(
    state: AgentState,
    *,
    at: datetime,
    reason: str | None,
    until: datetime | None,
    policy: PausePolicy,
    begin: PausePolicy | None = None,
) -> tuple[AgentState, tuple[Interval, ...]]:
    """The state with a pause running, and the intervals that this closed.

    A running pause keeps its start: another reason closes it and opens a new one, another end only
    moves the end. `begin`, when given, holds for a pause that begins now instead of `policy`.
    Raises `UnusableEnd` for an `until` that is not ahead or beyond the maximum.
    """
    if until is not None and until <= at:
        raise UnusableEnd("the end of the pause is not ahead")
    running, closed = _close_if_over(state, at=at, policy=policy)
    if running is not None and reason is not None and reason != running.reason:
        closed = (*closed, _closed(running, at, EndedBy.REASON_CHANGE))
        running = None
    if running is None:
        policy = begin or policy
        minutes = policy.planned_minutes(reason or "")
        planned = None if minutes is None else at + minutes * _MINUTE
        running = Interval(state.cli, state.account, reason or "", at, until or planned)
    elif until is not None:
        running = replace(running, planned_end=until)
    limit = policy.max_minutes
    if until is not None and limit is not None and until - running.start > limit * _MINUTE:
        raise UnusableEnd(f"a pause lasts at most {limit} minutes")
    return replace(state, running=running), closed


def resume(
    state: AgentState, *, at: datetime, policy: PausePolicy
) -> tuple[AgentState, tuple[Interval, ...]]:
    """The state without a pause, and the interval that this closed."""
    running, closed = _close_if_over(state, at=at, policy=policy)
    if running is not None:
        closed = (_closed(running, at, EndedBy.AGENT),)
    return replace(state, running=None), closed


def end_if_over(
    state: AgentState, *, at: datetime, policy: PausePolicy
) -> tuple[AgentState, tuple[Interval, ...]]:
    """The state without a pause that has ended by itself, and its interval."""
    running, closed = _close_if_over(state, at=at, policy=policy)
    return replace(state, running=running), closed


def _close_if_over(
    state: AgentState, *, at: datetime, policy: PausePolicy
) -> tuple[Interval | None, tuple[Interval, ...]]:
    """The interval still running, or the one that has ended by itself."""
    if state.running is None:
        return None, ()
    running = settled(state.running, at=at, policy=policy)
    return (running, ()) if running.end is None else (None, (running,))


def _closed(running: Interval, at: datetime, ended_by: EndedBy) -> Interval:
    """Closed now; a clock that ran back never makes an end before the start."""
    return replace(running, end=max(at, running.start), ended_by=ended_by)
