"""`findLanguage`: operator and circle of a caller's number, and the language to greet them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field, items
from rules.errors import StoreUnavailable
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Method, Reply, fixed
from rules.methods._numbers import CLI, CLI_SOURCE, look_up
from rules.prefs import PREFS, visible
from rules.telecom import TELECOM, choose_language
from rules.telecom.contact import phone_digits

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs
    from rules.telecom import Lookup

__all__ = ["METHOD"]

LANGUAGES: Field[tuple[str, ...]] = Field(
    "$flow.key.languageSupported",
    items,
    "languages the flow can play, separated by `,` or `;`; none: the circle's own",
    default=(),
)


def _preferred(call: Call, found: Lookup) -> str:
    """The language the account remembers of this caller, if it names a variable for it.

    While the store cannot be reached the number decides: a flow must have something to play.
    """
    name, store = call.settings(PREFS).language_preference, call.services.preferences
    contact = _contact(call, found) if name else None
    if contact is None or call.account is None or store is None:
        return ""
    try:
        stored = store.find(call.account, contact)
    except StoreUnavailable:
        return ""
    return visible(stored, now=call.now).get(name, "")


def _contact(call: Call, found: Lookup) -> str | None:
    """The caller as customers are kept: by the text, else by the number that was read in it."""
    number = found.number
    return phone_digits(call[CLI]) or phone_digits(number.e164 if number else "")


def _run(call: Call) -> Pairs:
    settings = call.settings(TELECOM)
    found = look_up(call)
    language = choose_language(found, call[LANGUAGES], settings, preferred=_preferred(call, found))
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
