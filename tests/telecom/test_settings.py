from __future__ import annotations

from decimal import Decimal

import pytest

from rules.errors import SettingMistake
from rules.telecom import TELECOM, Confidence, TelecomSettings
from tests.rows import each


def build(**mapping):
    return TELECOM.build(mapping, {"own.csv": "number,circle\n98480,KA\n", "bad.csv": "x\n"})


def test_without_anything_the_defaults_hold():
    assert build() == TelecomSettings()
    assert build().label("Reliance Jio") == "RELIANCE JIO"
    assert build().label("") == ""


def test_every_setting_is_read():
    settings = build(
        min_confidence="low",
        fallback_languages=["tamil", "te"],
        operator_labels={"vodafone": "Vodafone Idea"},
        number_overrides="own.csv",
        live_lookup=" numbers ",
        live_landlines=True,
        live_timeout=2,
        live_daily_questions=100,
        live_monthly_amount="2500.50",
        zone="Asia/Dubai",
    )
    assert settings.min_confidence is Confidence.LOW
    assert settings.fallback_languages == ("TAMIL", "TELUGU")
    assert settings.foreign_fallback_languages == ("TAMIL", "TELUGU")
    assert settings.label("Vodafone") == "Vodafone Idea"
    assert settings.overrides.find("9848012345", "").circle == "Karnataka"
    assert (settings.live_lookup, settings.live_landlines) == ("numbers", True)
    assert (settings.live_timeout, settings.live_daily_questions) == (2.0, 100)
    assert settings.live_monthly_amount == Decimal("2500.50")
    assert settings.zone == "Asia/Dubai"
    assert build(foreign_fallback_languages=["EN"]).foreign_fallback_languages == ("ENGLISH",)
    assert build(live_monthly_amount=10).live_monthly_amount == 10


@each(
    ("key", "value", "message"),
    [
        ("min_confidence", "sure", "none of high, medium, low"),
        ("min_confidence", ["high"], "none of high, medium, low"),
        ("fallback_languages", "HINDI", "list of languages"),
        ("fallback_languages", [], "list of languages"),
        ("fallback_languages", ["HINDI", 3], "list of languages"),
        ("foreign_fallback_languages", [" "], "list of languages"),
        ("operator_labels", "VI", "must be a table"),
        ("operator_labels", {"Vodafone": ""}, "must be a table"),
        ("operator_labels", {"Vodafon": "VI"}, "did you mean 'Vodafone'"),
        ("number_overrides", 3, "must be text"),
        ("number_overrides", "gone.csv", "file 'gone.csv' cannot be read"),
        ("number_overrides", "bad.csv", "line 1"),
        ("live_lookup", 3, "must be text"),
        ("live_landlines", "yes", "true or false"),
        ("live_timeout", "fast", "number of seconds"),
        ("live_timeout", True, "number of seconds"),
        ("live_timeout", 0, "above 0"),
        ("live_timeout", 61, "at most 60"),
        ("live_daily_questions", -1, "0 or more"),
        ("live_daily_questions", 1.5, "whole number"),
        ("live_daily_questions", True, "whole number"),
        ("live_monthly_amount", "much", "must be an amount"),
        ("live_monthly_amount", -1, "must be an amount"),
        ("live_monthly_amount", True, "must be an amount"),
        ("live_monthly_amount", "NaN", "must be an amount"),
        ("zone", "Asia/Atlantis", "no zone 'Asia/Atlantis' in the zone database"),
        ("zone", 5, "no zone '5'"),
    ],
)
def test_a_mistake_names_its_setting(key, value, message):
    with pytest.raises(SettingMistake) as caught:
        build(**{key: value})
    assert caught.value.key == key
    assert message in caught.value.message
