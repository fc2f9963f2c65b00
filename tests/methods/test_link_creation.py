"""linkcreation: what goes into the personal link, what is hidden, and who may fetch it."""

import hashlib
import json
import logging
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rules.errors import SettingsRefused
from rules.methods import answer
from rules.methods.link_reads import find_link, hidden_data
from rules.methods.short_url import short_url
from rules.services.links import DomainState
from rules.storage.link_services import link_services
from rules.testing import at, make_services
from tests._cases import cases
from tests.links.test_target import unescaped
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
BASE = "https://bot.example/chat?lang=hi"
KEY = "bot-key-Sentinel"
SENT = [
    ("$user.syskey.accountID", "163"),
    ("$flow.key.cli", "918160700000"),
    ("$flow.key.botid", "123"),
    ("$flow.key.token", "tok-1"),
    ("$flow.key.uid", "X"),
    ("$flow.key.name", "Asha R"),
]


def services(now=NOW, account=None, **bot):
    bots = {"123": {"base_url": BASE} | bot, "other": {"base_url": BASE, "data_key": "other-key"}}
    accounts = {"account": {"163": {"bots": bots} | (account or {})}}
    return make_services(now=now, accounts=accounts, link_domain="s.example")


def ask(services, sent=SENT, **more):
    pairs = dict(sent) | {f"$flow.key.{name}": value for name, value in more.items()}
    keys = [{"name": name, "value": value} for name, value in pairs.items()]
    reply = answer({"keys": keys}, services, method="linkcreation")
    values = {key["name"].removeprefix("$flow.key."): key["value"] for key in reply.body["keys"]}
    return reply, values


def made(services, **more):
    reply, values = ask(services, **more)
    assert reply.status == 200, reply.body
    return values


def target(services, values):
    return find_link(services, values["shortenUrl"]).target


def data(services, values, key=KEY):
    return hidden_data(values["botUniqueID"], key, services)


def test_l6_worked_example():
    mine = services()
    values = made(mine)
    uid = values["botUniqueID"]
    assert re.fullmatch(r"https://s\.example/[0-9A-Za-z]{10}", values["shortenUrl"])
    assert str(uuid.UUID(uid)) == uid
    assert uuid.UUID(uid).version == 4
    assert values["linkExpiresAt"] == "2026-12-18T10:30:00+05:30"
    assert target(mine, values) == (
        "https://bot.example/chat?lang=hi&cli=918160700000&botid=123&token=tok-1"
        f"&uid={uid}&name=Asha%20R"
    )


def test_l6_worked_example_hidden():
    mine = services(hide=["token", "name"], data_key=KEY)
    values = made(mine)
    uid = values["botUniqueID"]
    assert target(mine, values) == (
        f"https://bot.example/chat?lang=hi&cli=918160700000&botid=123&uid={uid}"
    )
    found = data(mine, values)
    assert found.status == 200
    assert found.body == {
        "keys": [
            {"name": "$flow.key.token", "value": "tok-1"},
            {"name": "$flow.key.name", "value": "Asha R"},
        ]
    }
    assert hidden_data(uid.upper(), KEY, mine).body == found.body


def test_l6_hidden_values_come_in_the_order_sent():
    mine = services(hide=["name", "token", "cli", "age"], data_key=KEY)
    sent = [("$flow.key.AGE", "7"), ("name", "no"), *reversed(SENT)]
    reply, values = ask(mine, sent)
    assert reply.status == 200
    names = [key["name"] for key in data(mine, values).body["keys"]]
    wanted = ("AGE", "name", "token", "cli")
    assert names == [f"$flow.key.{name}" for name in wanted]


def test_l6_names_of_other_namespaces_stay_here():
    mine = services()
    sent = [*SENT, ("$user.key.city", "Pune"), ("bare", "x"), ("$sys.datetime", "y")]
    _, values = ask(mine, sent)
    assert target(mine, values).endswith("&name=Asha%20R")


@each(
    ("more", "part"),
    [
        ({"token": None}, "&botid=123&uid="),
        ({"token": ""}, "&botid=123&token=&uid="),
        ({"token": "null"}, "&botid=123&uid="),
        ({"name": None}, "=tok-1&uid={uid}"),
        ({"name": ""}, "&name="),
        ({"shortenUrl": "a", "botUniqueID": "b", "linkExpiresAt": "c"}, "&name=Asha%20R"),
        ({"UID": "1", "Cli": "2"}, "&name=Asha%20R"),
        ({"age": 7, "ok": True}, "&age=7&ok=true"),
    ],
)
def test_l6_what_goes_along(more, part):
    mine = services()
    values = made(mine, **more)
    whole = target(mine, values) + "$"
    assert part.format(uid=values["botUniqueID"]) + ("$" if "uid=" not in part else "") in whole


def test_l6_the_cli_goes_as_sent_but_trimmed():
    mine = services()
    assert "cli=%2B91%20XX81&" in target(mine, made(mine, cli=" +91 XX81 "))


@each(
    "more",
    [
        {"cli": "2"},
        {"token": "x"},
        {"token": None},
        {"name": "Asha"},
        {"name": None},
        {"more": "x"},
        {"Name": "Asha R"},
    ],
)
@each("hide", [[], ["name", "token", "cli"]])
def test_l6_the_same_inputs_give_the_same_link_any_difference_another(more, hide):
    mine = services(hide=hide, data_key=KEY)
    first = made(mine)
    assert made(mine) == first
    other = made(mine, **more)
    assert other["shortenUrl"] != first["shortenUrl"]
    assert other["botUniqueID"] != first["botUniqueID"]
    assert made(mine, **more) == other
    assert made(mine, uid="Y", shortenUrl=first["shortenUrl"]) == first


def test_l6_another_account_another_bot_another_link():
    bots = {name: {"base_url": BASE} for name in ("123", "124")}
    mine = make_services(now=NOW, accounts={"default": {"bots": bots}}, link_domain="s.example")
    sent = dict(SENT)
    found = [
        ask(mine, (sent | change).items())[1]["shortenUrl"]
        for change in (
            {},
            {"$user.syskey.accountID": "164"},
            {"$flow.key.botid": "124"},
            {},
        )
    ]
    assert len(set(found)) == 3
    assert found[0] == found[3]


def test_l6_the_same_link_for_its_whole_life():
    mine = services()
    first = made(mine)
    assert made(at(mine, NOW + timedelta(days=30, seconds=-1))) == first
    assert made(at(mine, NOW + timedelta(days=30)))["botUniqueID"] != first["botUniqueID"]


def test_l6_a_disabled_link_is_not_given_again():
    mine = services()
    first = made(mine)
    mine.links.links.disable([find_link(mine, first["shortenUrl"]).id], NOW)
    assert made(mine)["shortenUrl"] != first["shortenUrl"]


def test_l6_a_mark_shared_by_chance_is_not_a_link_shared():
    mine = services()
    mine.links.seal.digest = lambda _: 7
    first = made(mine)
    assert made(mine, name="Other") != first
    assert made(mine) == first


def test_l6_a_mark_shared_with_an_ordinary_link_is_no_link_shared():
    mine = services(account={"link_tokens": [hashlib.sha256(b"tok").hexdigest()]})
    mine.links.seal.digest = lambda _: 7
    wanted = {"custToken": "tok", "longUrl": "https://shop.example"}
    short = short_url(wanted, mine).body["shortUrl"]
    first, second = made(mine), made(mine)
    assert len({short, first["shortenUrl"], second["shortenUrl"]}) == 3
    assert short_url(wanted, mine).body["shortUrl"] == short


def test_l6_equal_requests_at_once_get_one_link():
    mine = services(hide=["name"], data_key=KEY)
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: tuple(made(mine).values()), range(50)))
    assert len(set(found)) == 1


def test_l6_domain_and_header_of_the_bot():
    account = {"link_headers": ["ABCDEF", "XYZ123"], "default_header": "XYZ123"}
    mine = services(account=account, domain="go.example", header="ABCDEF")
    mine.links.domains.add("go.example", account="163", state=DomainState.READY, token="", now=NOW)
    assert made(mine)["shortenUrl"].startswith("https://go.example/ABCDEF/")
    plain = services(account=account)
    assert made(plain)["shortenUrl"].startswith("https://s.example/XYZ123/")


def test_l6_a_nul_in_any_value_is_kept_by_every_store(engine):
    mine = services(hide=["name"], data_key=KEY)
    mine = replace(mine, links=link_services(engine, mine.settings))
    sent = dict(SENT) | {"$user.syskey.accountID": "16\x003", "$flow.key.name": "A\x00"}
    reply, values = ask(mine, (sent | {"$flow.key.cli": "1\x002"}).items())
    assert reply.status == 200
    assert "cli=1%002&" in target(mine, values)
    assert data(mine, values).body["keys"] == [{"name": "$flow.key.name", "value": "A\x00"}]
    assert hidden_data("\x00", KEY, mine).status == 404


def test_l6_an_account_can_be_named_in_either_namespace():
    sent = [("$flow.key.accountID", "163"), *SENT[1:4]]
    reply, _ = ask(services(), sent)
    assert reply.status == 200


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("story", "a" * 2000, "$flow.key.story"),
        ("cli", "9" * 2000, "$flow.key.cli"),
        ("token", "t" * 2000, "$flow.key.token"),
    ],
)
def test_l6_too_long_names_the_longest_variable(name, value, named):
    reply, values = ask(services(), **{name: value})
    assert reply.status == 400
    assert values == {"shortenUrl": "", "botUniqueID": ""}
    assert [(f["name"], f["code"]) for f in reply.body["error"]["fields"]] == [(named, "TOO_LONG")]
    assert value not in json.dumps(reply.body)


def test_l6_hiding_makes_room():
    mine = services(hide=["story"], data_key=KEY)
    values = made(mine, story="a" * 5000)
    assert data(mine, values).body["keys"][0]["value"] == "a" * 5000


@each("row", cases("link_targets"))
def test_l2_every_target_as_a_bots_base(row):
    given, result = unescaped(row["given"]), row["result"]
    accounts = {"default": {"bots": {"123": {"base_url": given}}}}
    https = result.startswith("https:")
    if result.isupper() and result != "OWN_DOMAIN":
        with pytest.raises(SettingsRefused, match=f"base_url cannot be used: {result}"):
            make_services(now=NOW, accounts=accounts)
        return
    if given.casefold().startswith("http:"):
        with pytest.raises(SettingsRefused, match="SCHEME"):
            make_services(now=NOW, accounts=accounts)
        return
    mine = make_services(now=NOW, accounts=accounts, link_domain="s.example")
    mine.links.domains.add("go.example", account="9", state=DomainState.READY, token="", now=NOW)
    reply, values = ask(mine, SENT[1:4])
    if https:
        address, mark, fragment = result.partition("#")
        found = target(mine, values)
        assert found.startswith(address)
        assert found.endswith(mark + fragment)
    else:
        (field,) = reply.body["error"]["fields"]
        assert (field["name"], field["code"]) == ("$flow.key.botid", "INVALID_LONG_URL")
        assert result in field["message"]


@pytest.mark.parametrize("key", ["", "wrong", KEY + "x"])
def test_l6_hidden_data_needs_a_bots_key(key):
    mine = services(hide=["name"], data_key=KEY)
    found = data(mine, made(mine), key)
    assert (found.status, found.body["error"]["code"]) == (401, "UNAUTHORIZED")
    assert found.body["keys"] == []


def test_l6_hidden_data_of_another_bot_or_of_nobody_is_unknown():
    mine = services(hide=["name"], data_key=KEY)
    values = made(mine)
    for found in (
        data(mine, values, "other-key"),
        hidden_data(str(uuid.uuid4()), KEY, mine),
        hidden_data("no id", KEY, mine),
        hidden_data("", KEY, mine),
    ):
        assert (found.status, found.body["error"]["code"]) == (404, "UNKNOWN_LINK")


def test_l6_hidden_data_ends_with_the_link():
    mine = services(hide=["name"], data_key=KEY)
    values = made(mine)
    assert data(at(mine, NOW + timedelta(days=30, seconds=-1)), values).status == 200
    gone = data(at(mine, NOW + timedelta(days=30)), values)
    assert (gone.status, gone.body["error"]["code"]) == (410, "LINK_GONE")
    mine.links.links.disable([find_link(mine, values["shortenUrl"]).id], NOW)
    assert data(mine, values).status == 410


def test_l6_a_bot_that_hides_nothing_gets_an_empty_list():
    mine = services(data_key=KEY)
    assert data(mine, made(mine)).body == {"keys": []}


def test_l6_sealed_in_the_store_and_lost_with_its_key():
    accounts = {"default": {"bots": {"123": {"base_url": BASE, "hide": ["name"], "data_key": KEY}}}}
    mine = make_services(
        now=NOW, accounts=accounts, link_domain="s.example", data_key="a-key-of-the-installation"
    )
    values = made(mine)
    _, personal = mine.links.links.by_uid(values["botUniqueID"])
    assert b"Asha" not in personal.hidden
    assert data(mine, values).body["keys"][0]["value"] == "Asha R"
    mine.links.seal._ciphers.clear()
    assert data(mine, values).status == 410


def test_l6_token_and_hidden_values_in_no_log_and_no_answer(caplog):
    mine = services(hide=["name"], data_key=KEY)
    with caplog.at_level(logging.DEBUG):
        bodies = [
            ask(mine, token="Sentinel-1", name="Sentinel-2")[0],
            ask(mine, token="Sentinel-1", name="Sentinel-2", botid="x")[0],
            ask(mine, token="Sentinel-1" * 300)[0],
            ask(mine, SENT[4:], token="Sentinel-1")[0],
        ]
    assert [reply.status for reply in bodies] == [200, 400, 400, 400]
    for reply in bodies:
        assert "Sentinel" not in json.dumps(reply.body)
        assert "Sentinel" not in f"{reply.error!r}"
    assert "Sentinel" not in caplog.text
