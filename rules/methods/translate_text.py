"""translateText: one text through a translation engine, with the caller's key or the account's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field
from rules.errors import BadParameters
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Call, Method, Pairs, Reply, flag
from rules.secret import Secret
from rules.services import need
from rules.services.translation import TranslationJob
from rules.translation import (
    NO_ENGINE,
    TRANSLATION,
    Reason,
    Translation,
    TranslationRequest,
    is_usable_key,
    language_name,
)
from rules.variables import Variables

if TYPE_CHECKING:
    from rules.errors import RulesError

__all__ = ["METHOD"]

TEXT = Field("$flow.key.inputText", str, "text to translate, 1 to 5,000 characters", default="")
SOURCE = Field("$flow.key.sourceLang", str, "its language; `auto`: found out", default="")
TARGET = Field("$flow.key.targetLang", str, "language to translate into")
KEY: Field[str | None] = Field(
    "$flow.key.apiKey", str, "the engine's key", default=None, secret=True
)

STATUS = Reply("$flow.key.status", "`SUCCESS` or `FAILED`")
TRANSLATED = Reply("$flow.key.translatedText", "the translation; empty on failure")
DETECTED = Reply("$flow.key.detectedSourceLanguage", "name of the language found out")
REASON = Reply("$flow.key.error_reason", "why there is no translation", extra=True)
ENGINE = Reply("$flow.key.translationEngine", "`google`, `libre` or `none`", extra=True)
CACHED = Reply("$flow.key.translationCached", "was it known already", extra=True)


def _check(call: Call) -> None:
    engine = call.settings(TRANSLATION).engine
    if not (call.filled.get(KEY) or engine.key or engine.is_libre):
        call.filled.refuse(KEY, "MISSING_PARAMETER", "needed: the account has no translate_key")


def _run(call: Call) -> Pairs:
    settings = call.settings(TRANSLATION)
    found = _translate(call)
    call.services.metrics.count("translation", found.engine, found.reason or "SUCCESS")
    detected = language_name(found.detected, settings.codes) if found.detected else ""
    return (
        (STATUS.name, "FAILED" if found.reason else "SUCCESS"),
        (TRANSLATED.name, found.text),
        (DETECTED.name, detected),
        (REASON.name, found.reason or ""),
        (ENGINE.name, found.engine),
        (CACHED.name, flag(found.cached)),
    )


def _translate(call: Call) -> Translation:
    settings = call.settings(TRANSLATION)
    given = call[KEY]
    if given is not None and not is_usable_key(given):
        return Translation("", reason=Reason.INVALID_REQUEST)
    text = (call.envelope.find(TEXT) or "") if call[TEXT] else ""  # as it came, blanks and all
    request = TranslationRequest(text, call[SOURCE], call[TARGET], Variables(call.envelope.keys))
    job = TranslationJob(
        settings=settings,
        key=settings.engine.key if given is None else Secret(given),
        account=call.account or "",
        now=call.now,
        request_id=call.request_id,
    )
    return need(call.services.translator, "translation engine").translate(request, job)


def _failure(error: RulesError) -> Pairs:
    pairs = [(STATUS.name, "FAILED"), (TRANSLATED.name, ""), (DETECTED.name, "")]
    if isinstance(error, BadParameters):
        pairs += [(REASON.name, Reason.INVALID_REQUEST), (ENGINE.name, NO_ENGINE)]
    return pairs


METHOD = Method(
    name="translateText",
    about="translates a text",
    fields=(TEXT, SOURCE, TARGET, KEY, ACCOUNT_ID, FLOW_ID),
    replies=(STATUS, TRANSLATED, DETECTED, REASON, ENGINE, CACHED),
    run=_run,
    failure=_failure,
    check=_check,
)
