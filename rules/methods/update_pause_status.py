"""`updatePauseStatusForCLI`: an agent goes on a break, or comes back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from rules.dates import DateUnreadable
from rules.envelope import Field, Unusable, boolean, text, within
from rules.errors import BadParameters, FieldProblem
from rules.methods._agent import CLI, account_of, cli_error, policy_of, stamp
from rules.methods._customer import short_text
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Method, Reply, fixed, flag
from rules.prefs import PREFS, AgentState, UnusableEnd, pause, read_until, resume, state_at
from rules.services import need

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rules.methods._method import Call, Pairs
    from rules.prefs import PausePolicy
    from rules.services.prefs import PauseRule

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


def _policy(call: Call) -> PausePolicy:
    cli = call.filled.get(CLI)
    account = account_of(call, cli) if cli else call.account
    return policy_of(call, account or "", flow=call.flow)


def _reason(call: Call) -> str | None:
    """The reason as the account spells it."""
    said, policy = call[REASON], _policy(call)
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
    checks: list[tuple[Field[str | None], Callable[[], object]]] = [
        (REASON, lambda: _reason(call)),
        (_end_field(call), lambda: _try_end(call)),
    ]
    for field, check in checks:
        try:
            check()
        except Unusable as error:
            call.filled.refuse(field, error.code, str(error))
    if call.filled.get(MINUTES) and call.filled.get(UNTIL):
        call.filled.refuse(UNTIL, "OUT_OF_RANGE", "not together with pauseMinutes")


def _try_end(call: Call) -> None:
    """Would a pause that begins now be allowed to end then."""
    try:
        until, policy = _until(call), _policy(call)
        pause(AgentState(""), at=call.now, reason=None, until=until, policy=policy)
    except UnusableEnd as error:
        raise Unusable(str(error), error.code) from None


def _rule(call: Call, policy: PausePolicy) -> PauseRule:
    if not call[PAUSE]:
        return partial(resume, at=call.now, policy=policy)
    return partial(pause, at=call.now, reason=_reason(call), until=_until(call), policy=policy)


def _run(call: Call) -> Pairs:
    store, error = need(call.services.pauses, "store of pauses"), cli_error(call)
    if error:
        return [(RESULT, "false"), *_told(error=error)]
    number = call[CLI].number
    policy = _policy(call)
    try:
        state = store.change(number, account_of(call, call[CLI]), _rule(call, policy))
    except UnusableEnd as refusal:
        problem = FieldProblem(_end_field(call).name, refusal.code, str(refusal))
        raise BadParameters([problem]) from None
    now = state_at(state, at=call.now, policy=policy)
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
