"""Outbound calls without a network: a list judged, an order made, an answer read."""

from __future__ import annotations

import json
from collections import deque
from datetime import datetime

import phonenumbers

from rules.outbound import (
    CallQuestion,
    OutboundRequest,
    OutboundSettings,
    Purpose,
    check_call,
    interpret,
    load_rules,
    plan,
    preview,
)
from tests.bench._row import Row, in_turn, seconds

__all__ = ["BENCHES"]

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
RULES, SETTINGS = load_rules(), OutboundSettings()
NUMBERS = [f"+91 98765 {n:05}" for n in range(2_000)]
LIST = [{"contact": number, "purpose": "recovery"} for number in NUMBERS]
ANSWER = json.dumps(
    {
        "api-response-code": 200,
        "api-response-message": "Success",
        "request-id": "8c032a7f-bda1-4a0a-9758-c74c458739d8",
        "call-details": [{"client-identifier": "c", "phonon-uuid": "91771c19-74d5"}],
    }
).encode()


def judge_list():
    deque(preview(LIST, now=NOW, settings=SETTINGS, rules=RULES), maxlen=0)


def parse_list():
    for number in NUMBERS:
        phonenumbers.is_possible_number(phonenumbers.parse(number, "IN"))


def list_judged() -> list[Row]:
    """Rows of a list a second, against a phone library that only reads the numbers."""
    ours, theirs = in_turn(judge_list, parse_list, repeats=5, number=3)
    rows, yardstick = len(LIST) / ours, len(LIST) / theirs
    return [
        Row(
            "a list judged by number, duplicate and gate",
            rows,
            "rows/s",
            yardstick,
            "phonenumbers.parse + is_possible_number of the same numbers alone",
            rows / yardstick,
            ">= 1",
        )
    ]


def one_order() -> list[Row]:
    """An order planned to its exact bytes, against json.dumps of the same body."""
    keys = tuple((f"$flow.key.v{n}", "a value of some length") for n in range(20))
    request = OutboundRequest("s" * 64, "aB3dE5gH", "9876543210;9876500001", keys=keys)
    body = json.loads(plan(request, now=NOW, order_id="o", settings=SETTINGS).body)
    ours, theirs = in_turn(
        lambda: plan(request, now=NOW, order_id="o", settings=SETTINGS),
        lambda: json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
    )
    ratio = ours / theirs
    name, against = "an order planned, to its exact bytes", "json.dumps of the same body"
    return [Row(name, ours * 1e6, "us", theirs * 1e6, against, ratio)]


def one_decision() -> list[Row]:
    """A decision of the gate with its next change, and an answer read."""
    question = CallQuestion("919876543210", Purpose.RECOVERY, NOW, "1600123456", "nbfc_other")
    decided = seconds(lambda: check_call(question, rules=RULES, settings=SETTINGS), number=2_000)
    read = seconds(lambda: interpret(200, (), ANSWER), number=10_000)
    return [
        Row("a decision of the call gate", decided * 1e6, "us"),
        Row("a dialler's answer read", read * 1e6, "us"),
    ]


BENCHES = [list_judged, one_order, one_decision]
