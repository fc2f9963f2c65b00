"""`checkCall`: may this call be made, and when; by which rules, from which sources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from rules.dates import DateUnreadable, read_moment
from rules.envelope import Field, Unusable, text
from rules.methods._method import ACCOUNT_ID, Method, Reply, fixed
from rules.methods._outbound import read_purpose_field
from rules.outbound import (
    OUTBOUND,
    CallQuestion,
    Verdict,
    check_call,
    explain,
    keep,
    load_rules,
    read_numbers,
    start_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.methods._method import Call, Pairs
    from rules.outbound import CallDecision, CallRules, Said

__all__ = ["METHOD"]


_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def _number(value: str) -> str:
    numbers = read_numbers(value)
    if not numbers.usable:
        raise Unusable("is no phone number", (*numbers.refused, "INVALID_NUMBER")[0])
    return numbers.usable[0]


def _entity_type(value: str) -> str:
    known = load_rules().entity_types
    word = value.strip().casefold()
    if word not in known:
        raise Unusable(f"say one of {', '.join(sorted(known))}")
    return word


NUMBER = Field("$flow.key.callNumber", _number, "the number to be called")
PURPOSE = Field(
    "$flow.key.purpose", read_purpose_field, "what the call is for", code="INVALID_PURPOSE"
)
MOMENT = Field("$flow.key.callAt", text, "date and time of the call; now when missing", default="")
CALLER_ID = Field("$flow.key.callerID", text, "the number that calls", default="")
ENTITY_TYPE = Field("$flow.key.entityType", _entity_type, "what the account is", default="")


def _moment(call: Call) -> datetime | None:
    """The moment asked about, `None` when it cannot be read."""
    said = call.filled.get(MOMENT)
    if not said:
        return call.now
    try:
        return read_moment(said, now=call.now, zone=call.settings(OUTBOUND).zone)
    except DateUnreadable:
        return None


def _check(call: Call) -> datetime | None:
    """The moment asked about."""
    moment = _moment(call)
    if moment is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        call.filled.refuse(MOMENT, "INVALID_MOMENT", "say a date and a time of this century")
    return moment


def _run(call: Call) -> Pairs:
    settings, rules = call.settings(OUTBOUND), load_rules()
    moment: datetime = call.typed
    at = moment.astimezone(settings.zone)
    number = f"+{call[NUMBER]}"
    question = CallQuestion(
        number, call[PURPOSE], at, call[CALLER_ID] or None, call[ENTITY_TYPE] or None
    )
    decision = check_call(question, rules=rules, settings=settings)
    next_allowed = decision.at
    if decision.verdict is Verdict.BLOCK and decision.next_change is not None:
        later = replace(question, at=decision.next_change)
        next_allowed = check_call(later, rules=rules, settings=settings).at
    return [
        ("$flow.key.callVerdict", decision.verdict.value),
        ("$flow.key.callAllowedAt", start_text(next_allowed) if next_allowed else ""),
        ("$flow.key.callRules", _said(decision.rules)),
        ("$flow.key.callSources", _sources(decision, rules)),
        ("$flow.key.callWarnings", ",".join(decision.warnings)),
        ("$flow.key.callWindow", ",".join(map(str, decision.window_today))),
        (
            "$flow.key.callNextChange",
            start_text(decision.next_change) if decision.next_change else "",
        ),
        ("$flow.key.callDrafts", _said(decision.would_apply)),
        (
            "$flow.key.callExplanation",
            explain(keep(question, decision, rules=rules, settings=settings), rules),
        ),
    ]


def _said(said: Sequence[Said]) -> str:
    return ",".join(f"{one.id}:{one.version}:{one.effect.value}" for one in said)


def _sources(decision: CallDecision, rules: CallRules) -> str:
    """Title and source of every rule that spoke, as JSON."""
    records = (rules.find(said.id, said.version) for said in decision.rules)
    return msgspec.json.encode(
        [
            {"id": r.id, "version": r.version, "title": r.title, "source": r.source}
            for r in records
            if r is not None
        ]
    ).decode()


METHOD = Method(
    name="checkCall",
    about="may a call be made, and when, by which rules",
    fields=(NUMBER, PURPOSE, MOMENT, CALLER_ID, ENTITY_TYPE, ACCOUNT_ID),
    replies=(
        Reply("$flow.key.callVerdict", "allow, defer or block"),
        Reply("$flow.key.callAllowedAt", "the moment asked for, or the next allowed one"),
        Reply("$flow.key.callRules", "id:version:effect of every rule that spoke"),
        Reply("$flow.key.callSources", "JSON: title and source of these rules"),
        Reply("$flow.key.callWarnings", "what the rules could not judge"),
        Reply("$flow.key.callWindow", "allowed hours of that date"),
        Reply("$flow.key.callNextChange", "when the answer would be another one"),
        Reply("$flow.key.callDrafts", "drafts that would apply (show_drafts)"),
        Reply("$flow.key.callExplanation", "the decision in words"),
    ),
    run=_run,
    failure=fixed(("$flow.key.callVerdict", "")),
    check=_check,
)
