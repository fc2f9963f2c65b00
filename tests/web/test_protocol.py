"""The outer form over HTTP: paths, verbs, sizes, senders, and how each failure looks."""

from __future__ import annotations

import http.client
import io
import json
import logging
import threading
from dataclasses import replace
from ipaddress import ip_network

import pytest
from werkzeug.serving import make_server

from rules.envelope import Field, text
from rules.logs import JsonLines
from rules.methods import METHODS, Method, Reply, answer
from rules.methods._method import Call, fixed, flag
from rules.testing import make_services
from tests.doors import client_of
from tests.rows import each
from webapp import create_app

FAMILIES = (
    *("reliance-nippon-v1", "centraloutboundwebhook-v1", "chatbotwebhook-v1"),
    *("googleapiwebhook-v1", "pullreportapiwebhook-v1", "hdfcruralwebhook-v1"),
)
WORD = Field("$flow.key.word", text, "a word", secret=False)


def _run(call: Call):
    if call[WORD] == "explode":
        raise KeyError("919876543210")
    return [("$flow.key.echo", call[WORD]), ("$flow.key.ours", flag(call.account == "163"))]


ECHO = Method(
    "echoWord",
    "gives a word back",
    (WORD,),
    (Reply("$flow.key.echo", "the word"), Reply("$flow.key.ours", "ours", extra=True)),
    _run,
    fixed(("$flow.key.echo", "")),
)
ADMIN = replace(ECHO, name="adminEcho", admin=True)


@pytest.fixture(autouse=True)
def _methods(monkeypatch):
    monkeypatch.setitem(METHODS, "echoword", ECHO)
    monkeypatch.setitem(METHODS, "adminecho", ADMIN)


@pytest.fixture
def client(aware_now):
    accounts = {"account": {"9": {"extra_keys": False}}}
    return client_of(make_services(now=aware_now, accounts=accounts))


def body(word="x", **more):
    keys = [{"name": "word", "value": word}]
    keys += [{"name": name, "value": value} for name, value in more.items()]
    return json.dumps({"method": "ECHOword", "keys": keys})


@each("stage", ["prod", "test", "prod/", "test/"])
@each("family", FAMILIES)
def test_every_family_serves_every_method(client, family, stage):
    reply = client.post(f"/{family}/{stage}", data=body(), content_type="text/plain")
    assert reply.status_code == 200
    assert reply.json["keys"][0] == {"name": "$flow.key.echo", "value": "x"}
    assert reply.content_type == "application/json"
    assert len(reply.headers["X-Request-Id"]) == 36


@pytest.mark.parametrize("path", ["/v1/methods/echoWord", "/v1/methods/ECHOWORD/"])
def test_the_path_names_the_method(client, path):
    sent = {"method": "other", "keys": [{"name": "word", "value": "x"}]}
    assert client.post(path, data=json.dumps(sent)).status_code == 200


def test_account_is_found_and_extras_can_be_left_out(client):
    def names(**more):
        return client.post("/v1/methods/echoWord", data=body(**more)).json["keys"]

    assert names(accountID="163")[1]["value"] == "true"
    assert names(**{"$user.syskey.accountID": "163"})[1]["value"] == "true"
    assert (
        names(**{"$user.syskey.accountID": "null", "$flow.key.accountID": "163"})[1]["value"]
        == "true"
    )
    assert [key["name"] for key in names(accountID="9")] == ["$flow.key.echo"]


@each(
    ("path", "sent", "status", "code", "keys", "why"),
    [
        ("/chatbotwebhook-v1/prod", "[1, 2]", 400, "MALFORMED_ENVELOPE", [], "no object"),
        ("/v1/methods/echoWord", "{", 400, "MALFORMED_JSON", ["$flow.key.echo"], "cut off"),
        ("/chatbotwebhook-v1/prod", "", 400, "MALFORMED_JSON", [], "empty"),
        ("/chatbotwebhook-v1/prod", "{}", 400, "MISSING_METHOD", [], "no method"),
        ("/chatbotwebhook-v1/prod", '{"method": "POST"}', 404, "UNKNOWN_METHOD", [], "unknown"),
        ("/v1/methods/nothing", "{}", 404, "UNKNOWN_METHOD", [], "unknown in the path"),
        ("/v1/methods/nothing", "{", 400, "MALFORMED_JSON", [], "JSON is looked at before"),
        ("/v1/methods/echoWord", "{}", 400, "BAD_PARAMETERS", ["$flow.key.echo"], "missing"),
        ("/v1/methods/adminEcho", body(), 403, "ADMIN_ONLY", ["$flow.key.echo"], "no token"),
        ("/nowhere", "{}", 404, "UNKNOWN_PATH", [], "no such path"),
        ("/v1/methods/echoWord", "x" * 262_145, 413, "TOO_LARGE", ["$flow.key.echo"], "size"),
    ],
)
def test_failures(client, path, sent, status, code, keys, why):
    reply = client.post(path, data=sent)
    assert (reply.status_code, reply.json["error"]["code"]) == (status, code)
    assert [key["name"] for key in reply.json["keys"]] == keys
    assert reply.json["error"]["request_id"] == reply.headers["X-Request-Id"]


def test_the_log_line_of_a_refused_request_names_the_account(client, caplog):
    caplog.set_level(logging.INFO, logger="rules.requests")
    client.post("/v1/methods/echoWord", data=body(word="", accountID="163"))
    [record] = caplog.records
    assert (record.status, record.code, record.account) == (400, "BAD_PARAMETERS", "163")


@each(
    ("account", "logged", "why"),
    [
        ("163", "163", "set up nowhere, but a short plain id"),
        ("ac-me_1", "ac-me_1", "plain"),
        ("Acme & Sons 9876543210", "Acme & Sons 9876543210", "set up"),
        ("9876543210", "?", "may be a phone number"),
        ("acc-98765-43210", "?", "may be one too"),
        ("x" * 33, "?", "long"),
        ("x" * 200_000, "?", "very long"),
        ("a b", "?", "not plain"),
    ],
)
def test_the_log_line_holds_plain_account_ids_alone(aware_now, caplog, account, logged, why):
    caplog.set_level(logging.INFO, logger="rules.requests")
    caplog.clear()
    accounts = {"account": {"Acme & Sons 9876543210": {"extra_keys": False}}}
    client = client_of(make_services(now=aware_now, accounts=accounts))
    client.post("/v1/methods/echoWord", data=body(accountID=account))
    assert [record.account for record in caplog.records] == [logged]


@each(
    ("sent", "extras", "why"),
    [
        ({"$flow.syskey.flowID": "58"}, False, "the system's own"),
        ({"$flow.syskey.flowID": " ", "$flow.key.flowId": "58"}, False, "blank"),
        ({"$flow.syskey.flowID": None, "$flow.key.flowId": "58"}, False, "null"),
        ({"$flow.syskey.flowID": "$flow.syskey.flowID", "$flow.key.flowId": "58"}, False, "same"),
        ({"$flow.syskey.flowID": "59", "$flow.key.flowId": "58"}, True, "has a value"),
    ],
)
def test_a_flow_id_without_value_hides_no_other(aware_now, sent, extras, why):
    accounts = {"flow": {"58": {"extra_keys": False}}}
    client = client_of(make_services(now=aware_now, accounts=accounts))
    reply = client.post("/v1/methods/echoWord", data=body(**sent))
    assert (len(reply.json["keys"]) == 2) is extras


def test_an_admin_method_says_what_it_needs(client):
    error = client.post("/v1/methods/adminEcho", data=body()).json["error"]
    assert "RULES_ADMIN_TOKEN" in error["message"]
    assert "Authorization: Bearer" in error["message"]


def test_a_body_of_the_limit_is_read(client):
    padded = body().ljust(262_144)
    assert client.post("/v1/methods/echoWord", data=padded).status_code == 200


def test_an_undeclared_length_is_limited_too(aware_now):
    server = make_server("127.0.0.1", 0, create_app(make_services(now=aware_now)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        chunks = (b" " * 1000 for _ in range(300))
        connection.request("POST", "/v1/methods/echoWord", body=chunks, encode_chunked=True)
        reply = json.loads(connection.getresponse().read())
        connection.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert reply["error"]["code"] == "TOO_LARGE"


class Broken(io.RawIOBase):
    """A body whose reading fails, as servers tell broken chunks and clients that went away."""

    def readable(self):
        return True

    def readinto(self, _):
        raise KeyError("no chunk")


def test_a_body_that_cannot_be_read_is_the_senders_mistake(client, caplog):
    environ = {"wsgi.input": io.BufferedReader(Broken()), "wsgi.input_terminated": True}
    reply = client.post("/v1/methods/echoWord", environ_overrides=environ)
    assert (reply.status_code, reply.json["error"]["code"]) == (400, "MALFORMED_JSON")
    assert reply.json["keys"] == [{"name": "$flow.key.echo", "value": ""}]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_body_shorter_than_declared_is_the_senders_mistake(client):
    environ = {"wsgi.input": io.BytesIO(b"{}"), "CONTENT_LENGTH": "100"}
    reply = client.post("/v1/methods/echoWord", environ_overrides=environ)
    assert (reply.status_code, reply.json["error"]["code"]) == (400, "MALFORMED_JSON")


@each("path", ["/googleapiwebhook-v1/prod", "/v1/methods/echoWord"])
@each("verb", ["get", "put", "delete", "patch", "options"])
def test_other_verbs(client, verb, path):
    reply = getattr(client, verb)(path)
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")
    assert reply.json["error"]["code"] == "WRONG_VERB"


@each(
    ("verb", "path", "shown"),
    [
        ("get", "/v1/methods/ECHOword", {"keys": [{"name": "$flow.key.echo", "value": ""}]}),
        ("options", "/v1/methods/echoWord/", {"keys": [{"name": "$flow.key.echo", "value": ""}]}),
        ("get", "/googleapiwebhook-v1/prod", {"keys": []}),
        ("get", "/v1/methods/nothing", {"keys": []}),
        ("get", "/UrlShortner/phonon/shortUrl", {"shortUrl": ""}),
        ("put", "/v1/methods/SHORTurl", {"shortUrl": ""}),
        ("post", "/nowhere", {"keys": []}),
    ],
)
def test_what_no_route_takes_has_its_variables_and_a_log_line(client, caplog, verb, path, shown):
    caplog.set_level(logging.INFO, logger="rules.requests")
    caplog.clear()
    reply = getattr(client, verb)(path)
    error = reply.json.pop("error")
    assert {name: reply.json[name] for name in shown} == shown
    [record] = caplog.records
    assert record.request_id == reply.headers["X-Request-Id"] == error["request_id"]
    assert (record.status, record.code) == (reply.status_code, error["code"])


def test_options_comes_before_the_sender_like_other_verbs(aware_now):
    services = make_services(now=aware_now, allowed_networks=(ip_network("10.0.0.0/8"),))
    reply = client_of(services).options("/v1/methods/echoWord")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")


def test_an_unexpected_failure_says_nothing_of_itself(client, caplog):
    reply = client.post("/v1/methods/echoWord", data=body("explode"))
    assert reply.status_code == 500
    assert reply.json["error"]["message"] == "unexpected failure"
    assert reply.json["keys"] == [{"name": "$flow.key.echo", "value": ""}]
    assert "9198" not in reply.text
    [record] = [r for r in caplog.records if r.levelno == logging.ERROR]
    line = json.loads(JsonLines().format(record))
    assert line["request_id"] == reply.headers["X-Request-Id"]
    assert line["exception"] == "KeyError"
    assert any("_run" in place for place in line["at"])
    assert "9198" not in json.dumps(line)


def test_a_failure_outside_methods_says_nothing_either(aware_now):
    services = make_services(now=aware_now)
    app = create_app(services)

    @app.get("/broken")
    def broken():
        raise ValueError("919876543210")

    reply = app.test_client().get("/broken")
    assert (reply.status_code, reply.json["error"]["code"]) == (500, "INTERNAL")
    assert "9198" not in reply.text


def test_admin_token(aware_now):
    client = create_app(make_services(now=aware_now, admin_token="s3cret")).test_client()

    def status(token):
        headers = {"Authorization": token}
        return client.post("/v1/methods/adminEcho", data=body(), headers=headers).status_code

    assert status("Bearer s3cret") == 200
    assert status("bearer s3cret") == 200
    assert [status(t) for t in ("Bearer wrong", "s3cret", "Bearer ", "")] == [403] * 4


def test_without_a_token_admin_methods_are_off(client):
    headers = {"Authorization": "Bearer "}
    assert client.post("/v1/methods/adminEcho", data=body(), headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("address", "forwarded", "status"),
    [
        ("10.1.2.3", "", 200),
        ("::ffff:10.1.2.3", "", 200),
        ("192.168.0.1", "", 403),
        ("192.168.0.1", "10.1.2.3", 403),
        ("127.0.0.1", "10.1.2.3", 200),
        ("127.0.0.1", "10.1.2.3, 192.168.0.1", 403),
        ("127.0.0.1", "", 403),
        ("nonsense", "", 403),
    ],
)
def test_allowed_networks(aware_now, address, forwarded, status):
    services = make_services(
        now=aware_now,
        allowed_networks=(ip_network("10.0.0.0/8"),),
        trusted_proxies=(ip_network("127.0.0.0/8"),),
    )
    reply = client_of(services).post(
        "/v1/methods/echoWord",
        data=body(),
        headers={"X-Forwarded-For": forwarded},
        environ_overrides={"REMOTE_ADDR": address},
    )
    assert reply.status_code == status


def test_own_family_paths(aware_now):
    client = create_app(make_services(now=aware_now, families=("mybank-v1",))).test_client()
    assert client.post("/mybank-v1/prod", data=body()).status_code == 200


def test_health(aware_now):
    def broken():
        raise OSError("no such table")

    services = make_services(now=aware_now)
    parts = {"good": lambda: {"ok": True}, "bad": broken}
    reply = create_app(replace(services, health=parts)).test_client().get("/health")
    assert reply.json["status"] == "attention"
    assert reply.json["good"] == {"ok": True}
    assert reply.json["bad"] == {"ok": False, "error": "cannot be told"}
    assert create_app(services).test_client().get("/health").json["status"] == "ok"


def test_answer_tells_what_went_wrong(aware_now):
    services = make_services(now=aware_now)
    found = answer({"keys": [{"name": "word", "value": "explode"}]}, services, method="echoWord")
    assert found.status == 500
    assert isinstance(found.error, KeyError)
    assert (
        "did you mean 'echoWord'"
        in answer({"method": "ecoWord"}, services).body["error"]["message"]
    )
