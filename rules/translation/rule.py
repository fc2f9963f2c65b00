"""The rule itself: what a request comes to without an engine, and what to ask an engine for.

>>> from rules.translation.languages import Codes, Row
>>> from rules.translation.wire import EngineAnswer
>>> class Echo:
...     name = "google"
...     def translate(self, texts, source, target, deadline):
...         return EngineAnswer(tuple(f"[{target}] {text}" for text in texts))
>>> codes = Codes([Row("HINDI", "hi", "hi", "Hindi"), Row("ENGLISH", "en", "en", "English")])
>>> translate(TranslationRequest("My name is Asha", "English", "Hindi"), engine=Echo(), codes=codes)
Translation(text='[hi] My name is Asha', detected=None, engine='google', cached=False, reason=None)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from rules.translation.languages import read_codes
from rules.translation.placeholders import Protected, protect
from rules.translation.wire import EngineAnswer, Pair, Reason
from rules.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.translation.languages import Codes

__all__ = [
    "FALLBACK_REASONS",
    "LONGEST_TEXT",
    "NO_ENGINE",
    "Engine",
    "Plan",
    "Translation",
    "TranslationRequest",
    "carry_out",
    "is_usable_key",
    "plan",
    "translate",
]

LONGEST_TEXT = 5000
NO_ENGINE = "none"
"""What `Translation.engine` says when no call was needed or made."""

FALLBACK_REASONS = frozenset(
    (Reason.QUOTA_EXCEEDED, Reason.SERVER_ERROR, Reason.TIMEOUT, Reason.CONNECTION_ERROR)
)
"""After which failures of the first engine a second one is asked."""

_LONGEST_KEY = 200
_AUTO = "auto"


class Engine(Protocol):
    """One translation engine; `deadline` is a moment of the monotonic clock."""

    @property
    def name(self) -> str:
        """`google` or `libre`."""
        ...

    def translate(
        self, texts: Sequence[str], source: str | None, target: str, deadline: float | None
    ) -> EngineAnswer:
        """A translation of each text, or the reason for none; never raises."""
        ...


@dataclass(frozen=True)
class TranslationRequest:
    """A text as it came, and two languages in any spelling; source may be empty or `auto`.

    `variables` are those the flow sent: their names may hold more than letters and digits.
    """

    text: str = field(repr=False)
    source: str
    target: str
    variables: Variables = field(default_factory=Variables, repr=False, compare=False)


@dataclass(frozen=True)
class Translation:
    """What came of it; `detected` is a code, `reason` is `None` on success."""

    text: str
    detected: str | None = None
    engine: str = NO_ENGINE
    cached: bool = False
    reason: Reason | None = None


@dataclass(frozen=True)
class Plan:
    """Something to ask an engine: the text cut at its placeholders, and the engine's codes."""

    text: str = field(repr=False)
    protected: Protected = field(repr=False)
    pair: Pair


def is_usable_key(key: str) -> bool:
    """Can this (trimmed) text be an engine's key: printable, no blank, not overlong?"""
    return len(key) <= _LONGEST_KEY and key.isprintable() and len(key.split()) <= 1


def plan(request: TranslationRequest, *, codes: Codes, engine: str) -> Plan | Translation:
    """What to ask the engine, or the answer where no call is needed or possible."""
    refused = Translation("", reason=Reason.INVALID_REQUEST)
    text = request.text
    if not text.strip() or len(text) > LONGEST_TEXT:
        return refused
    source = request.source.strip()
    known = [codes.find(request.target)]
    if source and source.casefold() != _AUTO:
        known.append(codes.find(source))
    found = [row.code(engine) if row else "" for row in known]
    if not all(found):
        return refused
    pair = Pair(found[1] if len(found) > 1 else None, found[0])
    protected = protect(text, request.variables)
    if pair.source == pair.target or not protected.translatable:
        return Translation(text)
    return Plan(text, protected, pair)


def carry_out(plan: Plan, *, engine: Engine, deadline: float | None = None) -> Translation:
    """Ask the engine, with marks for placeholders first; piece by piece when marks are lost."""
    protected, pair = plan.protected, plan.pair
    detected = None
    if not protected.unmarkable:
        answer = engine.translate([protected.marked], pair.source, pair.target, deadline)
        if answer.reason:
            return _failed(answer, engine)
        restored = protected.restore(answer.texts[0])
        detected = answer.detected
        if restored is not None:
            return _done(restored, plan, detected, engine)
    answer = engine.translate(protected.pieces, pair.source, pair.target, deadline)
    if answer.reason:
        return _failed(answer, engine)
    return _done(protected.assemble(answer.texts), plan, detected or answer.detected, engine)


def _failed(answer: EngineAnswer, engine: Engine) -> Translation:
    return Translation("", engine=engine.name if answer.sent else NO_ENGINE, reason=answer.reason)


def _done(text: str, plan: Plan, detected: str | None, engine: Engine) -> Translation:
    """A success; a detected language is told only where none was given."""
    return Translation(text, None if plan.pair.source else detected, engine.name)


def translate(
    request: TranslationRequest,
    *,
    engine: Engine,
    codes: Codes | None = None,
    deadline: float | None = None,
) -> Translation:
    """Translate a text; placeholders come back unchanged. Never raises for any text."""
    planned = plan(request, codes=codes or read_codes(), engine=engine.name)
    if isinstance(planned, Translation):
        return planned
    return carry_out(planned, engine=engine, deadline=deadline)
