"""Which language to greet a caller in: by circle, within the languages a flow can play.

The list of supported languages is a set; its order only says which entry comes first when nothing
else decides. Entries are compared by meaning (`TELGU` and `te-IN` are Telugu) and answered as the
caller spells them.

>>> answer = find_language("919848012345", ["TELGU", "HINDI"])
>>> answer.name, answer.canonical, answer.basis.value
('TELGU', 'TELUGU', 'circle')
>>> find_language("anonymous", ["KANNADA", "ENGLISH"]).name
'ENGLISH'
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rules.telecom.lookup import DEFAULT, lookup
from rules.telecom.model import Language, Lookup
from rules.telecom.names import circle_languages, language_name
from rules.telecom.words import Confidence, LanguageBasis, NumberClass, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.telecom.live import LiveAnswer
    from rules.telecom.settings import TelecomSettings

__all__ = ["choose_language", "circle_language", "find_language"]

_KEPT_LISTS = 1024
_REACHING = {
    wanted: frozenset(grade for grade in Confidence if grade.reaches(wanted))
    for wanted in Confidence
}
_ABROAD = (NumberClass.FOREIGN, NumberClass.SATELLITE)


def find_language(
    text: str,
    languages: Iterable[str] | None = None,
    *,
    source: Source | None = None,
    settings: TelecomSettings = DEFAULT,
    live: LiveAnswer | None = None,
) -> Language:
    """The language for a caller, one of `languages` if any are given. Never raises.

    `languages` may also be one text with `,` or `;` between the entries.
    """
    found = lookup(text, source=source, settings=settings, live=live)
    return choose_language(found, languages, settings)


def choose_language(
    found: Lookup,
    languages: Iterable[str] | None,
    settings: TelecomSettings = DEFAULT,
    *,
    preferred: str = "",
) -> Language:
    """The language for a number already looked up; `preferred` is what the customer chose once."""
    record = found.record
    circle = ""
    if record.circle_confidence in _REACHING[settings.min_confidence]:
        circle = record.circle
    fallbacks = settings.fallback_languages
    if record.number_class in _ABROAD:
        fallbacks = settings.foreign_fallback_languages
    if isinstance(languages, str):
        languages = languages.replace(";", ",").split(",")
    menu = _menu(tuple(languages)) if languages is not None else None
    if preferred.strip():
        wish = language_name(preferred.strip())
        if not menu or wish in menu:
            return Language(menu[wish] if menu else wish, wish, LanguageBasis.PREFERENCE, found)
    canonical, basis = (
        _within(menu, circle, found.language, fallbacks)
        if menu
        else _without_list(circle, found.language, fallbacks)
    )
    return Language(menu[canonical] if menu else canonical, canonical, basis, found)


def circle_language(circle: str) -> str:
    """The language of a circle for who gives no list; empty for no circle."""
    return circle_languages()[circle].default if circle else ""


def _within(
    menu: dict[str, str], circle: str, wanted: str, fallbacks: tuple[str, ...]
) -> tuple[str, LanguageBasis]:
    if wanted in menu:
        return wanted, LanguageBasis.OVERRIDE
    if circle:
        for language in circle_languages()[circle].ranked:
            if language in menu:
                return language, LanguageBasis.CIRCLE
    for language in fallbacks:
        if language in menu:
            return language, LanguageBasis.FALLBACK
    return next(iter(menu)), LanguageBasis.FIRST_SUPPORTED


def _without_list(
    circle: str, wanted: str, fallbacks: tuple[str, ...]
) -> tuple[str, LanguageBasis]:
    if wanted:
        return wanted, LanguageBasis.OVERRIDE
    if circle:
        return circle_language(circle), LanguageBasis.CIRCLE_DEFAULT
    return fallbacks[0], LanguageBasis.FALLBACK


@lru_cache(_KEPT_LISTS)
def _menu(entries: tuple[str, ...]) -> dict[str, str]:
    """Entries by meaning, each in the spelling it first stands in; empty when all are blank."""
    menu: dict[str, str] = {}
    for entry in map(str.strip, entries):
        if entry:
            menu.setdefault(language_name(entry), entry)
    return menu
