"""callWebhook through every door, with a real server; calls made later, variables kept."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.errors import StoreUnavailable
from rules.methods import answer
from rules.services.metrics import NoMetrics
from rules.services.webhooks import make_call
from rules.settings import Settings
from rules.testing import make_services
from rules.worker import handlers
from tests.doors import CASES, DOORS, NOW, Case
from tests.gateways.servers import Server, reply

SERVED = json.loads((CASES / "webhook_served.json").read_text("utf-8"))
LOOPBACK = Settings.from_mapping({"RULES_OUTGOING_ALLOWED": "127.0.0.0/8"}).outgoing_allowed
SENTINEL = "sentinel-5tR8"


def answer_by_path(server, connection):
    """What the cases' paths stand for."""
    while (request := server.read(connection)) is not None:
        path = request.split(b" ")[1].partition(b"?")[0].decode()
        if path == "/json":
            body = '{"price": 1.10, "slots": ["10:30", null], "nothing": null}'
            connection.sendall(reply(body.encode()))
        elif path == "/xml":
            connection.sendall(reply(b'<o><order id="77"/></o>'))
        elif path == "/204":
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        elif path == "/never":
            server.closing.wait()
        elif path == "/broken":
            connection.sendall(b"rubbish\r\n\r\n")
            return
        else:
            connection.sendall(reply(b"sorry", f"{path[1:]} Sorry", ["Location: /json"]))


@pytest.fixture
def server():
    with Server(answer_by_path) as one:
        yield one


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("given", SERVED, ids=lambda given: given["why"])
def test_served_cases(given, door, server, tmp_path):
    webhook = json.loads(json.dumps(given["webhook"]).replace("PORT", str(server.port)))
    keys = {"$flow.key.webhookName": "w", **given.get("fields", {})}
    case = Case(
        method="callWebhook",
        why=given["why"],
        body={"keys": [{"name": name, "value": value} for name, value in keys.items()]},
        accounts={"default": {"http_enabled": True, "webhooks": {"w": webhook}}},
        settings={"outgoing_allowed": ["127.0.0.0/8"] if door == "cli" else LOOPBACK},
    )
    status, body = DOORS[door](case, tmp_path)
    assert status == 200
    names = [key["name"] for key in body["keys"]]
    values = {key["name"]: key["value"] for key in body["keys"]}
    assert all(isinstance(value, str) for value in values.values())
    for name, value in given["reply"].items():
        assert values[name if name.startswith("$") else f"$flow.key.{name}"] == value
    assert not set(given.get("absent", ())) & set(names)
    assert names == given.get("names", names)
    assert len(server.requests) == 1
    assert given.get("sent", "").encode() in server.requests[0]


def services(server, metrics=None, **webhook):
    webhook = {"url": server.url("/json"), **webhook}
    settings = {"http_enabled": True, "inline_webhooks": True, "webhooks": {"w": webhook}}
    made = make_services(now=NOW, accounts={"default": settings}, outgoing_allowed=LOOPBACK)
    return replace(made, metrics=metrics or NoMetrics())


def called(made, *, status=200, **keys):
    entries = [{"name": "webhookName", "value": "w"}]
    entries += [{"name": name, "value": value} for name, value in keys.items()]
    found = answer({"keys": entries}, made, method="callWebhook", request_id="r-1")
    assert found.status == status
    return {key["name"].removeprefix("$flow.key."): key["value"] for key in found.body["keys"]}


def test_a_call_nobody_waits_for_is_made_once(server, caplog):
    caplog.set_level(logging.INFO, logger="rules.webhooks")
    made = services(server, wait=False, auth="basic", username="u", password="p")
    assert called(made) == {"response_line": "0"}
    assert server.requests == []
    assert made.webhooks.queued == ("r-1",)
    handlers(made)["call-webhook"]({"call": "r-1"})
    handlers(made)["call-webhook"]({"call": "r-1"})
    assert not make_call(made, "r-1")
    assert len(server.requests) == 1
    assert b"Authorization: Basic dTpw" in server.requests[0]
    assert [record.reason for record in caplog.records] == ["SUCCESS"]


def test_a_call_that_was_cut_off_is_not_made_again_and_told(server, caplog):
    made = services(server, wait=False)
    called(made)
    made.webhooks.take("r-1")  # whoever took it died before it was made, or while it was
    assert not make_call(made, "r-1")
    assert [record.message for record in caplog.records] == ["webhook call cut off, not made again"]
    assert caplog.records[0].request_id == "r-1"
    assert not make_call(made, "r-1")
    assert len(caplog.records) == 1
    assert server.requests == []


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("/xml", "xml", "SUCCESS"),
        ("/xml", "json", "INVALID_RESPONSE"),
        ("/401", "json", "AUTHENTICATION_FAILURE"),
    ],
)
def test_how_a_call_made_later_went_is_logged(server, caplog, path, kind, reason):
    caplog.set_level(logging.INFO, logger="rules.webhooks")
    made = services(
        server,
        url=server.url(path),
        wait=False,
        response_type=kind,
        auth="basic",
        username="u",
        password="p",
    )
    called(made)
    assert make_call(made, "r-1")
    assert [record.reason for record in caplog.records] == [reason]


def test_variables_are_kept_under_the_run(server):
    made = services(
        server, persist=True, mapping=[{"save_in": "$flow.key.p", "path": "data.price"}]
    )
    called(made)
    called(made, **{"$call.cdr": "cdr-1"})
    called(made, **{"$call.cdr": "cdr-1", "$flow.syskey.phonon_uuid": "run-1"})
    called(made, **{"$flow.key.phonon_uuid": "run-2", "$user.syskey.accountID": "163"})
    day = timedelta(days=1)
    now = NOW.astimezone(UTC)
    kept = made.webhooks.kept("", since=now - day, until=now + day)
    assert [one.run for one in kept] == ["cdr-1", "r-1", "run-1"]
    assert kept[0].variables["$flow.key.p"] == "1.10"
    assert kept[0].variables["$flow.key.response_status"] == "SUCCESS"
    other = made.webhooks.kept("163", since=now - day, until=now + day)
    assert [one.run for one in other] == ["run-2"]


def test_failures_are_kept_too_and_nothing_without_persist(server):
    made = services(server, url=server.url("/503"), persist=True)
    called(made)
    [kept] = made.webhooks.kept(
        "", since=datetime.min.replace(tzinfo=UTC), until=NOW + timedelta(1)
    )
    assert kept.variables["$flow.key.error_reason"] == "SERVER_ERROR"
    made = services(server)
    called(made)
    assert not made.webhooks.kept(
        "", since=datetime.min.replace(tzinfo=UTC), until=NOW + timedelta(1)
    )


def test_a_store_that_fails_does_not_undo_a_call(server, caplog):
    class Away:
        def keep(self, *_, **__):
            raise StoreUnavailable("away")

    made = replace(services(server, persist=True), webhooks=Away())
    assert called(made)["response_status"] == "SUCCESS"
    assert "variables not kept" in caplog.text


@pytest.mark.parametrize("missing", ["webhooks", "outgoing"])
def test_an_installation_without_store_or_client_says_so(server, missing):
    made = replace(services(server, wait=missing != "webhooks"), **{missing: None})
    assert called(made, status=500) == {
        "response_status": "FAILED",
        "response_status_code": "",
        "response_status_type": "",
        "response_duration": "",
        "response_raw": "null",
        "response_error": "true",
        "error_reason": "",
        "response_line": "1",
    }
    assert server.requests == []


def test_inline_and_by_name_the_name_wins(server):
    made = services(server)
    inline = json.dumps({"url": server.url("/503")})
    assert called(made, webhookSpec=inline)["response_status"] == "SUCCESS"
    entries = [{"name": "$flow.key.webhookSpec", "value": inline}]
    found = answer({"keys": entries}, made, method="callWebhook")
    assert found.status == 200
    assert found.body["keys"][1]["value"] == "503"


def test_calls_are_counted(server):
    counted = []

    class Counting(NoMetrics):
        def count(self, name, *labels):
            if name == "webhook":
                counted.append(labels)

    called(services(server, metrics=Counting()))
    called(services(server, metrics=Counting(), url="https://api.example/$flow.key.x"))
    assert counted == [("SUCCESS",), ("INVALID_FLOW_VAR",)]


def test_bodies_are_logged_only_where_wanted_and_without_secrets(server, caplog):
    caplog.set_level(logging.DEBUG)
    body = f'{{"token": "{SENTINEL}", "city": "Pune"}}'
    options = {"method": "POST", "body_type": "json", "body": "$flow.key.body"}
    for wanted in (False, True):
        caplog.clear()
        made = services(server, **options)
        accounts = {
            "default": {
                "http_enabled": True,
                "log_bodies": wanted,
                "webhooks": {"w": {"url": server.url("/json"), **options}},
            }
        }
        made = make_services(now=NOW, accounts=accounts, outgoing_allowed=LOOPBACK)
        keys = {"$flow.key.body": body, "$flow.key.apiToken": SENTINEL}
        assert called(made, **keys)["response_status"] == "SUCCESS"
        logged = " ".join(str(vars(record)) for record in caplog.records)
        assert SENTINEL not in logged
        assert ("Pune" in logged) is wanted
        assert ("slots" in logged) is wanted


def test_what_is_missing_is_told_to_the_log_by_name(server, caplog):
    caplog.set_level(logging.INFO, logger="rules.webhooks")
    called(services(server, url=server.url("/$flow.key.city")))
    [record] = [one for one in caplog.records if one.name == "rules.webhooks"]
    assert record.detail == "$flow.key.city has no value"
    assert record.webhook == "w"
