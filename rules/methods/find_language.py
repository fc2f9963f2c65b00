"""`findLanguage`: operator and circle of a caller's number, and the language to greet them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field, items
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Method, Reply, fixed
from rules.methods._numbers import CLI, CLI_SOURCE, look_up
from rules.telecom import TELECOM, choose_language

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]

LANGUAGES: Field[tuple[str, ...]] = Field(
    "$flow.key.languageSupported",
    items,
    "languages the flow can play, separated by `,` or `;`; none: the circle's own",
    default=(),
)


def _run(call: Call) -> Pairs:
    settings = call.settings(TELECOM)
    found = look_up(call)
    language = choose_language(found, call[LANGUAGES], settings)
    shown = found.at(settings.min_confidence)
    yield "$flow.key.cliOperator", settings.label(shown.operator)
    yield "$flow.key.cliCircle", shown.circle.upper()
    yield "$flow.key.cliBasedLanguage", language.name
    yield "$flow.key.languageBasis", language.basis
    yield "$flow.key.cliCircleConfidence", found.circle_confidence or ""
    yield "$flow.key.cliClass", found.number_class
    yield "$flow.key.cliOperatorNow", settings.label(shown.operator_now)
    yield "$flow.key.dataDate", found.as_of
    yield "$flow.key.cliReason", found.reason or ""


METHOD = Method(
    name="findLanguage",
    about="The language to greet a caller in, from the number's service area.",
    fields=(CLI, LANGUAGES, CLI_SOURCE, ACCOUNT_ID, FLOW_ID),
    replies=(
        Reply("$flow.key.cliOperator", "operator the number block was given to, in capitals"),
        Reply("$flow.key.cliCircle", "service area of the block, in capitals"),
        Reply("$flow.key.cliBasedLanguage", "language to use; never empty"),
        Reply("$flow.key.languageBasis", "why this language", extra=True),
        Reply("$flow.key.cliCircleConfidence", "grade of the circle found", extra=True),
        Reply("$flow.key.cliClass", "class of the number", extra=True),
        Reply("$flow.key.cliOperatorNow", "who serves its customers today", extra=True),
        Reply("$flow.key.dataDate", "state of the data used", extra=True),
        Reply("$flow.key.cliReason", "why the number could not be read", extra=True),
    ),
    run=_run,
    failure=fixed(
        ("$flow.key.cliOperator", ""),
        ("$flow.key.cliCircle", ""),
        ("$flow.key.cliBasedLanguage", ""),
    ),
)
