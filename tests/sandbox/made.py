"""Bodies for the sandbox, and a sandbox whose clock is turned by hand."""

from __future__ import annotations

import json
from datetime import timedelta

from rules.sandbox import Sandbox
from tests.outbound.made import FLOW, NOW, SECURITY


class Clock:
    """Stands still until it is turned."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now

    def turn(self, **given):
        self.now += timedelta(**given)


def sandbox(**given):
    clock = Clock()
    made = Sandbox(clock=clock, **given)
    return made, clock


def call(**given):
    return {
        "client-identifier": "phononio123456",
        "start-time": "2026-11-18T10:45:00+05:30",
        "contact-numbers": ["919876543210"],
        "keys": [{"name": "$flow.key.leadid", "value": "L-77"}],
    } | given


def top(*calls, **given):
    return {
        "api-version": "1.0",
        "security-id": SECURITY,
        "flow-id": FLOW,
        "calls": list(calls) if calls else [call()],
    } | given


def body(*calls, **given):
    members = top(*calls, **given)
    return json.dumps({name: v for name, v in members.items() if v is not ...}).encode()


def code(sandbox, sent, mode="realtime", **given):
    return sandbox.answer(mode, sent, **given).body["api-response-code"]


def noted(sandbox):
    """The code the newest request is noted with."""
    return sandbox.memory.newest(1)[0].code
