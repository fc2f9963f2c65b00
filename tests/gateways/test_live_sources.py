"""The file of live sources: what it may hold, and how mistakes are named."""

from decimal import Decimal

import pytest

from rules.errors import SettingMistake
from rules.gateways.live_sources import read_sources
from tests.rows import each

GOOD = """\
[numbers]
kind = "number_metadata"
url = "https://api.example/v1/Accounts/{account}/Numbers/{number}"
cost = "0.35"
auth = {user = "AC1", password = "s3cr3t-password"}
values = {account = "AC1"}
paths = {operator = "data.carrier.name", circle = "data.circle", ported = "data.ported"}
found_when = {path = "data.status", value = "ok"}

[networks]
kind = "network_codes"
url = "http://hlr.example:8080/ask"
verb = "POST"
body = '{"msisdn": "{number}", "who": "{who}"}'
values = {who = "us"}
number_form = "digits"
cost = 0
auth = {header = "X-Key", value = "s3cr3t-header"}
paths = {mcc = "data.mcc", mnc = "data.mnc"}
http = true
"""


@pytest.fixture
def read(tmp_path):
    def reader(text):
        path = tmp_path / "live.toml"
        path.write_text(text, "utf-8")
        return read_sources(str(path))

    return reader


def test_both_kinds(read):
    numbers, networks = read(GOOD)
    assert (numbers.name, numbers.kind, numbers.verb) == ("numbers", "number_metadata", "GET")
    assert numbers.url == "https://api.example/v1/Accounts/AC1/Numbers/{number}"
    assert (numbers.cost, numbers.number_form, numbers.http) == (Decimal("0.35"), "e164", False)
    assert numbers.headers == (("Authorization", b"Basic QUMxOnMzY3IzdC1wYXNzd29yZA=="),)
    assert (numbers.found_value, set(numbers.paths)) == ("ok", {"operator", "circle", "ported"})
    assert networks.body == '{"msisdn": "{number}", "who": "us"}'
    assert networks.headers == (
        ("X-Key", b"s3cr3t-header"),
        ("Content-Type", b"application/json"),
    )
    assert (networks.cost, networks.number_form, networks.http) == (0, "digits", True)


def test_secrets_do_not_show(read):
    assert "s3cr3t" not in repr(read(GOOD))


MISTAKES = [
    ("kind =", "color = 3\nkind =", "source 'numbers', color: no such key"),
    ('"number_metadata"', '"magic"', "kind: is none of number_metadata, network_codes"),
    ('"number_metadata"', "3", "kind: must be text"),
    ("{number}", "x", "url: neither url nor body holds {number}"),
    ("{account}", "{nobody}", "url: {nobody} is neither"),
    ("https://api.example", "api.example", "url: "),
    ("https://api.example", "ftp://api.example", "url: "),
    ("https://api.example", "http://api.example", "url: must be https, or set http = true"),
    ('"0.35"', '"much"', "cost: must be an amount"),
    ('"0.35"', "-1", "cost: must be an amount"),
    ('cost = "0.35"', "", "cost: must be an amount"),
    ('{user = "AC1", password = "s3cr3t-password"}', "3", "auth: must be a table of texts"),
    ('user = "AC1", ', "", "auth: give user and password"),
    ('user = "AC1"', 'user = "A:1"', "auth: "),
    ('{user = "AC1", password = "s3cr3t-password"}', '{header = "Host", value = "x"}', "auth: "),
    ('{user = "AC1", password = "s3cr3t-password"}', "{}", ""),
    ('values = {account = "AC1"}', "values = {account = 1}", "values: must be a table of texts"),
    ("operator = ", "colour = ", "paths: give one or more of operator"),
    ('"data.circle"', '"circle"', "paths: 'circle' is no path"),
    ('path = "data.status", ', "", "found_when: give path and value"),
    ('"data.status"', '"data..status"', "found_when: 'data..status' is no path"),
    ('mcc = "data.mcc", ', "", "source 'networks', paths: mcc and mnc are both needed"),
    ("http = true", 'http = "yes"', "http: must be true or false"),
    ('"POST"', '"DELETE"', "verb: is none of GET, POST, PUT"),
    ('"digits"', '"roman"', "number_form: is none of e164, digits, national"),
    ("[networks]", "networks = 3\n[more]", "write [networks]"),
    ("[numbers]", "[numbers", "the file is no TOML"),
]


@each(("old", "new", "message"), MISTAKES)
def test_a_mistake_names_source_and_key(read, old, new, message):
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    if not message:
        assert read(text)[0].headers == ()
        return
    if message.startswith("write"):
        text = "networks = 3\n" + GOOD.replace("[networks]", "[more]")
    with pytest.raises(SettingMistake) as caught:
        read(text)
    assert caught.value.key == "RULES_LIVE_SOURCES"
    assert message in caught.value.message
    assert "s3cr3t" not in str(caught.value)


def test_a_file_that_is_not_there():
    with pytest.raises(SettingMistake, match="cannot be read"):
        read_sources("/nowhere/live.toml")
