"""Live sources over real sockets on loopback: what is sent, what is read, what goes wrong."""

import json
import logging
import time
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from rules.gateways.live import live_numbers
from rules.methods import answer
from rules.services.telecom import LiveFailed, Outcome
from rules.settings import Settings
from rules.storage.memory.live import MemoryLive
from rules.telecom import TelecomSettings, lookup
from rules.testing import make_services
from tests.gateways.servers import answering, client, reply, silent

NOW = datetime(2026, 11, 18, 5, 0, tzinfo=UTC)
E164 = "+919848012345"
METADATA = """\
[numbers]
kind = "number_metadata"
url = "{url}/v1/Accounts/AC1/Numbers/{number}?fields=all"
cost = "0.35"
http = true
auth = {user = "AC1", password = "s3cr3t-password"}
found_when = {path = "data.status", value = "ok"}
[numbers.paths]
operator = "data.carrier.name"
circle = 'data.carrier["circle code"]'
line_type = "data.carrier.type"
ported = "data.ported"
"""
CODES = """\
[numbers]
kind = "network_codes"
url = "{url}/ask"
verb = "POST"
body = '{"msisdn": "{number}"}'
number_form = "national"
cost = "0.1"
http = true
auth = {header = "X-Key", value = "s3cr3t-header"}
[numbers.paths]
mcc = "data.mcc"
mnc = "data.mnc"
ported = "data.ported"
"""
KNOWN = {
    "status": "ok",
    "ported": True,
    "carrier": {"name": "Bharti", "circle code": "KTK", "type": "mobile"},
}


def json_reply(value, status="200 OK"):
    return reply(json.dumps(value).encode(), status)


@pytest.fixture
def outgoing():
    one = client()
    yield one
    one.close()


@pytest.fixture
def ask(tmp_path, outgoing):
    """`ask(server, template)`: the source of a configuration, pointed at a server."""

    def opened(server, template, store=None):
        path = tmp_path / "live.toml"
        path.write_text(template.replace("{url}", server.url("").rstrip("/")), "utf-8")
        return live_numbers(
            Settings(live_sources=str(path), hash_key="a key"),
            outgoing,
            store or MemoryLive(),
            clock=lambda: NOW,
            monotonic=time.monotonic,
        )

    return opened


def source(live):
    return live._sources["numbers"]


def test_number_metadata(ask):
    with answering(json_reply(KNOWN)) as server:
        found = source(ask(server, METADATA)).ask(E164, timeout=5)
    assert (found.operator, found.circle, found.line_type) == ("Bharti", "KTK", "mobile")
    assert (found.ported, found.asked_at) == (True, NOW)
    head = server.requests[0].decode()
    assert head.startswith("GET /v1/Accounts/AC1/Numbers/%2B919848012345?fields=all HTTP/1.1")
    token = next(line for line in head.splitlines() if line.startswith("Authorization"))
    assert b64decode(token.split()[-1]) == b"AC1:s3cr3t-password"


def test_network_codes(ask):
    body = {"mcc": "404", "mnc": 7, "ported": "no"}
    with answering(json_reply(body)) as server:
        found = source(ask(server, CODES)).ask(E164, timeout=5)
    assert (found.operator, found.circle, found.ported) == ("Idea", "Andhra Pradesh", False)
    sent = server.requests[0].decode()
    assert sent.startswith("POST /ask HTTP/1.1")
    assert sent.endswith('{"msisdn": "9848012345"}')
    assert "X-Key: s3cr3t-header" in sent


@pytest.mark.parametrize(
    ("template", "body", "status"),
    [
        (METADATA, {"status": "unknown", "carrier": {"name": "Bharti"}}, "200 OK"),
        (METADATA, {"status": "ok", "carrier": None}, "200 OK"),
        (METADATA, {"status": "ok", "carrier": {"name": ["Bharti"], "type": {}}}, "200 OK"),
        (METADATA, {"code": 20404}, "404 Not Found"),
        (CODES, {"mcc": "310", "mnc": "410"}, "200 OK"),
        (CODES, {"mcc": "404"}, "200 OK"),
    ],
)
def test_a_source_that_knows_nothing(ask, template, body, status):
    with answering(json_reply(body, status)) as server:
        assert source(ask(server, template)).ask(E164, timeout=5) is None


def test_an_unknown_network_leaves_what_else_is_known(ask):
    with answering(json_reply({"mcc": "310", "mnc": "1", "ported": 1})) as server:
        found = source(ask(server, CODES)).ask(E164, timeout=5)
    assert (found.operator, found.circle, found.ported) == (None, None, True)


@pytest.mark.parametrize(
    "payload",
    [
        reply(b"<html>"),
        reply(b'{"status": NaN}'),
        reply(b"{}", "500 Oops"),
        reply(b"{}", "401 Unauthorized"),
        reply(b"", "302 Found", ["Location: http://127.0.0.1:1/"]),
        reply(b"x" * 100_000),
    ],
)
def test_an_unusable_reply_is_a_failure_that_was_sent(ask, payload):
    with (
        answering(payload) as server,
        pytest.raises(LiveFailed) as caught,
    ):
        source(ask(server, METADATA)).ask(E164, timeout=5)
    assert (caught.value.sent, caught.value.timed_out) == (True, False)


def test_a_source_that_is_not_there_was_sent_nothing(ask):
    with answering() as server:
        live = ask(server, METADATA)
    with pytest.raises(LiveFailed) as caught:
        source(live).ask(E164, timeout=5)
    assert not caught.value.sent


def test_a_slow_source_is_left_at_the_deadline(ask):
    with silent() as server:
        live = ask(server, METADATA)
        start = time.monotonic()
        with pytest.raises(LiveFailed) as caught:
            source(live).ask(E164, timeout=0.2)
        assert time.monotonic() - start < 0.9
    assert (caught.value.sent, caught.value.timed_out) == (True, True)


def test_neither_number_nor_secret_shows_in_logs(ask, caplog):
    caplog.set_level(logging.DEBUG)
    with answering(json_reply(KNOWN)) as server:
        live = ask(server, METADATA)
        source(live).ask(E164, timeout=5)
    with pytest.raises(LiveFailed) as caught:
        source(live).ask(E164, timeout=5)
    shown = caplog.text + repr(caught.value) + str(caught.value)
    assert "9848012345" not in shown
    assert "s3cr3t" not in shown


def test_without_a_file_there_is_no_source(outgoing):
    found = live_numbers(
        Settings(), outgoing, MemoryLive(), clock=lambda: NOW, monotonic=time.monotonic
    )
    assert found is None


@pytest.mark.parametrize("shown", ["findLanguage", "lookupNumber"])
def test_both_methods_ask(ask, shown):
    store = MemoryLive()
    wants = {"live_lookup": "numbers", "live_daily_questions": 1}
    with answering(json_reply(KNOWN)) as server:
        services = make_services(now=NOW, accounts={"account": {"293": wants}})
        services = replace(services, live_numbers=ask(server, METADATA, store))
        replies = [
            keys(answer(body(account), services, method=shown)) for account in ("293", "293", "")
        ]
    assert len(server.requests) == 1
    assert replies[0] == replies[1] != replies[2]
    assert replies[0]["dataDate"] == "2026-11-18"
    if shown == "findLanguage":
        assert (replies[0]["cliOperator"], replies[0]["cliCircle"]) == ("AIRTEL", "KARNATAKA")
        assert replies[0]["cliBasedLanguage"] == "KANNADA"
    else:
        assert (replies[0]["numberPorted"], replies[0]["numberBasis"]) == ("true", "live")
        assert replies[2]["numberPorted"] == "unknown"
    (record,) = store.questions("293", NOW, NOW.replace(hour=6))
    assert (record.outcome, record.cost) == (Outcome.ANSWERED, Decimal("0.35"))


def test_an_answer_takes_the_wall_clock_time_of_the_account(ask):
    settings = TelecomSettings(live_lookup="numbers", live_daily_questions=5, live_timeout=0.2)
    store = MemoryLive()
    with silent() as server:
        live = ask(server, METADATA, store)
        start = time.monotonic()
        assert live.ask(lookup(E164), settings, account="293") is None
        assert time.monotonic() - start < 0.9
    assert store.questions("293", NOW, NOW.replace(hour=6))[0].outcome is Outcome.TIMEOUT


def body(account):
    return {
        "keys": [
            {"name": "cli", "value": "98480 12345"},
            {"name": "accountID", "value": account},
        ]
    }


def keys(found):
    return {key["name"].removeprefix("$flow.key."): key["value"] for key in found.body["keys"]}
