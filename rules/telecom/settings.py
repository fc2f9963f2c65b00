"""Account settings of telecom lookups.

>>> TelecomSettings.from_mapping({"min_confidence": "high"}, {}).min_confidence.value
'high'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from rules.errors import SettingMistake
from rules.settings import DEFAULT_ZONE, Topic, nearest, read_flag, read_zone
from rules.telecom.names import language_name, operator_name, operator_names
from rules.telecom.overrides import NO_OVERRIDES, Overrides, read_overrides
from rules.telecom.words import Confidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.settings import Files

__all__ = ["TELECOM", "TelecomSettings"]

_LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class TelecomSettings:
    """What an account wants of lookups. Languages are in the tables' spelling.

    `live_monthly_amount` of `None` is no limit; `live_daily_questions` of 0 asks nothing. Days and
    months of both are those of `zone`.
    """

    min_confidence: Confidence = Confidence.MEDIUM
    fallback_languages: tuple[str, ...] = ("HINDI", "ENGLISH")
    foreign_fallback_languages: tuple[str, ...] = ("HINDI", "ENGLISH")
    operator_labels: Mapping[str, str] = field(default_factory=dict)
    overrides: Overrides = NO_OVERRIDES
    live_lookup: str = ""
    live_landlines: bool = False
    live_timeout: float = 1.5
    live_daily_questions: int = 0
    live_monthly_amount: Decimal | None = None
    zone: str = DEFAULT_ZONE

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], files: Files) -> TelecomSettings:
        """Read all settings; raises `SettingMistake`."""
        languages = _languages(mapping, "fallback_languages", cls.fallback_languages)
        return cls(
            min_confidence=_grade(mapping),
            fallback_languages=languages,
            foreign_fallback_languages=_languages(mapping, "foreign_fallback_languages", languages),
            operator_labels=_labels(mapping),
            overrides=_overrides(mapping, files),
            live_lookup=_text(mapping, "live_lookup"),
            live_landlines=read_flag(mapping, "live_landlines"),
            live_timeout=_seconds(mapping),
            live_daily_questions=_count(mapping),
            live_monthly_amount=_amount(mapping),
            zone=read_zone(mapping).key,
        )

    def label(self, operator: str) -> str:
        """An operator's name as replies write it: the account's label, else in capitals."""
        return self.operator_labels.get(operator) or operator.upper()


def _grade(mapping: Mapping[str, Any]) -> Confidence:
    value = mapping.get("min_confidence", Confidence.MEDIUM)
    try:
        return Confidence(value)
    except ValueError:
        raise SettingMistake("min_confidence", f"is none of {', '.join(Confidence)}") from None


def _languages(mapping: Mapping[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = mapping.get(key)
    if value is None:
        return default
    if not isinstance(value, list) or not value or not all(_is_name(item) for item in value):
        raise SettingMistake(key, 'must be a list of languages, such as ["HINDI", "ENGLISH"]')
    return tuple(language_name(item) for item in value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _labels(mapping: Mapping[str, Any]) -> Mapping[str, str]:
    value = mapping.get("operator_labels", {})
    if not isinstance(value, dict) or not all(map(_is_name, value.values())):
        raise SettingMistake("operator_labels", 'must be a table such as {Vodafone = "VODAFONE"}')
    labels = {}
    for name, label in value.items():
        known = operator_name(name)
        if known is None:
            hint = nearest(name, operator_names())
            raise SettingMistake("operator_labels", f"no operator '{name}'{hint}")
        labels[known] = label
    return labels


def _overrides(mapping: Mapping[str, Any], files: Files) -> Overrides:
    name = _text(mapping, "number_overrides")
    if not name:
        return NO_OVERRIDES
    if name not in files:
        raise SettingMistake("number_overrides", f"file '{name}' cannot be read")
    return read_overrides(files[name])


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key, "")
    if not isinstance(value, str):
        raise SettingMistake(key, "must be text")
    return value.strip()


def _seconds(mapping: Mapping[str, Any]) -> float:
    value = mapping.get("live_timeout", 1.5)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingMistake("live_timeout", "must be a number of seconds")
    if not 0 < value <= _LONGEST_WAIT:
        raise SettingMistake("live_timeout", f"must be above 0 and at most {_LONGEST_WAIT:g}")
    return float(value)


def _count(mapping: Mapping[str, Any]) -> int:
    value = mapping.get("live_daily_questions", 0)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise SettingMistake("live_daily_questions", "must be a whole number, 0 or more")
    return value


def _amount(mapping: Mapping[str, Any]) -> Decimal | None:
    value = mapping.get("live_monthly_amount")
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite() or amount < 0:
        raise SettingMistake("live_monthly_amount", "must be an amount, 0 or more")
    return amount


TELECOM: Topic[TelecomSettings] = Topic(
    names=(
        "min_confidence",
        "fallback_languages",
        "foreign_fallback_languages",
        "operator_labels",
        "number_overrides",
        "live_lookup",
        "live_landlines",
        "live_timeout",
        "live_daily_questions",
        "live_monthly_amount",
        "zone",
    ),
    build=TelecomSettings.from_mapping,
    files=("number_overrides",),
)
