"""Account settings of translation: what is understood, and what is refused in which words."""

import pytest

from rules.errors import SettingMistake
from rules.settings import Accounts
from rules.translation import TRANSLATION, language_code
from tests.rows import each

LIBRE = {"translate_engine": "libre", "translate_url": "https://libre.example"}


def build(mapping):
    return Accounts({"default": mapping}).settings(TRANSLATION)


def test_defaults():
    found = build({})
    assert (found.engine.name, found.engine.url) == (
        "google",
        "https://translation.googleapis.com",
    )
    assert (found.timeout, found.cache, found.cache_days) == (10.0, "memory", 30)
    assert (found.fallback, found.monthly_characters, found.allow_http) == (None, 0, False)
    assert found.zone.key == "Asia/Kolkata"


def test_everything_set():
    found = build(
        {
            "translate_url": "http://127.0.0.1:8099/",
            "translate_key": " k ",
            "translate_key_in_query": True,
            "translate_timeout": 2.5,
            "translate_fallback": "libre",
            "translate_fallback_url": "https://libre.example",
            "translate_fallback_key": "other",
            "translate_monthly_characters": 1000,
            "translate_cache": "store",
            "translate_cache_days": 7,
            "http_enabled": True,
            "zone": "Asia/Dubai",
        }
    )
    assert (found.engine.url, found.engine.key.reveal()) == ("http://127.0.0.1:8099", "k")
    assert found.engine.key_in_query
    assert (found.fallback.name, found.fallback.url, found.fallback.key.reveal()) == (
        "libre",
        "https://libre.example",
        "other",
    )
    assert (found.timeout, found.monthly_characters) == (2.5, 1000)
    assert (found.cache, found.cache_days, found.allow_http) == ("store", 7, True)
    assert found.zone.key == "Asia/Dubai"


def test_second_engine_never_gets_the_key_of_the_first():
    found = build(
        {
            "translate_key": "first",
            "translate_url": "https://both.example",
            "translate_fallback": "libre",
        }
    )
    assert (found.fallback.url, found.fallback.key.reveal()) == ("https://both.example", "")


def test_second_engine_equal_to_the_first_is_none():
    assert build(LIBRE | {"translate_fallback": "libre"}).fallback is None


@each(
    ("languages", "text", "google", "libre"),
    [
        ({"RAJASTHANI": "hi"}, "Rajasthani", "hi", "hi"),
        ({"RAJASTHANI": "zh-CN"}, "raj", "zh-CN", "zh"),
        ({"RAJASTHANI": "zh"}, "raj", "zh", "zh"),
        ({"TULU": "tcy"}, "tulu", "tcy", "tcy"),
        ({"TULU": {"google": "tcy"}}, "tulu", "tcy", None),
        ({"TULU": {"google": "tcy", "libre": "tu", "name": "Tulu"}}, "TCY", "tcy", "tu"),
        ({}, "Tulu", None, None),
    ],
)
def test_t2_account_rows(languages, text, google, libre):
    codes = build({"translate_languages": languages}).codes
    assert language_code(text, codes) == google
    assert language_code(text, codes, engine="libre") == libre


MISTAKES = [
    ({"translate_engine": "deepl"}, "translate_engine", "one of google, libre"),
    ({"translate_engine": "libre"}, "translate_url", "needed for the engine libre"),
    ({"translate_url": "translate.example"}, "translate_url", "must be an address"),
    ({"translate_url": 7}, "translate_url", "must be an address"),
    ({"translate_url": "https://u:p@h.example"}, "translate_url", "must be an address"),
    ({"translate_key": "a b"}, "translate_key", "one word"),
    ({"translate_key": 5}, "translate_key", "one word"),
    ({"translate_key_in_query": "yes"}, "translate_key_in_query", "true or false"),
    ({"translate_timeout": 0}, "translate_timeout", "at most 60"),
    ({"translate_timeout": 61}, "translate_timeout", "at most 60"),
    ({"translate_timeout": True}, "translate_timeout", "at most 60"),
    ({"translate_timeout": "10"}, "translate_timeout", "at most 60"),
    ({"translate_fallback": "google"}, "translate_fallback", "one of"),
    ({"translate_fallback": "libre"}, "translate_fallback_url", "is needed"),
    ({"translate_monthly_characters": -1}, "translate_monthly_characters", "0 or more"),
    ({"translate_monthly_characters": 1.5}, "translate_monthly_characters", "whole number"),
    ({"translate_cache": "disk"}, "translate_cache", "memory, store, off"),
    ({"translate_cache_days": 0}, "translate_cache_days", "1 or more"),
    ({"translate_languages": "hi"}, "translate_languages", "must be a table"),
    ({"translate_languages": {"X": 5}}, "translate_languages", "'X' needs a code"),
    ({"translate_languages": {"X": " "}}, "translate_languages", "'X' needs a code"),
    ({"translate_languages": {"X": {}}}, "translate_languages", "'X' needs a code"),
    ({"translate_languages": {"X": {"bing": "x"}}}, "translate_languages", "'X' needs a code"),
    ({"translate_languages": {"X": {"google": 5}}}, "translate_languages", "are texts"),
    ({"zone": "Mars/North"}, "zone", "no zone 'Mars/North' in the zone database"),
    ({"zone": "../etc"}, "zone", "no zone '../etc' in the zone database"),
]


@each(("mapping", "key", "words"), MISTAKES)
def test_mistake_is_named(mapping, key, words):
    with pytest.raises(SettingMistake, match=words) as caught:
        build(mapping)
    assert caught.value.key == key


def test_keys_never_show():
    found = build({"translate_key": "s3cret"})
    assert "s3cret" not in repr(found)
    with pytest.raises(SettingMistake) as caught:
        build({"translate_key": "s3 cret"})
    assert "cret" not in str(caught.value)
