"""`updatePauseStatusForCLI`: an agent goes on a break, or comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rules.dates import DateUnreadable
from rules.envelope import Field, Unusable, boolean, text, within
from rules.errors import BadParameters, FieldProblem
from rules.methods._agent import CLI, account_of, cli_error, policy_of, stamp
from rules.methods._customer import short_text
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Method, Reply, fixed, flag
from rules.prefs import (
    PREFS,
    AgentState,
    UnusableEnd,
    end_if_over,
    pause,
    read_until,
    resume,
    state_at,
)
from rules.services import need

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from rules.methods._method import Call, Pairs
    from rules.prefs import Interval

__all__ = ["METHOD"]

RESULT = "$flow.key.cli_pause_update"
PAUSE: Field[bool] = Field("$flow.key.pause", boolean, "`true` pauses, `false` un-pauses")
REASON: Field[str | None] = Field(
    "$flow.key.pauseReason", text, "code of the account's list, or free text", default=None
)
MINUTES: Field[str | None] = Field(
    "$flow.key.pauseMinutes", text, "minutes after which the pause ends", default=None
)
UNTIL: Field[str | None] = Field(
    "$flow.key.pauseUntil", text, "moment or clock time at which the pause ends", default=None
)
_LONGEST_REASON = 50
_read_minutes = within(1, 1_440)


def _account(call: Call) -> str:
    """The account of a pause that begins now."""
    cli = call.filled.get(CLI)
    return (account_of(call, cli) if cli else call.account) or ""


def _reason(call: Call) -> str | None:
    """The reason as the account spells it; none where it could not be used."""
    said, policy = call.filled.get(REASON), policy_of(call, _account(call), flow=call.flow)
    if said is None or not policy.reasons:
        return said and short_text(said, _LONGEST_REASON)
    found = policy.find_reason(said)
    if found is None:
        raise Unusable(f"is none of the account's reasons: {', '.join(policy.reasons)}")
    return found


def _until(call: Call) -> datetime | None:
    """The planned end that the request asks for."""
    if (minutes := call[MINUTES]) is not None:
        return call.now + timedelta(minutes=_read_minutes(minutes))
    if (said := call[UNTIL]) is None:
        return None
    try:
        return read_until(said, now=call.now, zone=call.settings(PREFS).zone)
    except DateUnreadable as error:
        raise Unusable("is neither a moment nor a clock time", error.code) from None


def _end_field(call: Call) -> Field[str | None]:
    return UNTIL if call[MINUTES] is None else MINUTES


def _check(call: Call) -> None:
    """Look at reason and end before anything is changed; un-pausing ignores both."""
    if not call.filled.get(PAUSE):
        return
    both = call.filled.get(MINUTES) is not None and call.filled.get(UNTIL) is not None
    checks: list[tuple[Field[str | None], Callable[[], object]]] = [
        (REASON, lambda: _reason(call)),
        (_end_field(call), lambda: _try_end(call)),
    ]
    for field, check in checks:
        try:
            check()
        except Unusable as error:
            call.filled.refuse(field, error.code, str(error))
    if both:
        call.filled.refuse(UNTIL, "OUT_OF_RANGE", "not together with pauseMinutes")


def _try_end(call: Call) -> None:
    """Would the pause be allowed to end then, as far as can be told before it is changed."""
    try:
        if _until(call) is not None:
            _changed(call, _present(call))
    except UnusableEnd as error:
        raise Unusable(str(error), error.code) from None


def _present(call: Call) -> AgentState:
    """The agent's state before the request; for an unusable number, of nobody who is paused."""
    store, cli = call.services.pauses, call.filled.get(CLI)
    running = store.running(cli.number) if store and cli and cli.number else None
    return AgentState("", running.account if running else _account(call), running)


def _changed(call: Call, state: AgentState) -> tuple[AgentState, Sequence[Interval]]:
    """The state that the request asks for, and the intervals that this closes."""
    policy = policy_of(call, state.account)
    if not call[PAUSE]:
        return resume(state, at=call.now, policy=policy)
    state, over = end_if_over(state, at=call.now, policy=policy)
    if state.running is None:
        state = replace(state, account=_account(call))
    new, closed = pause(
        state,
        at=call.now,
        reason=_reason(call),
        until=_until(call),
        policy=policy,
        begin=policy_of(call, state.account, flow=call.flow),
    )
    return new, (*over, *closed)


def _run(call: Call) -> Pairs:
    store, error = need(call.services.pauses, "store of pauses"), cli_error(call)
    if error:
        return [(RESULT, "false"), *_told(error=error)]
    try:
        state = store.change(call[CLI].number, _account(call), lambda now: _changed(call, now))
    except UnusableEnd as refusal:
        problem = FieldProblem(_end_field(call).name, refusal.code, str(refusal))
        raise BadParameters([problem]) from None
    now = state_at(state, at=call.now, policy=policy_of(call, state.account))
    zone = call.settings(PREFS).zone
    told = _told(
        "paused" if now.paused else "active",
        stamp(now.since, zone),
        stamp(now.until, zone),
        now.reason,
    )
    return [(RESULT, flag(now.paused == call[PAUSE])), *told]


def _told(
    state: str = "", since: str = "", until: str = "", reason: str = "", error: str = ""
) -> Pairs:
    yield "$flow.key.pauseState", state
    yield "$flow.key.pauseSince", since
    yield "$flow.key.pauseUntil", until
    yield "$flow.key.pauseReason", reason
    yield "$flow.key.pauseError", error


METHOD = Method(
    name="updatePauseStatusForCLI",
    about="an agent goes on a break, or comes back",
    fields=(PAUSE, CLI, REASON, MINUTES, UNTIL, ACCOUNT_ID, FLOW_ID),
    replies=(
        Reply(RESULT, "`true`: the agent is now in the state asked for"),
        Reply("$flow.key.pauseState", "`paused`, `active`, or empty", extra=True),
        Reply("$flow.key.pauseSince", "when the pause began", extra=True),
        Reply("$flow.key.pauseUntil", "when it is planned to end", extra=True),
        Reply("$flow.key.pauseReason", "its reason", extra=True),
        Reply("$flow.key.pauseError", "why the number cannot be used", extra=True),
    ),
    run=_run,
    failure=fixed((RESULT, "false")),
    check=_check,
)
