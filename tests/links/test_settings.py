"""Account settings of links: what they say, and how each mistake is told."""

import hashlib

import pytest

from rules.errors import SettingMistake
from rules.links import LINKS, Bot
from rules.settings import Accounts
from tests.rows import each

TOKEN = hashlib.sha256(b"tok").hexdigest()
BOT = {"base_url": "https://bot.example/chat"}


def build(**settings):
    return LINKS.build(settings, {})


def test_l1_defaults():
    found = build()
    assert (found.days, found.personal_days, found.rate) == (365, 30, 600)
    assert (found.enabled, found.never_expires, found.pass_query) == (True, False, False)
    assert (found.domain, found.headers, found.default_header) == (None, (), None)
    assert found.schemes == ("http", "https")
    assert found.zone.key == "Asia/Kolkata"


def test_l1_everything_set():
    found = build(
        link_tokens=[TOKEN.upper()],
        links_enabled=False,
        link_domain="Go.Example.",
        link_headers=["ABCDEF", "123"],
        default_header="123",
        link_days=30,
        personal_link_days=3650,
        link_never_expires=True,
        link_rate=5,
        link_schemes=["upi"],
        pass_query=True,
        link_pages={"GO.example": {"404": "Nicht da", "410": "Weg"}},
        bots={
            "123": BOT
            | {"domain": "b.example", "header": "ABCDEF", "hide": ["name"]}
            | {"data_key": "k", "expire_days": 3},
            "4": BOT,
        },
        zone="Asia/Dubai",
    )
    assert found.tokens == (hashlib.sha256(b"tok").digest(),)
    assert (found.enabled, found.domain, found.default_header) == (False, "go.example", "123")
    assert found.schemes == ("http", "https", "upi")
    assert found.pages == {"go.example": {"404": "Nicht da", "410": "Weg"}}
    assert found.zone.key == "Asia/Dubai"
    assert found.bots["123"] == Bot(
        "https://bot.example/chat", "b.example", "ABCDEF", 3, ("name",), "k"
    )
    assert found.bots["4"].expire_days == 3650
    assert "k'" not in repr(found)
    assert TOKEN not in repr(found)


@each(
    ("settings", "key", "says"),
    [
        ({"link_tokens": ["abcd1234"]}, "link_tokens", "SHA-256"),
        ({"link_tokens": TOKEN}, "link_tokens", "list"),
        ({"link_tokens": 5}, "link_tokens", "list"),
        ({"link_tokens": [5]}, "link_tokens", "text"),
        ({"links_enabled": "yes"}, "links_enabled", "true or false"),
        ({"link_domain": "go example"}, "link_domain", "domain"),
        ({"link_domain": "8.8.8.8"}, "link_domain", "domain"),
        ({"link_domain": " "}, "link_domain", "blank"),
        ({"link_headers": ["abcdef"]}, "link_headers", "capital"),
        ({"link_headers": ["AB"]}, "link_headers", "3 to 9"),
        ({"link_headers": ["ABCDEFGHIJ"]}, "link_headers", "3 to 9"),
        ({"default_header": "ABCDEF"}, "default_header", "link_headers"),
        ({"link_days": 0}, "link_days", "1 to 3650"),
        ({"link_days": True}, "link_days", "1 to 3650"),
        ({"personal_link_days": 3651}, "personal_link_days", "1 to 3650"),
        ({"link_rate": "600"}, "link_rate", "whole number"),
        ({"link_schemes": ["javascript"]}, "link_schemes", "upi"),
        ({"link_schemes": ["UPI:"]}, "link_schemes", "upi"),
        ({"link_pages": []}, "link_pages", "table"),
        ({"link_pages": {"a b": {}}}, "link_pages", "domain"),
        ({"link_pages": {"a.example": {"500": "x"}}}, "link_pages", "404"),
        ({"link_pages": {"a.example": "x"}}, "link_pages", "404"),
        ({"link_pages": {"a.example": {"404": ""}}}, "link_pages", "text"),
        ({"bots": {"1": "x"}}, "bots", "table"),
        ({"bots": {"1": {}}}, "bots", "base_url is needed"),
        ({"bots": {"1": BOT | {"colour": "x"}}}, "bots", "no such setting 'colour'"),
        ({"bots": {"1": BOT | {"header": "ABCDEF"}}}, "bots", "link_headers"),
        ({"bots": {"1": BOT | {"hide": ["name"]}}}, "bots", "data_key is needed"),
        ({"bots": {"1": BOT | {"hide": ["UID"], "data_key": "k"}}}, "bots", "uid"),
        ({"bots": {"1": BOT | {"expire_days": 0}}}, "bots", "bots.1.expire_days"),
        ({"bots": {"1": {"base_url": "http://bot.example"}}}, "bots", "SCHEME"),
        ({"bots": {"1": {"base_url": "https://10.0.0.1"}}}, "bots", "ADDRESS"),
    ],
)
def test_l1_mistakes(settings, key, says):
    with pytest.raises(SettingMistake, match=says) as caught:
        build(**settings)
    assert caught.value.key == key


@each("zone", ["Mars/Base", "../etc", 5, ""])
def test_l1_an_unknown_zone(zone):
    with pytest.raises(SettingMistake, match="in the zone database") as caught:
        build(zone=zone)
    assert caught.value.key == "zone"


def test_l1_a_mistake_names_its_scope():
    accounts = Accounts({"account": {"163": {"link_days": 0}}})
    assert accounts.mistakes((LINKS,)) == [
        ("account", "163", "link_days", "must be a whole number from 1 to 3650")
    ]
