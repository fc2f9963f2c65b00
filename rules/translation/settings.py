"""Account settings of translation: which engine, whose key, how long, how much, what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.errors import SettingMistake
from rules.secret import Secret
from rules.settings import DEFAULT_ZONE, Topic, read_flag, read_zone
from rules.translation.languages import COLUMNS, Codes, Row, read_codes
from rules.translation.rule import is_usable_key
from rules.translation.wire import GOOGLE_URL, EngineSettings
from rules.urls import UrlRefused, read_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.settings import Files

__all__ = ["CACHES", "ENGINES", "TRANSLATION", "TranslationSettings"]

ENGINES = ("google", "libre")
CACHES = ("memory", "store", "off")
_LONGEST_TIMEOUT = 60


@dataclass(frozen=True)
class TranslationSettings:
    """`monthly_characters` 0: no cap; `allow_http`: the account may call `http://` addresses."""

    engine: EngineSettings = field(default_factory=EngineSettings)
    fallback: EngineSettings | None = None
    timeout: float = 10.0
    codes: Codes = field(default_factory=read_codes, repr=False, compare=False)
    monthly_characters: int = 0
    cache: str = "memory"
    cache_days: int = 30
    allow_http: bool = False
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))


def _choice(mapping: Mapping[str, Any], key: str, options: tuple[str, ...], default: str) -> str:
    value: str = mapping.get(key, default)
    if value not in options:
        raise SettingMistake(key, f"must be one of {', '.join(options)}")
    return value


def _whole(mapping: Mapping[str, Any], key: str, default: int, *, least: int) -> int:
    value = mapping.get(key, default)
    if type(value) is not int or value < least:
        raise SettingMistake(key, f"must be a whole number, {least} or more")
    return value


def _url(mapping: Mapping[str, Any], key: str) -> str:
    """The address of a server, without the closing `/`; empty when none is set."""
    value = mapping.get(key, "")
    try:
        if value:
            read_url(value, schemes=("https", "http"))
    except (UrlRefused, TypeError) as error:
        raise SettingMistake(key, f"must be an address like {GOOGLE_URL}: {error}") from None
    return str(value).rstrip("/")


def _key(mapping: Mapping[str, Any], key: str) -> Secret:
    value = mapping.get(key, "")
    if not isinstance(value, str) or not is_usable_key(value.strip()):
        raise SettingMistake(key, "must be a key: one word of printable characters")
    return Secret(value.strip())


def _engine(mapping: Mapping[str, Any]) -> EngineSettings:
    name = _choice(mapping, "translate_engine", ENGINES, "google")
    url = _url(mapping, "translate_url")
    if name == "libre" and not url:
        raise SettingMistake("translate_url", "is needed for the engine libre")
    in_query = read_flag(mapping, "translate_key_in_query")
    return EngineSettings(name, url or GOOGLE_URL, _key(mapping, "translate_key"), in_query)


def _fallback(mapping: Mapping[str, Any], first: EngineSettings) -> EngineSettings | None:
    """The second engine; it has an address and a key of its own: no server gets another's key."""
    name = _choice(mapping, "translate_fallback", ("", "libre"), "")
    if name in ("", first.name):
        return None
    url = _url(mapping, "translate_fallback_url") or _url(mapping, "translate_url")
    if not url:
        raise SettingMistake("translate_fallback_url", "is needed for translate_fallback")
    return EngineSettings(name, url, _key(mapping, "translate_fallback_key"))


def _codes(mapping: Mapping[str, Any]) -> Codes:
    """The built-in table with the account's rows: a code, or a table of the columns."""
    key, known = "translate_languages", read_codes()
    given = mapping.get(key, {})
    if not isinstance(given, dict):
        raise SettingMistake(key, 'must be a table such as {RAJASTHANI = "hi"}')
    return known.extended({name: _row(key, name, value, known) for name, value in given.items()})


def _row(key: str, name: str, value: Any, known: Codes) -> Row:
    if isinstance(value, str) and value.strip():
        like = known.find_code(value)
        code = value.strip()
        libre = like.libre if like and like.google.casefold() == code.casefold() else code
        return Row(name, code, libre, name.title())
    cells = {"language": name, "google": "", "libre": "", "name": name.title()}
    if not isinstance(value, dict) or not value.items() or set(value) - set(COLUMNS[1:]):
        raise SettingMistake(key, f"'{name}' needs a code, or a table of google, libre, name")
    if not all(isinstance(text, str) for text in value.values()):
        raise SettingMistake(key, f"'{name}': google, libre and name are texts")
    return Row(**cells | value)


def _timeout(mapping: Mapping[str, Any]) -> float:
    value = mapping.get("translate_timeout", 10)
    if type(value) not in (int, float) or not 0 < value <= _LONGEST_TIMEOUT:
        raise SettingMistake("translate_timeout", f"must be seconds, at most {_LONGEST_TIMEOUT}")
    return float(value)


def _build(mapping: Mapping[str, Any], _: Files) -> TranslationSettings:
    engine = _engine(mapping)
    return TranslationSettings(
        engine=engine,
        fallback=_fallback(mapping, engine),
        timeout=_timeout(mapping),
        codes=_codes(mapping),
        monthly_characters=_whole(mapping, "translate_monthly_characters", 0, least=0),
        cache=_choice(mapping, "translate_cache", CACHES, "memory"),
        cache_days=_whole(mapping, "translate_cache_days", 30, least=1),
        allow_http=read_flag(mapping, "http_enabled"),
        zone=read_zone(mapping),
    )


TRANSLATION: Topic[TranslationSettings] = Topic(
    names=(
        "translate_engine",
        "translate_url",
        "translate_key",
        "translate_key_in_query",
        "translate_timeout",
        "translate_languages",
        "translate_fallback",
        "translate_fallback_url",
        "translate_fallback_key",
        "translate_monthly_characters",
        "translate_cache",
        "translate_cache_days",
    ),
    build=_build,
)
