"""Specifications as written down, what is refused when saved, and the account settings."""

import json

import pytest

from rules.errors import SettingMistake
from rules.webhooks import WEBHOOKS, Entry, MapEntry, SpecRefused, WebhookSpec, mistakes
from rules.webhooks.settings import read_settings
from tests.rows import each

URL = "https://api.example/"
FULL = {
    "name": "book",
    "url": URL,
    "method": "post",
    "auth": "Basic",
    "username": "u",
    "password": "p",
    "headers": [{"key": "X-A", "value": "1", "mandatory": True}],
    "query": [{"key": "q"}],
    "body_type": "url_encoded",
    "body": [{"key": "k", "value": "v"}],
    "response_type": "xml",
    "mapping": [{"save_in": "$flow.key.a", "path": "//a", "mandatory": True}],
    "wait": False,
    "timeout_seconds": 1.5,
    "persist": True,
    "hold_music": "flute.wav",
    "note": "for people",
}


def test_every_member():
    spec = WebhookSpec.from_mapping(FULL)
    assert (spec.name, spec.url, spec.verb, spec.auth) == ("book", URL, "POST", "basic")
    assert (spec.username, spec.password.reveal()) == ("u", "p")
    assert spec.headers == (Entry("X-A", "1", mandatory=True),)
    assert spec.query == (Entry("q"),)
    assert (spec.body_type, spec.body, spec.form) == ("form", "", (Entry("k", "v"),))
    assert (spec.response_type, spec.mapping) == (
        "xml",
        (MapEntry("$flow.key.a", "//a", mandatory=True),),
    )
    assert (spec.wait, spec.timeout_seconds, spec.persist) == (False, 1.5, True)
    assert (spec.hold_music, spec.note) == ("flute.wav", "for people")
    assert mistakes(spec) == []


def test_defaults():
    spec = WebhookSpec.from_mapping({"url": URL, "headers": None}, "named")
    assert spec == WebhookSpec(URL, name="named")
    assert (spec.wait, spec.timeout_seconds, spec.method) == (True, 60, "GET")


@each(
    ("change", "problem"),
    [
        ({"url": None}, "url: needed"),
        ({"url": ""}, "url: needed"),
        ({"url": 5}, "url: must be text"),
        ({"mapings": []}, "mapings: no such member; did you mean 'mapping'?"),
        ({"auth": "digest"}, "auth: none of none, basic"),
        ({"body_type": "jsn"}, "body_type: none of"),
        ({"response_type": "csv"}, "response_type: none of json, xml"),
        ({"headers": {"key": "a"}}, "headers: must be a list of entries"),
        ({"headers": ["a"]}, "headers 1: an object with key, value, mandatory"),
        ({"headers": [{"key": "a", "value": 5}]}, "headers 1: an object"),
        ({"headers": [{"key": "a"}, {"ky": "a"}]}, "headers 2: an object"),
        ({"mapping": [{"save_in": "a", "path": "b", "mandatory": "yes"}]}, "mapping 1: an object"),
        ({"wait": "no"}, "wait: must be true or false"),
        ({"timeout_seconds": "60"}, "timeout_seconds: must be a number"),
        ({"timeout_seconds": True}, "timeout_seconds: must be a number"),
        ({"body": 5, "body_type": "json"}, "body: must be a list of entries"),
        ({"note": ["x"]}, "note: must be text"),
    ],
)
def test_shapes_that_are_refused(change, problem):
    with pytest.raises(SpecRefused) as caught:
        WebhookSpec.from_mapping(FULL | change)
    assert any(found.startswith(problem) for found in caught.value.problems), caught.value.problems


@each("given", [None, [], "x", 5])
def test_no_object(given):
    with pytest.raises(SpecRefused):
        WebhookSpec.from_mapping(given)


@each(
    ("change", "problem"),
    [
        ({"method": "FETCH"}, "method: none of"),
        ({"method": "GET"}, "body_type: GET has no body"),
        ({"method": "HEAD"}, "body_type: HEAD has no body"),
        ({"timeout_seconds": 0}, "timeout_seconds: above 0"),
        ({"timeout_seconds": 61}, "timeout_seconds: above 0"),
        ({"note": "x" * 1001}, "note: more than 1000 characters"),
        ({"body_type": "json"}, "body: a list for the two form types"),
        ({"body": "text"}, "body: a list for the two form types"),
        ({"mapping": [{"save_in": "$flow.key.a", "path": "a"}]}, "mapping 1: this path"),
        ({"mapping": [{"save_in": "$flow.key.response_x", "path": "//a"}]}, "mapping 1: save_in"),
        ({"mapping": [{"path": "//a"}]}, "mapping 1: save_in"),
        ({"mapping": FULL["mapping"] * 2}, "mapping 2: save_in is used twice"),
    ],
)
def test_what_is_refused_when_saved(change, problem):
    found = mistakes(WebhookSpec.from_mapping(FULL | change))
    assert any(one.startswith(problem) for one in found), found


def test_settings():
    settings = read_settings(
        {
            "http_enabled": True,
            "inline_webhooks": True,
            "log_bodies": True,
            "unset_in_body": "keep",
            "webhooks": {"a": {"url": URL}},
            "webhooks_file": "more.toml",
        },
        {"more.toml": f'[b]\nurl = "{URL}"\n[a]\nurl = "https://other.example/"'},
    )
    assert settings.http_enabled
    assert settings.inline_webhooks
    assert settings.log_bodies
    assert settings.unset_in_body == "keep"
    assert {name: spec.url for name, spec in settings.webhooks.items()} == {"a": URL, "b": URL}
    assert settings.webhooks["b"].name == "b"
    assert WEBHOOKS.build({}, {}).webhooks == {}


def test_a_file_of_json():
    text = json.dumps({"a": {"url": URL}})
    assert read_settings({"webhooks_file": "w.json"}, {"w.json": text}).webhooks["a"].url == URL


@each(
    ("given", "key", "message"),
    [
        ({"unset_in_body": "drop"}, "unset_in_body", "must be one of empty, keep"),
        ({"log_bodies": "yes"}, "log_bodies", "must be true or false"),
        ({"webhooks": []}, "webhooks", "must be a table"),
        ({"webhooks": {"a": 5}}, "webhooks", "a: a webhook is an object"),
        ({"webhooks": {"a": {"url": URL, "methd": "GET"}}}, "webhooks", "a: methd: no such member"),
        ({"webhooks": {"a": {"url": URL, "method": "x"}}}, "webhooks", "a: method: none of"),
        ({"webhooks_file": "bad.toml"}, "webhooks_file", "is neither TOML nor JSON"),
        ({"webhooks_file": "bad.json"}, "webhooks_file", "is neither TOML nor JSON"),
        ({"webhooks_file": "wrong.toml"}, "webhooks_file", "a: url: needed"),
    ],
)
def test_mistakes_name_the_setting(given, key, message):
    files = {"bad.toml": "[", "bad.json": "{", "wrong.toml": "[a]"}
    with pytest.raises(SettingMistake) as caught:
        read_settings(given, files)
    assert caught.value.key == key
    assert message in caught.value.message
