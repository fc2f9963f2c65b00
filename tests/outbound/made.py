"""Orders, requests and grounds for tests, all at Wednesday 2026-11-18T10:30:00+05:30."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.outbound import (
    Grounds,
    Kind,
    OutboundRequest,
    Outcome,
    advance,
    load_rules,
    open_order,
    plan,
    record,
)
from rules.outbound.settings import read_settings

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
URL = "https://dialler.example/kairos-apis/outbound/create"
SECURITY = "aB3" * 21 + "x"
FLOW = "aB3dE5gH"
DOWN = Outcome(Kind.DOWN, reason="DIALLER_DOWN")
LOST = Outcome(Kind.DOWN, reason="DIALLER_DOWN", known=False)
TAKEN = Outcome(Kind.ACCEPTED, 200, "r-1", "u-1")
NO = Outcome(Kind.REJECTED, 301, reason="INVALID_FLOW_ID")


def at(minutes=0.0, *, seconds=0.0):
    """A moment so long after now."""
    return NOW + timedelta(minutes=minutes, seconds=seconds)


def clock(text):
    """A moment from a clock time of today, or from a whole text."""
    return datetime.fromisoformat(text if "T" in text else f"2026-11-18T{text}+05:30")


def settings(**given):
    return read_settings(given)


def grounds(**given):
    return Grounds(settings(**given), load_rules(), "k3y")


def request(**given):
    return OutboundRequest(
        **{
            "security_id": SECURITY,
            "flow_id": FLOW,
            "contact_numbers": "9876543210",
            **given,
        }
    )


def planned(order_id="o-1", *, now=NOW, on=None, **given):
    return plan(request(**given), now=now, order_id=order_id, settings=(on or grounds()).settings)


def opened(order_id="o-1", *, now=NOW, on=None, **given):
    """A planned order after its first asking of the gate."""
    on = on or grounds()
    return open_order(planned(order_id, now=now, on=on, **given), now=now, grounds=on)


def claimed(order, *, now=NOW, by="me", on=None):
    return advance(order, now=now, by=by, grounds=on or grounds())


def ended(order, outcome, *, now=NOW, on=None, dialler=URL):
    return record(
        order, outcome, now=now, jitter=0.0, settings=(on or grounds()).settings, dialler=dialler
    )


def tried(order, outcome, *, now=NOW, on=None):
    """One attempt from claim to record."""
    return ended(claimed(order, now=now, on=on), outcome, now=now, on=on)
