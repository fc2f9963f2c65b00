"""`flow-rules outbound`: orders by hand; `flow-rules explain-call`: decisions in words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rules.cli import outbound_lists
from rules.cli.common import command, moment, print_table, services, wrong

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from rules.cli.common import Commands
    from rules.outbound import OutboundOrder
    from rules.services import Services
    from rules.services.outbound import OrderStore

__all__ = ["register"]

_STATES = (
    "queued",
    "held",
    "sending",
    "uncertain",
    "accepted",
    "rejected",
    "blocked",
    "cancelled",
    "expired",
)


def register(commands: Commands) -> None:
    """Add both groups."""
    group = command(commands, "outbound", "place, look at and mend orders for outbound calls")
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    outbound_lists.register(parts)
    _of_one_order(parts, "status", "where an order stands, and its history", _status)
    _of_one_order(parts, "cancel", "cancel an order that is still ours", _cancel)
    _of_one_order(parts, "retry", "try a queued or uncertain order now", _retry)
    _of_one_order(
        parts, "release", "settle an uncertain order that the dialler has: accepted", _release
    )
    listing = command(parts, "list", "list orders, newest first")
    listing.add_argument("--state", action="append", choices=_STATES, help="only these states")
    listing.add_argument("--account", help="only this account")
    listing.add_argument("--limit", type=int, default=50, help="at most so many (default: 50)")
    listing.set_defaults(run=_list)
    _of_one_order(commands, "explain-call", "say why the call gate decided as it did", _explain)


def _of_one_order(
    commands: Commands,
    name: str,
    about: str,
    run: Callable[[Services, OutboundOrder], int],
) -> None:
    """Add a command whose argument is an order."""
    added = command(commands, name, about)
    added.add_argument("order", metavar="ID", help="order id: ours or the dialler's")
    added.add_argument("--now", type=moment, metavar="MOMENT", help="act as of this moment")

    def with_order(args: argparse.Namespace) -> int:
        built = services(now=args.now)
        order = _orders(built).find(args.order)
        if order is None:
            print(f"flow-rules: no order has the id {args.order}", file=sys.stderr)
            return 1
        return run(built, order)

    added.set_defaults(run=with_order)


def _orders(built: Services) -> OrderStore:
    from rules.services import need

    return need(built.orders, "order store")


def _status(built: Services, order: OutboundOrder) -> int:
    from rules.outbound import answer_of

    ended = built.flow_ends.call_end(order.phonon_uuid, order.account) if built.flow_ends else None
    answer = answer_of(order)
    pairs = [
        ("order", answer.own_id),
        ("state", answer.state),
        ("code", answer.code),
        ("request id", answer.request_id),
        ("phonon uuid", answer.phonon_uuid),
        ("reason", answer.reason),
        ("start", answer.start),
        ("attempts", answer.attempts),
        ("next attempt", answer.next_attempt),
        ("call ended", ended.end.isoformat() if ended and ended.end else ""),
        ("hang-up cause", ended.cause if ended else ""),
    ]
    print_table(("what", "value"), pairs)
    rows = [
        (
            change.at.astimezone(order.start.tzinfo).isoformat(timespec="seconds"),
            change.old.value if change.old else "",
            change.new.value,
            change.reason,
            str(change.attempt),
            "" if change.known else "fate unknown",
        )
        for change in order.history
    ]
    print_table(("at", "from", "to", "reason", "attempt", ""), rows, "History")
    return 0


def _cancel(built: Services, order: OutboundOrder) -> int:
    from rules.services.cancelling import cancel_order

    _, cancelled, reason = cancel_order(built, order, now=built.clock(), by="command line")
    print("cancelled" if cancelled else "not cancelled", reason)
    return 0 if cancelled else 1


def _retry(built: Services, order: OutboundOrder) -> int:
    from rules.outbound import State
    from rules.services.handover import retry_now

    if order.state not in (State.QUEUED, State.UNCERTAIN):
        wrong(f"the order is {order.state.value}; only queued and uncertain orders are tried again")
    done = retry_now(built, order, by="command line")
    print(done.state.value, done.reason)
    return 0 if done.state is State.ACCEPTED else 1


def _release(built: Services, order: OutboundOrder) -> int:
    from rules.outbound import State, release

    if order.state is not State.UNCERTAIN:
        wrong(f"the order is {order.state.value}; only uncertain orders are released")
    saved = _orders(built).save(release(order, now=built.clock()), was=order)
    print("accepted" if saved else "somebody else changed the order, look again")
    return 0 if saved else 1


def _list(args: argparse.Namespace) -> int:
    from rules.outbound import State, answer_of

    states = [State(name) for name in args.state or ()]
    orders = _orders(services()).listing(states=states, account=args.account, limit=args.limit)
    rows = []
    for order in orders:
        answer = answer_of(order)
        rows.append(
            (order.id, order.account, answer.state, answer.code, answer.reason, answer.start)
        )
    print_table(("order", "account", "state", "code", "reason", "start"), rows)
    return 0


def _explain(_: Services, order: OutboundOrder) -> int:
    from rules.outbound import explain, load_rules

    decisions = [change for change in order.history if change.decision]
    if not decisions:
        print("The gate was not asked: neither the request nor a setting names a purpose.")
    for change in decisions:
        local = change.at.astimezone(order.start.tzinfo)
        print(f"{local.isoformat(timespec='seconds')} ({change.new.value})")
        print(explain(change.decision, load_rules()))
    return 0
