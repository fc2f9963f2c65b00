"""Decisions kept with an order, and the same in words."""

import json
from dataclasses import replace

import pytest

from rules.outbound import (
    CallRules,
    Purpose,
    ask_gate,
    explain,
    load_rules,
)
from tests.outbound.made import NOW, clock, settings

RULES = load_rules()
NUMBERS = ("919876543210",)


def ask(at=NOW, *, numbers=NUMBERS, purpose=Purpose.PROMOTIONAL, key="k3y", rules=RULES, **given):
    return ask_gate(numbers, purpose, at, rules=rules, settings=settings(**given), hash_key=key)


def test_what_is_kept():
    _, text = ask(clock("21:30"))
    kept = json.loads(text)
    digest = kept.pop("number_hash")
    assert len(digest) == 64
    assert kept == {
        "purpose": "promotional",
        "asked": "2026-11-18T21:30:00+05:30",
        "caller_id": "",
        "entity_type": "",
        "verdict": "defer",
        "at": "2026-11-19T10:00:00+05:30",
        "rules": [["R5a", 1, "defer"], ["R5b", 1, "defer"]],
        "warnings": ["CALLER_ID_UNKNOWN"],
        "rule_file": RULES.version,
    }


def test_the_number_is_kept_as_a_keyed_hash_only():
    texts = [ask(key=key)[1] for key in ("k3y", "other", "")]
    hashes = [json.loads(text)["number_hash"] for text in texts]
    assert len(set(hashes)) == 3
    assert hashes[2] == "", "a hash without a key could be guessed"
    assert not any("9876543210" in text for text in texts)


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        (("14155550123",), "allow"),
        (("14155550123", "919876543210"), "defer"),
        (("919876543210", "14155550123"), "defer"),
    ],
)
def test_one_indian_alternate_puts_the_call_under_the_rules(numbers, verdict):
    decision, _ = ask(clock("21:30"), numbers=numbers)
    assert decision.verdict.value == verdict


def test_a_deferral_in_words():
    words = explain(ask(clock("21:30"))[1], RULES)
    source = "TRAI, Telecom Commercial Communications Customer Preference Regulations, 2010"
    law = "- R5a (version 1) moves it: No commercial calls from 21:00 to 09:00 [09:00-21:00]."
    practice = "- R5b (version 1) moves it: Promotional traffic from 10:00 to 21:00 [10:00-21:00]."
    sure = "sureness medium high, not yet checked."
    assert words.splitlines() == [
        "Asked for a promotional call on Wed 2026-11-18 21:30:00 +0530.",
        "Caller id not set, entity type not set.",
        f"{law} Source: {source}; {sure}",
        f"{practice} Source: Operators' DLT scrubbing tables; {sure}",
        "Warnings: CALLER_ID_UNKNOWN.",
        "The call was moved to Thu 2026-11-19 10:00:00 +0530.",
        f"Rule file {RULES.version}.",
    ]


def test_a_block_in_words():
    given = {"caller_id": "9876543210", "entity_type": "insurer"}
    words = explain(ask(purpose=Purpose.TRANSACTIONAL, **given)[1], RULES)
    assert "Caller id 9876543210, entity type insurer." in words
    assert "R8b (version 1) warns" in words
    assert "R9-ins (version 1) forbids it: Insurers call from the 1600 series [1600 or" in words
    assert "The call was refused." in words


def test_an_allowed_call_in_words():
    words = explain(ask(caller_id="1401234567")[1], RULES)
    assert "R8a (version 1) allows it" in words
    assert "The call may be made." in words
    assert "Warnings" not in words


def test_a_checked_record_says_by_whom():
    checked = CallRules(tuple(replace(r, confirmed_by="A. Rao") for r in RULES.records), "v")
    assert "checked by A. Rao" in explain(ask(clock("21:30"), rules=checked)[1], checked)


def test_a_record_of_the_account_or_of_an_older_file_is_named():
    words = explain(ask(call_hours="12:00-13:00")[1], RULES)
    assert "- ACCOUNT (version 1) moves it\n" in words
