"""Short links over HTTP: making, following, counting, and everything that leads nowhere."""

import hashlib
import json
import logging
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from rules.errors import StoreUnavailable
from rules.methods.link_reads import find_link
from rules.services.links import DomainState, NewLink
from rules.storage.click_log import BatchedClicks
from rules.storage.link_services import link_services
from rules.testing import at, make_services
from tests._cases import cases
from tests.doors import client_of
from tests.rows import each
from webapp import create_app

NOW = datetime.fromisoformat("2026-11-18T10:30:05+05:30")
TOKEN = "tok-Sentinel"
LONG = "https://shop.example/sale?id=7"
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile Safari/537.36"
SHORT_URL = "/UrlShortner/phonon/shortUrl"
ACCOUNTS = {
    "account": {
        "163": {
            "link_tokens": [hashlib.sha256(TOKEN.encode()).hexdigest()],
            "link_headers": ["ABCDEF"],
            "link_pages": {"go.example": {"404": "Nothing <here> & there", "410": "Over"}},
        },
        "9": {"link_tokens": [hashlib.sha256(b"tok-9").hexdigest()], "pass_query": True},
    }
}


def services(now=NOW, accounts=ACCOUNTS, **settings):
    found = make_services(now=now, accounts=accounts, **{"link_domain": "s.example"} | settings)
    found.links.domains.add(
        "go.example", account="163", state=DomainState.READY, token="tok-of-go", now=now
    )
    return found


@pytest.fixture
def mine():
    return services()


def post(services, path, body):
    """To any route but a redirect, which knows the links it was made with."""
    return client_of(services).post(path, json=body)


def make(services, token=TOKEN, **members):
    """A short link made over HTTP, without its scheme."""
    body = {"custToken": token, "longUrl": LONG} | members
    reply = post(services, SHORT_URL, body)
    assert reply.status_code == 200, reply.data
    return reply.json["shortUrl"].removeprefix("https://")


def path_of(short):
    return "/" + short.partition("/")[2]


class Person:
    """Someone who opens links of one app."""

    def __init__(self, services):
        self.client = create_app(services).test_client()

    def open(self, short, verb="GET", agent=PHONE, query="", peer="9.9.9.9", **headers):
        host, _, path = short.partition("/")
        sent = {"Host": host, "User-Agent": agent} | headers
        return self.client.open(
            f"/{path}{query}",
            method=verb,
            headers={name.replace("_", "-"): value for name, value in sent.items()},
            environ_base={"REMOTE_ADDR": peer},
        )


def stats(services, short, token=TOKEN):
    body = {"custToken": token, "shortUrl": f"https://{short}"}
    return post(services, "/v1/links/stats", body)


def counts(services, short):
    found = stats(services, short).json
    return found["human"], found["bot"]


@each(
    "path",
    [
        SHORT_URL,
        SHORT_URL + "/",
        "/v1/methods/shortURL",
        "/v1/methods/shortURL/",
        "/v1/methods/shorturl",
    ],
)
def test_l1_paths(mine, path):
    client = create_app(mine).test_client()
    body = json.dumps({"custToken": TOKEN, "longUrl": LONG})
    reply = client.post(path, data=body, content_type="text/plain")
    assert (reply.status_code, reply.mimetype) == (200, "application/json")
    assert list(reply.json) == ["shortUrl", "expiresAt"]
    assert reply.headers["Cache-Control"] == "no-store"
    wrong = client.get(path)
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")


def test_l1_refusals_of_the_door_are_flat_too():
    mine = services(max_body_bytes=100, allowed_networks=(ip_network("9.0.0.0/8"),))
    client = create_app(mine).test_client()
    large = client.post(SHORT_URL, data=b"x" * 101, environ_base={"REMOTE_ADDR": "9.1.1.1"})
    other = client.post(SHORT_URL, data=b"{}", environ_base={"REMOTE_ADDR": "8.8.8.8"})
    assert (large.status_code, large.json["error"]["code"]) == (413, "TOO_LARGE")
    assert (other.status_code, other.json["error"]["code"]) == (403, "ADDRESS_NOT_ALLOWED")
    assert large.json["shortUrl"] == other.json["shortUrl"] == ""


def test_l1_rate_has_a_retry_after():
    accounts = {"account": {"163": ACCOUNTS["account"]["163"] | {"link_rate": 1}}}
    mine = services(accounts=accounts)
    make(mine)
    body = {"custToken": TOKEN, "longUrl": LONG + "8"}
    reply = create_app(mine).test_client().post(SHORT_URL, json=body)
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "55")


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_l4_a_live_link(mine, verb):
    short = make(mine)
    reply = Person(mine).open(short, verb)
    assert reply.status_code == 302
    assert reply.headers["Location"] == LONG
    assert reply.headers["Cache-Control"] == "private, no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["X-Robots-Tag"] == "noindex"
    assert b"shop.example" not in reply.data
    assert len(reply.data) < 100
    assert bool(reply.data) is (verb == "GET")


@each("verb", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_l4_other_verbs(mine, verb):
    person = Person(mine)
    for short in (make(mine), make(mine, header="ABCDEF")):
        reply = person.open(short, verb)
        assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD")
        assert "Location" not in reply.headers


def test_l4_host_in_any_case_with_port_and_closing_dot(mine):
    short = make(mine)
    code, person = path_of(short), Person(mine)
    for host in ("S.Example", "s.example:8080", "s.example.", "S.EXAMPLE.:443"):
        assert person.open(host + code).status_code == 302


def test_l4_unknown_code_host_and_case(mine):
    short = make(mine)
    host, code = short.split("/")
    person = Person(mine)
    for other in (
        f"{host}/zzzzzzzz",
        f"{host}/{code.swapcase()}",
        f"go.example/{code}",
        f"{host}/ABCDEF/{code}",
    ):
        reply = person.open(other)
        assert (reply.status_code, "Location" in reply.headers) == (404, False)
        assert reply.headers["Cache-Control"] == "no-store"


def test_l4_on_another_host_a_code_is_a_path_like_any_other(mine):
    code = path_of(make(mine))
    mine.links.domains.add(
        "new.example", account="163", state=DomainState.PENDING, token="t", now=NOW
    )
    person = Person(mine)
    for host in ("nowhere.example", "new.example", ""):
        for verb in ("GET", "POST"):
            reply = person.open(host + code, verb)
            assert (reply.status_code, reply.json["error"]["code"]) == (404, "UNKNOWN_PATH")
            assert "Location" not in reply.headers


def test_l4_a_domain_added_later_is_known_at_once(mine):
    person = Person(mine)
    assert person.open("new.example/zzzzzzzz").mimetype == "application/json"
    mine.links.domains.add(
        "new.example", account="163", state=DomainState.READY, token="t", now=NOW
    )
    assert person.open("new.example/zzzzzzzz").mimetype == "text/html"


def test_l7_a_header_link_answers_only_under_its_own_header(mine):
    short = make(mine, header="ABCDEF")
    host, _, code = short.split("/")
    person = Person(mine)
    assert person.open(short).status_code == 302
    for other in (code, f"ABCDE/{code}", f"abcdef/{code}", f"ABCDEFG/{code}"):
        assert person.open(f"{host}/{other}").status_code == 404


@pytest.mark.parametrize(
    ("after", "status"),
    [
        (timedelta(days=1, seconds=-1), 302),
        (timedelta(days=1), 410),
        (timedelta(days=1, seconds=1), 410),
        (timedelta(days=300), 410),
    ],
)
def test_l4_clock(mine, after, status):
    short = make(mine, expireDays=1)
    reply = Person(at(mine, NOW + after)).open(short)
    assert (reply.status_code, "Location" in reply.headers) == (status, status == 302)


def test_l4_an_expired_link_stays_gone_once_wiped(mine):
    short = make(mine, expireDays=1)
    late = at(mine, NOW + timedelta(days=100))
    assert late.links.links.sweep(late.clock(), 10) == 1
    assert Person(late).open(short).status_code == 410


def test_l4_disabled_links_and_domains(mine):
    short, other = make(mine), make(mine, domain="go.example")
    mine.links.links.disable([find_link(mine, short).id], NOW)
    assert Person(mine).open(short).status_code == 410
    assert Person(mine).open(other).status_code == 302
    mine.links.domains.set_state("go.example", DomainState.DISABLED)
    reply = Person(mine).open(other)
    assert (reply.status_code, "Location" in reply.headers) == (410, False)


def test_l4_clicks_used_up(mine):
    short = make(mine, maxClicks=2)
    person = Person(mine)
    assert [person.open(short).status_code for _ in range(4)] == [302, 302, 410, 410]
    assert person.open(short, "HEAD").status_code == 410
    assert counts(mine, short) == (2, 0)
    assert stats(mine, short).json["state"] == "used_up"


def test_l4_pages_can_be_worded_by_domain(mine):
    short = make(mine, domain="go.example", expireDays=1)
    late = Person(at(mine, NOW + timedelta(days=2)))
    missing = late.open("go.example/zzzzzzzz").get_data(as_text=True)
    assert "<p>Nothing &lt;here&gt; &amp; there</p>" in missing
    assert "<p>Over</p>" in late.open(short).get_data(as_text=True)
    plain = late.open("s.example/zzzzzzzz")
    assert "does not exist" in plain.get_data(as_text=True)
    assert plain.mimetype == "text/html"


def test_l4_the_thirty_first_miss_closes_the_minute_also_for_hits(mine):
    short = make(mine)
    person = Person(mine)
    for n in range(30):
        assert person.open(f"s.example/aaaaaa{n:02}", peer=f"7.7.7.{n}").status_code == 404
    assert person.open(short, peer="7.7.7.99").status_code == 302
    last = person.open("s.example/aaaaaa99", peer="7.7.7.1")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "55")
    reply = person.open(short, peer="7.7.7.2")
    assert (reply.status_code, "Location" in reply.headers) == (429, False)
    assert "Too many" in reply.get_data(as_text=True)
    assert person.open(short, peer="7.7.8.1").status_code == 302


def test_l4_the_minute_ends(mine):
    moment = [NOW]
    mine = replace(mine, clock=lambda: moment[0])
    short = make(mine)
    person = Person(mine)
    for n in range(31):
        person.open(f"s.example/aaaaaa{n:02}")
    assert person.open(short).status_code == 429
    moment[0] += timedelta(seconds=54)
    assert person.open(short).status_code == 429
    moment[0] += timedelta(seconds=1)
    assert person.open(short).status_code == 302


def test_l4_the_address_behind_a_trusted_proxy():
    mine = services(trusted_proxies=(ip_network("10.0.0.0/8"),))
    short = make(mine)
    person = Person(mine)
    for n in range(31):
        person.open(f"s.example/aaaaaa{n:02}", peer="10.0.0.1", X_Forwarded_For="1.1.1.1, 7.7.7.7")
    for forwarded, status in (("7.7.7.9", 429), ("8.8.8.8", 302), ("7.7.7.7, 8.8.8.8", 302)):
        reply = person.open(short, peer="10.0.0.1", X_Forwarded_For=forwarded)
        assert reply.status_code == status
    assert person.open(short, peer="9.9.9.9", X_Forwarded_For="7.7.7.7").status_code == 302


def test_l4_a_miss_does_what_a_hit_does(mine):
    """No timing here: the same look-ups are made for both, before it is known which it is."""
    calls = []
    links = mine.links.links
    asked = {name: getattr(links, name) for name in ("find", "use", "rows")}

    class Counting:
        def __getattr__(self, name):
            def call(*values):
                calls.append(name)
                return asked[name](*values)

            return call

    short = make(mine)
    mine = replace(mine, links=replace(mine.links, links=Counting()))
    person = Person(mine)
    person.open(short)
    hit, calls[:] = list(calls), []
    person.open("s.example/zzzzzzzz")
    assert hit == calls == ["find"]


@each(
    ("token", "query", "location"),
    [
        (TOKEN, "?x=1", LONG),
        ("tok-9", "?x=1", LONG + "&x=1"),
        ("tok-9", "", LONG),
        ("tok-9", "?", LONG),
        ("tok-9", "?a=%0D%0Ab&%zz", LONG + "&a=%0D%0Ab&%25zz"),
        ("tok-9", "?" + "a" * 2100, LONG),
    ],
)
def test_l4_a_query_is_carried_over_only_where_the_tenant_wants_it(mine, token, query, location):
    assert Person(mine).open(make(mine, token), query=query).headers["Location"] == location


def test_l4_robots(mine):
    person = Person(mine)
    for host in ("s.example", "other.example"):
        reply = person.open(f"{host}/robots.txt")
        assert (reply.status_code, reply.mimetype) == (200, "text/plain")
        assert reply.get_data(as_text=True) == "User-agent: *\nDisallow: /\n"


@each("path", ["favicon.ico", "abc", "v1", "UrlShortner", "a/b/c"])
def test_l4_other_paths_of_a_short_domain_have_the_plain_page(mine, path):
    person = Person(mine)
    for host in ("s.example", "go.example"):
        reply = person.open(f"{host}/{path}")
        assert (reply.status_code, reply.mimetype) == (404, "text/html")
    api = person.open(f"api.example/{path}")
    assert (api.status_code, api.json["error"]["code"]) == (404, "UNKNOWN_PATH")
    posted = person.open(f"s.example/{path}", "POST")
    assert (posted.status_code, posted.json["error"]["code"]) == (404, "UNKNOWN_PATH")


def test_l4_family_paths_and_health_keep_their_meaning(mine):
    person = Person(mine)
    assert person.open("s.example/health").json["status"]
    wrong = person.open("s.example/googleapiwebhook-v1/prod")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")


def test_l7_the_token_that_proves_a_domain(mine):
    path = ".well-known/flow-rules-domain"
    person = Person(mine)
    assert person.open(f"go.example/{path}").get_data(as_text=True) == "tok-of-go"
    make(mine)
    for host in ("s.example", "other.example"):
        assert person.open(f"{host}/{path}").status_code == 404
    mine.links.domains.set_state("go.example", DomainState.DISABLED)
    assert person.open(f"go.example/{path}").status_code == 404


AGENTS = [p.values[0] for p in cases("link_agents") if "preview " in p.values[0]["why"]]


def test_l5_previews_are_redirected_and_not_counted_as_people(mine):
    short = make(mine, maxClicks=1)
    person = Person(mine)
    assert len(AGENTS) == 10
    replies = [person.open(short, agent=row["agent"]) for row in AGENTS]
    replies += [
        person.open(short, "HEAD"),
        person.open(short, Purpose="prefetch"),
        person.open(short, X_Purpose="preview"),
        person.open(short, Sec_Purpose="prefetch;prerender"),
        person.open(short, agent=""),
    ]
    assert [reply.headers["Location"] for reply in replies] == [LONG] * 15
    assert counts(mine, short) == (0, 15)
    assert stats(mine, short).json["state"] == "live"
    assert person.open(short).status_code == 302
    assert person.open(short).status_code == 410
    assert counts(mine, short) == (1, 15)


def test_l5_stats(mine):
    short = make(mine, expireDays=10)
    empty = stats(mine, short).json
    assert empty == {
        "human": 0,
        "bot": 0,
        "visitors": 0,
        "firstClick": "",
        "lastClick": "",
        "created": "2026-11-18T10:30:05+05:30",
        "expiresAt": "2026-11-28T10:30:05+05:30",
        "state": "live",
    }
    for hours, peer in ((1, "8.8.8.8"), (2, "8.8.8.8"), (2, "8.8.4.4"), (30, "8.8.8.8")):
        Person(at(mine, NOW + timedelta(hours=hours))).open(short, peer=peer)
    Person(at(mine, NOW + timedelta(hours=40))).open(short, "HEAD")
    found = stats(mine, short).json
    assert (found["human"], found["bot"], found["visitors"]) == (4, 1, 3)
    assert found["firstClick"] == "2026-11-18T11:30:05+05:30"
    assert found["lastClick"] == "2026-11-19T16:30:05+05:30"
    assert stats(at(mine, NOW + timedelta(days=10)), short).json["state"] == "expired"
    mine.links.links.disable([find_link(mine, short).id], NOW)
    assert stats(mine, short).json["state"] == "disabled"


def test_l5_stats_are_for_the_tenant_alone(mine):
    short = make(mine)
    for reply in (
        stats(mine, short, "tok-9"),
        stats(mine, "s.example/zzzzzzzz"),
        stats(mine, "no link"),
        stats(mine, short.replace("s.example", "s.example/ABCDEF")),
        create_app(mine).test_client().post("/v1/links/stats", json={"custToken": TOKEN}),
    ):
        assert (reply.status_code, reply.json["error"]["code"]) == (404, "UNKNOWN_LINK")
    unknown = stats(mine, short, "nobody")
    assert (unknown.status_code, unknown.json["error"]["code"]) == (401, "UNKNOWN_TOKEN")
    broken = create_app(mine).test_client().post("/v1/links/stats", data=b"{")
    assert (broken.status_code, broken.json["error"]["code"]) == (400, "MALFORMED_JSON")


def test_l6_hidden_data_over_http():
    bot = {"base_url": "https://bot.example", "hide": ["name"], "data_key": "bot-key"}
    mine = services(accounts={"default": {"bots": {"123": bot}}})
    client = create_app(mine).test_client()
    keys = [{"name": n, "value": v} for n, v in (("cli", "1"), ("botid", "123"))]
    keys.append({"name": "$flow.key.name", "value": "Asha"})
    reply = client.post("/v1/methods/linkcreation", json={"keys": keys}).json["keys"]
    uid = next(key["value"] for key in reply if key["name"] == "$flow.key.botUniqueID")
    good = client.get(f"/v1/links/data/{uid}", headers={"Authorization": "bearer bot-key"})
    assert good.json == {"keys": [{"name": "$flow.key.name", "value": "Asha"}]}
    assert good.headers["Cache-Control"] == "no-store"
    for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic bot-key"}):
        assert client.get(f"/v1/links/data/{uid}", headers=header).status_code == 401


def test_l4_a_store_out_of_reach_is_a_page_too(mine, caplog):
    class Away:
        def find(self, *_):
            raise StoreUnavailable("the disk failed")

        get = find

    away = Away()
    person = Person(replace(mine, links=replace(mine.links, links=away, domains=away)))
    for host in ("s.example", "go.example"):
        reply = person.open(f"{host}/r4TzK9wq")
        assert (reply.status_code, reply.mimetype) == (500, "text/html")
        assert "disk" not in reply.get_data(as_text=True)
    assert [record.message for record in caplog.records] == ["failed"] * 2
    other = person.open("api.example/nothing")
    assert (other.status_code, other.json["error"]["code"]) == (404, "UNKNOWN_PATH")


def test_l4_a_route_of_the_app_is_no_link(mine):
    app = create_app(mine)
    app.add_url_rule("/settings", "settings", lambda: "mine", methods=["GET", "POST"])
    client = app.test_client()
    assert client.get("/settings").data == client.post("/settings").data == b"mine"
    assert client.get("/settingz").status_code == 404


def test_l5_answers_are_counted_by_status(mine):
    counted = []

    class Counting:
        def count(self, *what):
            counted.append(what)

        time = count

    short = make(mine)
    person = Person(replace(mine, metrics=Counting()))
    person.open(short)
    person.open("s.example/zzzzzzzz")
    assert counted == [("click", "302"), ("click", "404")]


class Unwell:
    """A store of links that finds, and can do nothing else."""

    def __init__(self, links):
        self.find = links.find

    def use(self, link):
        raise StoreUnavailable("the disk is full")


class UnwellClicks:
    """A store of clicks that is out of reach."""

    def keep(self, clicks):
        raise StoreUnavailable("away")

    visitor_key = keep


def test_l5_a_failing_write_never_stops_a_redirect(mine, caplog):
    short = make(mine, maxClicks=1)
    links = replace(mine.links, links=Unwell(mine.links.links), log=BatchedClicks(UnwellClicks()))
    person = Person(replace(mine, links=links))
    with caplog.at_level(logging.WARNING):
        assert [person.open(short).status_code for _ in range(3)] == [302] * 3
        links.log.flush()
    assert {record.message for record in caplog.records} == {"click not counted", "clicks lost"}


def test_l5_one_human_click_left_is_given_once(engine):
    mine = services()
    mine = replace(mine, links=link_services(engine, mine.settings))
    short = make(mine, maxClicks=1)
    person, found = Person(mine), []
    threads = [
        threading.Thread(target=lambda: found.append(person.open(short).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mine.links.log.flush()
    assert sorted(found) == [302] + [410] * 7


def test_l5_clicks_reach_the_database_and_their_sender_does_not(sqlite_engine, sqlite_address):
    mine = services()
    mine = replace(mine, links=link_services(sqlite_engine, mine.settings))
    short = make(mine)
    Person(mine).open(short, peer="8.7.6.5", agent=PHONE + " Sentinel")
    assert counts(mine, short) == (1, 0)
    sqlite_engine.dispose()
    content = Path(sqlite_address).read_bytes()
    assert b"8.7.6.5" not in content
    assert b"Sentinel" not in content


@pytest.fixture
def served(mine):
    """Port of a real server with the app of `mine`."""
    server = make_server("127.0.0.1", 0, create_app(mine), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def raw(port, short):
    """Header lines of the answer to a click, as they come over the wire."""
    host, _, path = short.partition("/")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        request = f"GET /{path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: x\r\n\r\n"
        sock.sendall(request.encode())
        received = b""
        while part := sock.recv(65536):
            received += part
    return received.partition(b"\r\n\r\n")[0].split(b"\r\n")


@pytest.mark.parametrize(
    ("given", "location"),
    [
        ("https://shop.example/sale", "https://shop.example/sale"),
        ("https://shop.example", "https://shop.example"),
        (
            "https://भारत.example/नमः?q=आ#ख",
            "https://xn--h2brj9c.example/%E0%A4%A8%E0%A4%AE%E0%A4%83?q=%E0%A4%86#%E0%A4%96",
        ),
        (
            "https://shop.example/%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>",
            "https://shop.example/%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a%3Cscript%3E",
        ),
        ("https://shop.example/a%zz?b=%", "https://shop.example/a%25zz?b=%25"),
        ("https://shop.example/\u200b\u202e", "https://shop.example/%E2%80%8B%E2%80%AE"),
        ("https://shop.example/a;b,c='d'&e=(f)", "https://shop.example/a;b,c='d'&e=(f)"),
    ],
)
def test_l2_l4_location_on_the_wire_is_one_ascii_line(mine, served, given, location):
    lines = raw(served, make(mine, longUrl=given))
    assert lines[0].split()[1] == b"302"
    locations = [line for line in lines if line.lower().startswith(b"location:")]
    assert locations == [b"Location: " + location.encode("ascii")]
    assert all(line.isascii() for line in lines)
    assert not any(line.lower().startswith(b"set-cookie") for line in lines)


def test_l1_token_and_target_in_no_log(mine, caplog):
    with caplog.at_level(logging.DEBUG):
        short = make(mine, longUrl="https://Sentinel.example/Sentinel")
        Person(mine).open(short, query="?Sentinel")
        stats(mine, short)
        client = create_app(mine).test_client()
        client.post(SHORT_URL, json={"custToken": TOKEN, "longUrl": "Sentinel"})
        client.post(SHORT_URL, json={"custToken": TOKEN + "x", "longUrl": LONG})
    assert [record.message for record in caplog.records].count("answered") == 4
    assert "entinel" not in caplog.text
    assert "entinel" not in str([vars(record) for record in caplog.records])


def test_l1_token_and_target_in_no_log_of_the_database(engine, caplog):
    mine = services()
    mine = replace(mine, links=link_services(engine, mine.settings))
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.INFO, "sqlalchemy"):
        short = make(mine, longUrl="https://shop.example/Sentinel")
        Person(mine).open(short)
        mine.links.log.flush()
    assert "INSERT INTO rules_links" in caplog.text
    assert "entinel" not in caplog.text


CLICK_AND_END = """
import sys
from datetime import UTC, datetime
from rules.bootstrap import build
from rules.links import Device
from rules.services.links import Visit
from rules.settings import Settings
services = build(Settings(database=sys.argv[1]))
services.links.log.add(Visit(1, datetime.now(UTC), True, Device.OTHER, "8.8.8.8", "x"))
"""


def test_l5_a_process_that_ends_writes_what_it_took(engine, address):
    command = [sys.executable, "-c", CLICK_AND_END, address]
    subprocess.run(command, check=True, timeout=60)
    assert link_services(engine, services().settings).clicks.counts(1).human == 1


def test_l4_links_of_a_store_that_was_written_elsewhere_are_found(mine):
    domain = mine.links.domains.get("go.example")
    mine.links.links.add(NewLink(domain, "7Qm2xYp0", "163", "", LONG, NOW, None))
    assert Person(mine).open("go.example/7Qm2xYp0").headers["Location"] == LONG
