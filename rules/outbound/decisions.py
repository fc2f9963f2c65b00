"""Decisions of the gate as they are kept with an order, and the same in words.

Kept are the question (the number only as a keyed hash), the records that spoke with their versions,
the verdict and the version of the rule file: enough to explain a call years later.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime  # noqa: TC003  msgspec reads the fields of Kept
from typing import TYPE_CHECKING

import msgspec

from rules.outbound.gate import CallDecision, CallQuestion, Effect, Verdict, check_call, is_indian

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.outbound.purposes import Purpose
    from rules.outbound.records import CallRules, Record
    from rules.outbound.settings import OutboundSettings

__all__ = ["ask_gate", "explain", "keep", "moment_words"]

_VERDICTS = {
    Verdict.ALLOW: "The call may be made",
    Verdict.DEFER: "The call was moved",
    Verdict.BLOCK: "The call was refused",
}
_EFFECTS = {
    Effect.ALLOW: "allows it",
    Effect.WARN: "warns",
    Effect.DEFER: "moves it",
    Effect.BLOCK: "forbids it",
}


class Kept(msgspec.Struct, frozen=True):
    """One decision as it is kept."""

    purpose: str
    asked: datetime
    number_hash: str
    caller_id: str
    entity_type: str
    verdict: Verdict
    at: datetime | None
    rules: tuple[tuple[str, int, Effect], ...]
    warnings: tuple[str, ...]
    rule_file: str


def ask_gate(
    numbers: Sequence[str],
    purpose: Purpose,
    at: datetime,
    *,
    rules: CallRules,
    settings: OutboundSettings,
    hash_key: str = "",
) -> tuple[CallDecision, str]:
    """Ask for one call with alternates, and the decision as text to keep.

    One Indian number among the alternates puts the whole call under the Indian rules.
    """
    number = next(filter(is_indian, numbers), numbers[0])
    question = CallQuestion(f"+{number}", purpose, at)
    decision = check_call(question, rules=rules, settings=settings)
    return decision, keep(question, decision, rules=rules, settings=settings, hash_key=hash_key)


def keep(
    question: CallQuestion,
    decision: CallDecision,
    *,
    rules: CallRules,
    settings: OutboundSettings,
    hash_key: str = "",
) -> str:
    """A decision as text to keep."""
    kept = Kept(
        question.purpose.value,
        question.at,
        _hash(question.number.removeprefix("+"), hash_key),
        question.caller_id or settings.caller_id,
        question.entity_type or settings.entity_type,
        decision.verdict,
        decision.at,
        tuple((said.id, said.version, said.effect) for said in decision.rules),
        decision.warnings,
        rules.version,
    )
    return msgspec.json.encode(kept).decode()


def explain(text: str, rules: CallRules) -> str:
    """A kept decision in words, a line for each record that spoke."""
    return "\n".join(_lines(msgspec.json.decode(text, type=Kept), rules))


def moment_words(moment: datetime) -> str:
    """A moment for a person: weekday, date, clock and offset."""
    return moment.strftime("%a %Y-%m-%d %H:%M:%S ") + moment.strftime("%z")


def _lines(kept: Kept, rules: CallRules) -> Iterator[str]:
    purpose = kept.purpose.replace("_", " ")
    yield f"Asked for a {purpose} call on {moment_words(kept.asked)}."
    yield f"Caller id {kept.caller_id or 'not set'}, entity type {kept.entity_type or 'not set'}."
    for rule_id, version, effect in kept.rules:
        said = f"{rule_id} (version {version}) {_EFFECTS[effect]}"
        record = rules.find(rule_id, version)
        yield f"- {said}: {_about(record)}" if record else f"- {said}"
    if kept.warnings:
        yield f"Warnings: {', '.join(kept.warnings)}."
    moved = kept.verdict is Verdict.DEFER and kept.at
    yield f"{_VERDICTS[kept.verdict]}{f' to {moment_words(kept.at)}' if moved and kept.at else ''}."
    yield f"Rule file {kept.rule_file}."


def _about(record: Record) -> str:
    checked = f"checked by {record.confirmed_by}" if record.confirmed_by else "not yet checked"
    return (
        f"{record.title} [{record.value.replace('|', ' or ')}]. Source: {record.source}; "
        f"sureness {record.sureness.replace('_', ' ')}, {checked}."
    )


def _hash(number: str, key: str) -> str:
    """A keyed hash of a number; empty without a key, because a plain one could be guessed."""
    return hmac.new(key.encode(), number.encode(), hashlib.sha256).hexdigest() if key else ""
