"""`fetchPauseStatusForCLI`: is an agent on a break, since when, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.methods._agent import CLI, cli_error, policy_of, stamp
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Method, Reply, fixed, flag
from rules.prefs import PREFS, AgentState, PauseState, state_at
from rules.services import need

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]

RESULT = "$flow.key.cli_paused"


def _state(call: Call) -> PauseState:
    cli = call[CLI].number
    running = need(call.services.pauses, "store of pauses").running(cli)
    if running is None:
        return PauseState(paused=False)
    policy = policy_of(call, running.account)
    return state_at(AgentState(cli, running.account, running), at=call.now, policy=policy)


def _run(call: Call) -> Pairs:
    known = not cli_error(call)
    state = _state(call) if known else PauseState(paused=False)
    zone = call.settings(PREFS).zone
    yield RESULT, flag(state.paused)
    yield "$flow.key.pauseReason", state.reason
    yield "$flow.key.pauseSince", stamp(state.since, zone)
    yield "$flow.key.pauseUntil", stamp(state.until, zone)
    yield "$flow.key.pauseElapsedMinutes", str(state.elapsed_minutes) if state.paused else ""
    yield "$flow.key.pauseOverrun", flag(state.overrun)
    yield "$flow.key.cliKnown", flag(known)


METHOD = Method(
    name="fetchPauseStatusForCLI",
    about="is an agent on a break, since when, and until when",
    fields=(CLI, ACCOUNT_ID, FLOW_ID),
    replies=(
        Reply(RESULT, "`true` while the agent is on a break"),
        Reply("$flow.key.pauseReason", "its reason"),
        Reply("$flow.key.pauseSince", "when it began"),
        Reply("$flow.key.pauseUntil", "when it is planned to end"),
        Reply("$flow.key.pauseElapsedMinutes", "whole minutes since it began"),
        Reply("$flow.key.pauseOverrun", "`true` when it is past its planned end"),
        Reply("$flow.key.cliKnown", "`true` when the number is an agent's"),
    ),
    run=_run,
    failure=fixed((RESULT, "false")),
)
