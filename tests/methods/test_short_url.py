"""shortURL: its members, its codes, and when an equal request gets the same link."""

import hashlib
import json
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from rules.links.codes import ALPHABET
from rules.methods.link_reads import find_link
from rules.methods.short_url import short_url
from rules.services.links import DomainState
from rules.storage.link_services import link_services
from rules.testing import at, make_services
from tests._cases import cases
from tests.links.test_target import unescaped
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
TOKEN = "tok-Sentinel-163"
LONG = "https://shop.example/sale?secret=Sentinel"


def sha(token):
    return hashlib.sha256(token.encode()).hexdigest()


ACCOUNTS = {
    "account": {
        "163": {"link_tokens": [sha(TOKEN)], "link_headers": ["ABCDEF", "XYZ123"]},
        "9": {"link_tokens": [sha("tok-9")], "link_never_expires": True, "link_days": 10},
        "7": {"link_tokens": [sha("tok-7")], "links_enabled": False},
    }
}


def services(now=NOW, accounts=ACCOUNTS, **settings):
    return make_services(now=now, accounts=accounts, **{"link_domain": "s.example"} | settings)


def ask(services, **members):
    return short_url({"custToken": TOKEN, "longUrl": LONG} | members, services)


def link(services, **members):
    found = ask(services, **members)
    assert found.status == 200, found.body
    return found.body["shortUrl"]


def codes(answer):
    return [(field["name"], field["code"]) for field in answer.body["error"]["fields"]]


def add_domain(services, name, account, state=DomainState.READY):
    services.links.domains.add(name, account=account, state=state, token="t", now=NOW)


def test_l1_the_documented_reply():
    reply = ask(services())
    assert reply.status == 200
    assert list(reply.body) == ["shortUrl", "expiresAt"]
    assert reply.body["expiresAt"] == "2027-11-18T10:30:00+05:30"
    start, code = reply.body["shortUrl"].rsplit("/", 1)
    assert start == "https://s.example"
    assert len(code) == 8
    assert set(code) <= set(ALPHABET)


def test_l1_without_extras_only_the_documented_member():
    accounts = {"default": {"extra_keys": False}} | ACCOUNTS
    assert list(ask(services(accounts=accounts)).body) == ["shortUrl"]


@each(
    "body",
    [
        json.dumps({"custToken": TOKEN, "longUrl": LONG}).encode(),
        b"\xef\xbb\xbf" + json.dumps({"custToken": f" {TOKEN} ", "longUrl": LONG}).encode(),
        json.dumps({"custtoken": TOKEN, "LONGURL": LONG, "flowStatus": {}, "x": [1]}).encode(),
        {"custToken": "no", "longurl": "no", "CUSTTOKEN": TOKEN, "longUrl": LONG},
        {"custToken": TOKEN, "longUrl": LONG, "domain": None, "header": "", "reuse": "null"},
        {"custToken": TOKEN, "longUrl": LONG, "expireDays": "$flow.key.days"},
        {"custToken": TOKEN, "longUrl": LONG, "expireDays": "5.0", "maxClicks": 5, "reuse": "No"},
    ],
)
def test_l1_leniency_is_that_of_the_envelope(body):
    assert short_url(body, services()).status == 200


@each(
    ("body", "code"),
    [
        (b"", "MALFORMED_JSON"),
        (b"{", "MALFORMED_JSON"),
        (b'{"custToken": NaN}', "MALFORMED_JSON"),
        (b"[1]", "MALFORMED_ENVELOPE"),
        (b'"x"', "MALFORMED_ENVELOPE"),
    ],
)
def test_l1_bodies_that_cannot_be_read(body, code):
    reply = short_url(body, services())
    assert (reply.status, reply.body["shortUrl"]) == (400, "")
    assert reply.body["error"]["code"] == code
    assert reply.body["error"]["fields"] == []


@each("token", ["", " ", None, "unknown", "tok-7", "abcd1234", sha(TOKEN), 5])
def test_l1_unknown_blank_or_disabled_token(token):
    reply = ask(services(), custToken=token, longUrl="no link")
    assert reply.status == 401
    assert reply.body["shortUrl"] == ""
    assert reply.body["error"]["code"] == "UNKNOWN_TOKEN"
    assert reply.body["error"]["fields"] == []


def test_l1_a_token_that_is_left_out():
    assert short_url({"longUrl": LONG}, services()).status == 401


def test_l1_the_default_tenant_exists_only_where_it_is_turned_on():
    reply = ask(services(default_tenant=True), custToken="abcd1234")
    assert (reply.status, reply.account) == (200, "")
    assert ask(services(), custToken="abcd1234").status == 401
    off = {"default": {"links_enabled": False}}
    assert ask(services(default_tenant=True, accounts=off), custToken="abcd1234").status == 401


def test_l1_a_token_written_for_two_accounts_is_nobodys():
    accounts = {"account": {name: {"link_tokens": [sha(TOKEN)]} for name in ("1", "2")}}
    assert ask(services(accounts=accounts)).status == 401
    accounts = {"default": {"link_tokens": [sha(TOKEN)]}, "account": {"1": {"link_days": 1}}}
    assert ask(services(accounts=accounts)).account == ""


@each(
    ("members", "wanted"),
    [
        ({"longUrl": None}, [("longUrl", "MISSING_PARAMETER")]),
        ({"longUrl": "$flow.key.link"}, [("longUrl", "MISSING_PARAMETER")]),
        ({"longUrl": "shop.example"}, [("longUrl", "INVALID_LONG_URL")]),
        ({"longUrl": f" {LONG}"}, [("longUrl", "INVALID_LONG_URL")]),
        ({"longUrl": ["https://shop.example"]}, [("longUrl", "INVALID_LONG_URL")]),
        ({"domain": "other.example"}, [("domain", "UNKNOWN_DOMAIN")]),
        ({"domain": "8.8.8.8"}, [("domain", "UNKNOWN_DOMAIN")]),
        ({"domain": "no domain"}, [("domain", "UNKNOWN_DOMAIN")]),
        ({"header": "QWERTY"}, [("header", "UNKNOWN_HEADER")]),
        ({"expireDays": 0}, [("expireDays", "OUT_OF_RANGE")]),
        ({"expireDays": 3651}, [("expireDays", "OUT_OF_RANGE")]),
        ({"expireDays": "1e3"}, [("expireDays", "NOT_AN_INTEGER")]),
        ({"maxClicks": 0}, [("maxClicks", "OUT_OF_RANGE")]),
        ({"maxClicks": 1_000_001}, [("maxClicks", "OUT_OF_RANGE")]),
        ({"maxClicks": 5.5}, [("maxClicks", "NOT_AN_INTEGER")]),
        ({"reuse": "maybe"}, [("reuse", "NOT_A_BOOLEAN")]),
        (
            {"longUrl": "x", "domain": "x", "header": "x", "expireDays": -1, "maxClicks": "x"}
            | {"reuse": "x"},
            [
                ("longUrl", "INVALID_LONG_URL"),
                ("domain", "UNKNOWN_DOMAIN"),
                ("header", "UNKNOWN_HEADER"),
                ("expireDays", "OUT_OF_RANGE"),
                ("maxClicks", "NOT_AN_INTEGER"),
                ("reuse", "NOT_A_BOOLEAN"),
            ],
        ),
    ],
)
def test_l1_members_that_cannot_be_used(members, wanted):
    reply = ask(services(), **members)
    assert (reply.status, reply.body["shortUrl"]) == (400, "")
    assert reply.body["error"]["code"] == "BAD_PARAMETERS"
    assert codes(reply) == wanted


@each("row", cases("link_targets"))
def test_l2_every_target_through_shorturl(row):
    given, result = unescaped(row["given"]), row["result"]
    mine = services()
    add_domain(mine, "go.example", "9", DomainState.DISABLED)
    reply = ask(mine, longUrl=given)
    if "\ud800" in given:  # such a text is no JSON at all
        assert reply.body["error"]["code"] == "MALFORMED_JSON"
    elif result.isupper():
        (field,) = reply.body["error"]["fields"]
        assert (reply.status, field["code"]) == (400, "INVALID_LONG_URL")
        assert field["message"].startswith(f"{result}: ")
        assert len(given) < 5 or given not in json.dumps(reply.body, ensure_ascii=False)
    else:
        assert find_link(mine, reply.body["shortUrl"]).target == result


def test_l2_schemes_of_the_operator():
    accounts = {"account": {"163": ACCOUNTS["account"]["163"] | {"link_schemes": ["upi"]}}}
    mine = services(accounts=accounts)
    found = find_link(mine, link(mine, longUrl="UPI://pay?pa=a@b"))
    assert found.target == "upi://pay?pa=a@b"
    assert ask(mine, longUrl="tel:+91").status == 400


def test_l7_a_domain_of_the_tenant_alone():
    mine = services()
    add_domain(mine, "go.example", "163")
    add_domain(mine, "nine.example", "9")
    add_domain(mine, "new.example", "163", DomainState.PENDING)
    add_domain(mine, "old.example", "163", DomainState.DISABLED)
    for spelling in ("go.example", "GO.Example.", " go.example "):
        assert link(mine, domain=spelling).startswith("https://go.example/")
    for name in ("nine.example", "new.example", "old.example"):
        assert codes(ask(mine, domain=name)) == [("domain", "UNKNOWN_DOMAIN")]
    assert link(mine, domain="s.example").startswith("https://s.example/")


def test_l7_default_domain_of_the_tenant_and_no_domain_at_all():
    accounts = {"account": {"163": ACCOUNTS["account"]["163"] | {"link_domain": "go.example"}}}
    mine = services(accounts=accounts)
    assert codes(ask(mine)) == [("domain", "UNKNOWN_DOMAIN")]
    add_domain(mine, "go.example", "163")
    assert link(mine).startswith("https://go.example/")
    assert codes(ask(services(link_domain=""))) == [("domain", "UNKNOWN_DOMAIN")]


def test_l7_the_shared_domain_can_be_another_tenants_or_out_of_use():
    mine = services()
    add_domain(mine, "s.example", "9")
    assert codes(ask(mine)) == [("domain", "UNKNOWN_DOMAIN")]
    off = services()
    link(off)
    off.links.domains.set_state("s.example", DomainState.DISABLED)
    assert codes(ask(off)) == [("domain", "UNKNOWN_DOMAIN")]


def test_l7_headers():
    accounts = {"account": {"163": ACCOUNTS["account"]["163"] | {"default_header": "XYZ123"}}}
    assert link(services(), header="abcdef").startswith("https://s.example/ABCDEF/")
    assert link(services(accounts=accounts)).startswith("https://s.example/XYZ123/")
    assert link(services(accounts=accounts), header="ABCDEF").startswith(
        "https://s.example/ABCDEF/"
    )


def test_l1_for_ever_only_where_the_tenant_may():
    mine = services()
    reply = ask(mine, custToken="tok-9", expireDays=0)
    assert (reply.status, reply.body["expiresAt"]) == (200, "")
    default = ask(mine, custToken="tok-9", expireDays="")
    assert default.body["expiresAt"] == "2026-11-28T10:30:00+05:30"


def test_l1_a_link_for_trying_out_begins_as_the_setting_says():
    mine = services(link_domain="http://localhost:8000", default_tenant=True)
    assert link(mine, custToken="abcd1234").startswith("http://localhost:8000/")


@each(
    "changed",
    [
        {"longUrl": LONG + "x"},
        {"expireDays": 364},
        {"maxClicks": 5},
        {"header": "ABCDEF"},
        {"domain": "go.example"},
        {"custToken": "tok-9"},
        {"reuse": False},
    ],
)
def test_l1_any_difference_makes_another_link(changed):
    mine = services()
    add_domain(mine, "go.example", "163")
    first = link(mine)
    assert link(mine) == first
    other = link(mine, **changed)
    assert other != first
    assert link(mine) == first
    assert (link(mine, **changed) == other) is ("reuse" not in changed)


def test_l1_equal_once_cleaned_and_with_defaults_written_out():
    mine = services()
    assert link(mine) == link(mine, longUrl=LONG.replace("https://shop", "HTTPS://SHOP"))
    assert link(mine) == link(mine, expireDays=365, domain="S.example")


def test_l1_reuse_ends_with_a_tenth_of_the_life_left():
    mine = services()
    first = ask(mine, expireDays=10)
    almost = at(mine, NOW + timedelta(days=9, seconds=-1))
    assert ask(almost, expireDays=10).body == first.body
    late = at(mine, NOW + timedelta(days=9))
    second = ask(late, expireDays=10)
    assert second.body["shortUrl"] != first.body["shortUrl"]
    assert ask(late, expireDays=10).body == second.body
    assert find_link(late, first.body["shortUrl"]).target == LONG


def test_l1_no_reuse_of_what_is_disabled_or_used_up():
    mine = services()
    first = link(mine)
    mine.links.links.disable([find_link(mine, first).id], NOW)
    second = link(mine)
    once = link(mine, maxClicks=1)
    assert link(mine, maxClicks=1) == once
    mine.links.links.use(find_link(mine, once).id)
    assert len({first, second, once, link(mine, maxClicks=1)}) == 4


def test_l1_a_mark_shared_by_chance_is_not_a_link_shared():
    mine = services()
    seal = mine.links.seal
    seal.digest = lambda _: 7
    first = link(mine)
    assert link(mine) == first
    assert link(mine, longUrl="https://shop.example/other") != first
    assert link(mine) == first


def test_l1_rate_per_tenant_and_minute():
    accounts = {"account": {"163": ACCOUNTS["account"]["163"] | {"link_rate": 2}}}
    accounts["account"]["9"] = ACCOUNTS["account"]["9"]
    mine = services(now=NOW + timedelta(seconds=20), accounts=accounts)
    first = link(mine, longUrl=LONG + "1")
    link(mine, longUrl=LONG + "2")
    reply = ask(mine, longUrl=LONG + "3")
    assert (reply.status, reply.body["error"]["code"]) == (429, "TOO_MANY")
    assert (reply.body["shortUrl"], reply.error.retry_after) == ("", 40)
    assert link(mine, longUrl=LONG + "1") == first
    assert ask(mine, custToken="tok-9").status == 200
    assert ask(at(mine, NOW + timedelta(seconds=60)), longUrl=LONG + "3").status == 200


def planted(services, *texts):
    """Services whose draws spell these codes, then go on as before."""
    letters = iter("".join(texts))

    def draw(size):
        letter = next(letters, None)
        return services.draw(size) if letter is None else ALPHABET.index(letter)

    return replace(services, draw=draw)


def test_l3_a_clash_is_drawn_again_five_times():
    mine = services()
    taken = "AAAAAAAA"
    assert link(planted(mine, taken), longUrl=LONG + "0").endswith(taken)
    again = planted(mine, *[taken] * 5, "BBBBBBBB")
    assert link(again, longUrl=LONG + "1").endswith("BBBBBBBB")
    reply = ask(planted(mine, *[taken] * 6, "CCCCCCCC"), longUrl=LONG + "2")
    assert (reply.status, reply.body["error"]["code"]) == (500, "INTERNAL")
    assert reply.body["error"]["message"] == "unexpected failure"
    assert reply.body["shortUrl"] == ""


def test_l3_a_code_is_never_given_out_twice_also_after_expiry():
    mine = services()
    link(planted(mine, "AAAAAAAA"), expireDays=1)
    late = at(mine, NOW + timedelta(days=500))
    late.links.links.sweep(late.clock(), 10)
    assert link(planted(late, "AAAAAAAA", "BBBBBBBB")).endswith("BBBBBBBB")


def test_l1_fifty_equal_requests_on_ten_threads_get_one_code(engine):
    mine = services()
    store = link_services(engine, mine.settings)
    mine = replace(mine, links=store, draw=secrets.randbelow)
    with ThreadPoolExecutor(10) as pool:
        found = set(pool.map(lambda _: link(mine), range(50)))
    assert len(found) == 1
    assert len(mine.links.links.rows(0, 10)) == 1


def test_l1_a_failure_of_ours_says_nothing(caplog):
    mine = replace(services(), links=None)
    with caplog.at_level(logging.DEBUG):
        reply = ask(mine)
    assert (reply.status, reply.body["shortUrl"]) == (500, "")
    assert reply.body["error"]["message"] == "unexpected failure"


def test_l1_neither_token_nor_target_in_any_answer_or_log(caplog):
    mine = services()
    with caplog.at_level(logging.DEBUG):
        replies = [
            ask(mine),
            ask(mine, longUrl=f"https://user:{LONG}@Sentinel.example"),
            ask(mine, custToken=TOKEN + "x"),
            ask(mine, expireDays="x", longUrl="Sentinel"),
            ask(planted(mine, "A" * 99), longUrl=LONG + "1"),
            ask(planted(mine, "A" * 99), longUrl=LONG + "2"),
        ]
    assert {reply.status for reply in replies} == {200, 400, 401, 500}
    for reply in replies:
        assert "Sentinel" not in json.dumps(reply.body)
        assert "Sentinel" not in f"{reply.error!r} {reply.error}"
    assert "Sentinel" not in caplog.text
