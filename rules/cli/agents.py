"""`flow-rules agents`: who is on a break, begin and end breaks, the break report as CSV."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rules.cli.common import command, moment, print_table, say_refused, services

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from rules.cli.common import Commands
    from rules.services import Services

__all__ = ["register"]

_COLUMNS = ("cli", "name", "account", "state", "reason", "since", "until", "minutes")
_REPORT_EPILOG = """\
examples:
  flow-rules agents report --from 2026-11-01 --to 2026-11-30 > breaks.csv
  flow-rules agents report --from yesterday --to yesterday --account 293"""


def register(commands: Commands) -> None:
    """Add the group."""
    group = command(commands, "agents", "agents on a break: list, pause, resume, report")
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = command(parts, "list", "agents of the list, and who is on a break")
    listing.add_argument("--paused", action="store_true", help="only who is on a break")
    listing.set_defaults(run=_list)
    pausing = command(parts, "pause", "an agent goes on a break")
    pausing.add_argument("--reason", help="reason, by the account's list if it has one")
    pausing.add_argument("--minutes", metavar="N", help="minutes until it ends")
    pausing.add_argument("--until", metavar="WHEN", help="moment or clock time at which it ends")
    pausing.set_defaults(run=_pause, pause="true")
    resuming = command(parts, "resume", "an agent comes back")
    resuming.set_defaults(run=_pause, pause="false", reason=None, minutes=None, until=None)
    report = command(parts, "report", "the break report as CSV", epilog=_REPORT_EPILOG)
    report.add_argument("--from", dest="first", metavar="DATE", help="first day (default: today)")
    report.add_argument("--to", dest="last", metavar="DATE", help="last day (default: today)")
    report.add_argument("--cli", metavar="NUMBER", help="only this agent")
    report.add_argument("--reason", help="only this reason")
    report.set_defaults(run=_report)
    for part in (pausing, resuming):
        part.add_argument("cli", metavar="NUMBER", help="the agent's number")
    for part in (listing, pausing, resuming, report):
        part.add_argument("--account", metavar="ID", help="the account")
        part.add_argument("--now", type=moment, metavar="MOMENT", help="act as of this moment")


def _list(args: argparse.Namespace) -> int:
    rows = _agents(services(now=args.now), args.account)
    print_table(_COLUMNS, [row for row in rows if row[3] == "paused" or not args.paused])
    return 0


def _agents(built: Services, account: str | None) -> Iterator[tuple[str, ...]]:
    """A row for each agent of the lists and each open break, by number."""
    from rules.methods._agent import stamp
    from rules.prefs import PREFS, Agent, AgentState, state_at
    from rules.services import need

    accounts, now = built.accounts(), built.clock()
    running = {one.cli: one for one in need(built.pauses, "store of pauses").all_running()}
    known: dict[str, Agent] = {}
    for scope, name, _ in accounts.scopes():
        if scope != "flow":
            known |= accounts.settings(PREFS, name).roster.agents
    for cli in sorted({*known, *running}):
        agent, open_ = known.get(cli, Agent(cli)), running.get(cli)
        whose = open_.account if open_ else agent.account
        if account is not None and account != whose:
            continue
        settings = accounts.settings(PREFS, whose or None)
        state = state_at(AgentState(cli, whose, open_), at=now, policy=settings.pauses)
        yield (
            cli,
            agent.name,
            whose,
            "paused" if state.paused else "active" if agent.active else "left",
            state.reason,
            stamp(state.since, settings.zone),
            stamp(state.until, settings.zone),
            str(state.elapsed_minutes) if state.paused else "",
        )


def _pause(args: argparse.Namespace) -> int:
    from rules.methods import answer

    given = {
        "pause": args.pause,
        "cli": args.cli,
        "accountID": args.account,
        "pauseReason": args.reason,
        "pauseMinutes": args.minutes,
        "pauseUntil": args.until,
    }
    body = {"keys": [{"name": name, "value": value} for name, value in given.items()]}
    reply = answer(body, services(now=args.now), method="updatePauseStatusForCLI")
    if reply.status != 200:
        return say_refused(reply)
    found = {entry["name"].split(".")[-1]: entry["value"] for entry in reply.body["keys"]}
    if found["cli_pause_update"] != "true":
        print(f"flow-rules: no agent's number: {found['pauseError']}", file=sys.stderr)
        return 1
    until = f" until {found['pauseUntil']}" if found["pauseUntil"] else ""
    print(f"{found['pauseState']}{until}")
    return 0


def _report(args: argparse.Namespace) -> int:
    from rules.envelope import Envelope
    from rules.errors import BadParameters
    from rules.methods import fill_call, refused
    from rules.methods.pull_break_report import METHOD, csv_lines

    given = [
        ("reportFrom", args.first),
        ("reportTo", args.last),
        ("cli", args.cli),
        ("accountID", args.account),
        ("pauseReason", args.reason),
    ]
    try:
        call = fill_call(METHOD, Envelope(METHOD.name, given), services(now=args.now), "cli")
    except BadParameters as error:
        return say_refused(refused(error, METHOD, "cli"))
    for line in csv_lines(call):
        sys.stdout.write(line)
    return 0
