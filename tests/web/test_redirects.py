"""Every way to ask for a link and what it gets, row by row, on each store."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rules.methods import answer
from rules.methods.link_making import tenant_of
from rules.methods.link_reads import find_link, stats_of
from rules.methods.short_url import short_url
from rules.services.links import DomainState
from rules.storage.link_services import link_services
from rules.testing import make_services
from tests._cases import cases
from tests.rows import each
from tests.stores import engine_of_module
from webapp import create_app

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile Safari/537.36"
LONG = "https://shop.example/sale"
ACCOUNTS = {
    "default": {
        "link_headers": ["ABCDEF"],
        "link_never_expires": True,
        "bots": {"123": {"base_url": "https://bot.example"}},
    }
}
MEMBERS = {
    "plain": {},
    "day": {"expireDays": 1},
    "wiped": {"expireDays": 1},
    "once": {"maxClicks": 1},
    "used": {"maxClicks": 1},
    "header": {"header": "ABCDEF"},
    "closed": {"domain": "go.example"},
    "ever": {"expireDays": 0},
    "off": {},
}


class Desk:
    """One app on one store for all rows, each of which makes a link of its own; and its clock."""

    def __init__(self, engine=None):
        made = make_services(
            now=NOW, accounts=ACCOUNTS, link_domain="s.example", default_tenant=True
        )
        links = link_services(engine, made.settings) if engine else made.links
        self.mine = replace(made, draw=secrets.randbelow, links=links, clock=lambda: self.now)
        self.client = create_app(self.mine).test_client()
        self.now = NOW


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgres"])
def desk(request, tmp_path_factory):
    if request.param == "memory":
        yield Desk()
        return
    with engine_of_module(request, tmp_path_factory) as engine:
        yield Desk(engine)


def make(mine, kind):
    """A short link of a kind, as it is sent to people."""
    if kind == "personal":
        keys = [{"name": "cli", "value": secrets.token_hex(4)}, {"name": "botid", "value": "123"}]
        return answer({"keys": keys}, mine, method="linkcreation").body["keys"][0]["value"]
    if kind == "closed":
        mine.links.domains.add(
            "go.example", account="", state=DomainState.READY, token="t", now=NOW
        )
    wanted = {"custToken": "abcd1234", "longUrl": LONG, "reuse": False} | MEMBERS[kind]
    made = short_url(wanted, mine).body["shortUrl"]
    number = find_link(mine, made).id
    if kind == "off":
        mine.links.links.disable([number], NOW)
    elif kind == "used":
        assert mine.links.links.use(number)
    elif kind == "wiped":
        assert mine.links.links.sweep(NOW + timedelta(days=100), 100)
    elif kind == "closed":
        mine.links.domains.set_state("go.example", DomainState.DISABLED)
    return made


def asked(made, how):
    """Host and path of a way to ask for a link."""
    host, _, path = made.removeprefix("https://").partition("/")
    code = path.rpartition("/")[2]
    return {
        "same": (host, path),
        "slash": (host, f"{path}/"),
        "query": (host, f"{path}?utm=1"),
        "upper host": (host.upper(), path),
        "port": (f"{host}:8443", path),
        "other case": (host, code.swapcase()),
        "other host": ("go.example", path),
        "under header": (host, f"ABCDEF/{path}"),
        "without header": (host, code),
        "other header": (host, f"XYZ123/{code}"),
        "small header": (host, f"abcdef/{code}"),
        "cut": (host, path[:-1]),
        "longer": (host, f"{path}x"),
        "below": (host, f"{path}/x"),
    }[how]


def seconds(text):
    return timedelta(**{{"s": "seconds", "d": "days"}[text[-1]]: int(text[:-1])})


@each("row", cases("redirects"))
def test_l4_l5_redirects(row, desk):
    mine, desk.now = desk.mine, NOW
    mine.links.domains.set_state("go.example", DomainState.READY)
    made = make(mine, row["link"])
    link = find_link(mine, made)
    desk.now += seconds(row["after"])
    host, path = asked(made, row["asked"])
    name, _, value = row["header"].partition("=")
    headers = {"Host": host, "User-Agent": PHONE} | ({name: value} if name else {})
    reply = desk.client.open(f"/{path}", method=row["verb"], headers=headers)
    assert reply.status_code == int(row["status"])
    assert ("Location" in reply.headers) == (reply.status_code == 302)
    if reply.status_code == 302:
        assert reply.headers["Location"] == link.target
    found = stats_of(mine, link, tenant_of(mine, ""))
    counted = {"human": (1, 0), "bot": (0, 1), "": (0, 0)}[row["counted"]]
    assert (found["human"], found["bot"], found["visitors"]) == (*counted, counted[0])
