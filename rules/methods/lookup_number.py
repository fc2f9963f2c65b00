"""`lookupNumber`: all that is known of a phone number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.methods._method import ACCOUNT_ID, FLOW_ID, Method, Reply, fixed, flag
from rules.methods._numbers import CLI, CLI_SOURCE, look_up
from rules.telecom import TELECOM, circle_language

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]

_PORTED = {True: "true", False: "false", None: "unknown"}


def _run(call: Call) -> Pairs:
    found = look_up(call)
    number = found.number
    shown = found.at(call.settings(TELECOM).min_confidence)
    yield "$flow.key.numberClass", found.number_class
    yield "$flow.key.numberE164", number.e164 if number else ""
    yield "$flow.key.numberNational", number.national if number else ""
    yield "$flow.key.numberCountry", number.country if number else ""
    yield "$flow.key.numberOperator", shown.operator
    yield "$flow.key.numberOperatorNow", shown.operator_now
    yield "$flow.key.numberOperatorConfidence", found.operator_confidence or ""
    yield "$flow.key.numberCircle", shown.circle
    yield "$flow.key.numberCircleCode", shown.circle_code
    yield "$flow.key.numberCircleConfidence", found.circle_confidence or ""
    yield "$flow.key.numberPlace", found.place
    yield "$flow.key.numberState", found.state
    yield "$flow.key.numberLanguage", found.language or circle_language(shown.circle)
    yield "$flow.key.numberPorted", _PORTED[found.ported]
    yield "$flow.key.numberCanCallBack", found.can_call_back
    yield "$flow.key.numberAmbiguous", flag(number is not None and number.ambiguous)
    yield "$flow.key.numberBasis", found.basis or ""
    yield "$flow.key.numberReason", found.reason or ""
    yield "$flow.key.dataDate", found.as_of


METHOD = Method(
    name="lookupNumber",
    about="Class, operator, circle, place and country of a phone number.",
    fields=(CLI, CLI_SOURCE, ACCOUNT_ID, FLOW_ID),
    replies=(
        Reply("$flow.key.numberClass", "class of the number"),
        Reply("$flow.key.numberE164", "international form"),
        Reply("$flow.key.numberNational", "national digits"),
        Reply("$flow.key.numberCountry", "country, two letters"),
        Reply("$flow.key.numberOperator", "operator the number block was given to"),
        Reply("$flow.key.numberOperatorNow", "who serves its customers today"),
        Reply("$flow.key.numberOperatorConfidence", "grade of the operator found"),
        Reply("$flow.key.numberCircle", "service area of the block"),
        Reply("$flow.key.numberCircleCode", "the circle's two letters"),
        Reply("$flow.key.numberCircleConfidence", "grade of the circle found"),
        Reply("$flow.key.numberPlace", "place of a fixed line"),
        Reply("$flow.key.numberState", "state of a fixed line"),
        Reply("$flow.key.numberLanguage", "the circle's language"),
        Reply("$flow.key.numberPorted", "has the number been ported"),
        Reply("$flow.key.numberCanCallBack", "can it be called back"),
        Reply("$flow.key.numberAmbiguous", "could it be fixed as well as mobile"),
        Reply("$flow.key.numberBasis", "what the answer rests on"),
        Reply("$flow.key.numberReason", "why the number could not be read"),
        Reply("$flow.key.dataDate", "state of the data used"),
    ),
    run=_run,
    failure=fixed(("$flow.key.numberClass", "")),
)
