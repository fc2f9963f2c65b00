"""Flow ends over HTTP: receiving, and looking after webhooks; the receiver is a real server."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from unittest.mock import patch

import pytest

from rules.gateways.http import HttpClient
from rules.gateways.pushing import HttpPusher
from rules.services.pushing import messages_health, push
from rules.services.receiving import receive
from rules.storage.flow_ends import SqlEndpoints, SqlFlowEnds
from rules.storage.messages import SqlMessages
from rules.testing import make_services
from rules.webhooks.endpoints import CheckResult
from rules.webhooks.signing import verify
from tests.doors import client_of
from tests.outbound.world import World
from tests.rows import each

UUID = "5b0c7a3e-1d2f-4c68-9a57-0e9f3b6d2c11"
BODY = {"phonon-uuid": UUID, "callDetails": [], "keys": []}
LOOPBACK = (ip_network("127.0.0.0/8"),)
ADMIN = {"Authorization": "Bearer t0ken"}
ACCOUNTS = {
    "default": {"flow_end": True},
    "account": {"294": {"flow_end_user": "u", "flow_end_password": "p"}, "295": {}},
    "flow": {"58": {"flow_end": False}, "59": {"flow_end_layout": "two-leg"}},
}


class Receiver(http.server.ThreadingHTTPServer):
    """Notes what it gets and answers as told, 204 at first."""

    def __init__(self):
        self.got = []
        self.answers = []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, *_):
        """A client that hangs up in the middle is none of its business."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.got.append((self.command, dict(self.headers), body))
        answer = self.server.answers.pop(0) if self.server.answers else (204, {})
        status, headers, said = (*answer, b"")[:3]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_HEAD = do_POST = _answer  # noqa: N815  names the server looks for

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def services():
    made = make_services(now=datetime.now(UTC), accounts=ACCOUNTS, admin_token="t0ken")
    accounts = made.accounts()
    accounts._default["http_enabled"] = True
    pusher = HttpPusher(HttpClient(allowed=LOOPBACK), made.accounts)
    return replace(made, pusher=pusher)


@pytest.fixture
def client(services):
    return client_of(services)


def add(client, receiver, account="293", **more):
    values = {"name": "crm", "url": receiver.url, "is_default": True} | more
    path = f"/v1/accounts/{account}/webhooks"
    return client.post(path, json=values, headers=ADMIN)


def flow_end(client, account="293", body=BODY, **more):
    return client.post(f"/v1/flow-end/{account}", data=json.dumps(body), **more)


def test_a_payload_is_stored_once(client):
    first = flow_end(client)
    assert (first.status_code, first.json["stored"]) == (200, True)
    again = client.post("/v1/flow-end/293", data=json.dumps(dict(reversed(BODY.items()))))
    assert again.json == {"stored": False, "id": first.json["id"]}
    assert flow_end(client, body=BODY | {"flowStatus": "COMPLETED"}).json["stored"]


@each(
    ("body", "code"),
    [
        (b"", "MALFORMED_JSON"),
        (b"[]", "MALFORMED_ENVELOPE"),
        (b"{}", "MALFORMED_ENVELOPE"),
        (b"x" * 1_048_577, "TOO_LARGE"),
    ],
)
def test_unreadable(client, body, code):
    assert client.post("/v1/flow-end/293", data=body).json["error"]["code"] == code


@each(
    ("given", "status"),
    [("u:p", 200), ("u:x", 401), ("x:p", 401), ("", 401), ("नहीं:p", 401)],
)
def test_credentials(client, given, status):
    token = base64.b64encode(given.encode()).decode()
    headers = {"Authorization": f"Basic {token}"} if given else {}
    reply = flow_end(client, "294", headers=headers)
    assert reply.status_code == status
    assert "u:p" not in reply.text


def test_a_flow_end_is_pushed_signed_to_the_default_webhook(client, services, receiver):
    secret = add(client, receiver, username="me", password="hunter2").json["secret"]
    assert receiver.got.pop()[0] == "HEAD", "checked before it was saved"
    flow_end(client)
    [message] = services.messages.listing()
    assert push(services, message.id)
    verb, headers, body = receiver.got.pop()
    assert (verb, json.loads(body)) == ("POST", BODY)
    verify(headers, body, secret, now=datetime.now(UTC))
    assert headers["webhook-id"] == message.id
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"me:hunter2").decode()
    assert services.messages.listing()[0].state.value == "delivered"
    assert not push(services, message.id), "delivered is delivered"


def test_one_message_id_on_every_attempt(client, services, receiver):
    add(client, receiver)
    flow_end(client)
    receiver.answers += [(500, {}), (503, {"Retry-After": "60"})]
    [message] = services.messages.listing()
    waits = []
    for _ in range(3):
        found = services.messages.listing()[0]
        moment = found.due or services.clock()
        push(replace(services, clock=lambda moment=moment: moment), message.id)
        found = services.messages.listing()[0]
        waits.append(round((found.due - moment).total_seconds()) if found.due else 0)
    assert (found.state.value, found.attempts, found.status) == ("delivered", 3, 204)
    assert 4 <= waits[0] <= 6
    assert 270 <= waits[1] <= 330
    posts = [headers for verb, headers, _ in receiver.got if verb == "POST"]
    assert len({headers["webhook-id"] for headers in posts}) == 1
    assert len({headers["webhook-timestamp"] for headers in posts}) == 3


def test_gone_disables_and_later_messages_are_held(client, services, receiver):
    webhook = add(client, receiver).json["id"]
    flow_end(client)
    receiver.answers.append((410, {}))
    push(services, services.messages.listing()[0].id)
    flow_end(client, body=BODY | {"phonon-uuid": "later"})
    states = {one.uuid: one.state.value for one in services.messages.listing()}
    assert states == {UUID: "failed", "later": "held"}
    shown = client.get(f"/v1/accounts/293/webhooks/{webhook}", headers=ADMIN).json
    assert (shown["enabled"], shown["disabled_reason"]) == (False, "GONE")
    health = messages_health(services.messages, services.clock())
    assert (health["ok"], health["disabled_webhooks"]) == (False, 1)
    assert health["disabled"] == [{"id": webhook, "account": "293", "reason": "GONE"}]
    base = f"/v1/accounts/293/webhooks/{webhook}"
    assert client.post(f"{base}/enable", headers=ADMIN).json["disabled_reason"] == ""
    assert {one.state.value for one in services.messages.listing()} == {"failed", "pending"}


LARGE = b"x" * 70_000
BROKEN = ({"Content-Encoding": "gzip"}, b"no gzip at all")


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ((200, {}, LARGE), "delivered", ""),
        ((200, *BROKEN), "delivered", ""),
        ((410, {}, LARGE), "failed", "HTTP_410"),
        ((410, *BROKEN), "failed", "HTTP_410"),
        ((500, {}, LARGE), "pending", "HTTP_500"),
        ((302, *BROKEN), "pending", "HTTP_302"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else "",
)
def test_the_status_decides_whatever_the_body(client, services, receiver, answer, state, reason):
    webhook = add(client, receiver).json["id"]
    flow_end(client)
    receiver.answers.append(answer)
    [message] = services.messages.listing()
    assert push(services, message.id)
    found = services.messages.listing()[0]
    assert (found.state.value, found.status, found.reason) == (state, answer[0], reason)
    enabled = services.endpoints.get(webhook).enabled
    assert enabled is (state != "failed")


@pytest.mark.parametrize("said", [b"a\0b", b"\xed\xa0\x80\xff"], ids=["nul", "surrogate"])
def test_any_answer_can_be_kept(client, services, receiver, postgres_engine, said):
    messages = SqlMessages(postgres_engine)
    on_postgres = replace(
        services, messages=messages, endpoints=SqlEndpoints(postgres_engine),
        flow_ends=SqlFlowEnds(postgres_engine),
    )  # fmt: skip
    door = client_of(on_postgres)
    add(door, receiver)
    flow_end(door)
    receiver.answers.append((500, {}, said))
    assert push(on_postgres, messages.listing()[0].id)
    found = messages.listing()[0]
    assert (found.state.value, found.attempts) == ("pending", 1)
    assert "\0" not in found.answer


def test_each_payload_without_an_id_of_its_call_is_pushed(client, services, receiver):
    add(client, receiver)
    bodies = [{"callDetails": [], "number": number} for number in (1, 2, 2)]
    ids = [flow_end(client, body=body).json["id"] for body in bodies]
    assert ids[1] == ids[2]
    found = {one.uuid: json.loads(one.body) for one in services.messages.listing()}
    assert found == {ids[n]: {"callDetails": [], "number": n + 1} for n in (0, 1)}


@each(
    ("body", "member"),
    [
        ({"phonon-uuid": "a\0b", "callDetails": []}, "phonon-uuid"),
        ({"phonon-uuid": "x" * 256}, "phonon-uuid"),
        ({"phonon-uuid": "x", "callDetails": [{"hangupCause": "1\0"}]}, "hangupCause"),
    ],
)
def test_what_no_store_keeps_is_refused(client, body, member):
    reply = flow_end(client, body=body)
    assert (reply.status_code, reply.json["error"]["code"]) == (400, "MALFORMED_ENVELOPE")
    assert f"'{member}'" in reply.json["error"]["message"]
    assert flow_end(client, body={"phonon-uuid": "x" * 255}).status_code == 200


@pytest.mark.parametrize("account", ["a%00b", "a" * 256])
def test_an_account_no_store_keeps_is_refused(client, account):
    assert flow_end(client, account).json["error"]["code"] == "MALFORMED_ENVELOPE"


@each(
    ("ordered_by", "came_for", "completed"),
    [("293", "293", True), ("293", "294", False), ("", "294", True)],
)
def test_a_flow_end_completes_an_order_of_its_account(ordered_by, came_for, completed):
    world = World()
    account = {"$flow.key.accountID": ordered_by} if ordered_by else {}
    reply = world.create(**account)
    leg = {"hangupCause": "19", "endTime": "2026-11-18T10:31:00+05:30"}
    body = {"phonon-uuid": reply["obdPhononUUID"], "callDetails": [leg]}
    assert receive(world.services, came_for, json.dumps(body).encode())[0]
    found = world.call(
        "fetchOutboundStatus", **account, **{"$flow.key.obdReqID": reply["obdOwnReqID"]}
    )
    assert found["obdHangupCause"] == ("19" if completed else "")


def test_lag_and_age_of_messages_are_measured(client, services, receiver):
    add(client, receiver)
    flow_end(client)
    [message] = services.messages.listing()
    late = message.created_at + timedelta(seconds=9.5)
    health = messages_health(services.messages, late)
    assert (health["pending"], health["oldest_pending_seconds"]) == (1, 9)
    assert health["disabled"] == []
    measured = []
    with patch.object(services.metrics, "time", lambda *values: measured.append(values)):
        push(replace(services, clock=lambda: late), message.id)
    assert measured == [("delivery_lag", 9.5, "message")]
    assert messages_health(services.messages, late)["oldest_pending_seconds"] == 0


def test_what_changes_during_a_check_stays(client, services, receiver):
    webhook = add(client, receiver).json["id"]
    base = f"/v1/accounts/293/webhooks/{webhook}"
    asked = services.pusher.check

    def disabled_meanwhile(endpoint):
        client.post(f"{base}/rotate-secret", headers=ADMIN)
        client.post(f"{base}/disable", headers=ADMIN)
        return asked(endpoint)

    before = services.endpoints.get(webhook)
    with patch.object(HttpPusher, "check", lambda _, endpoint: disabled_meanwhile(endpoint)):
        checked = client.post(f"{base}/check", headers=ADMIN).json
        assert (checked["enabled"], checked["check_result"]) == (False, "OK")
    after = services.endpoints.get(webhook)
    assert (after.old_secret, after.disabled_reason) == (before.secret, "BY_HAND")

    def moved_meanwhile(endpoint):
        services.endpoints.change(webhook, lambda one: replace(one, url="x"), now=services.clock())
        return CheckResult.NO_ANSWER

    with patch.object(HttpPusher, "check", lambda _, endpoint: moved_meanwhile(endpoint)):
        assert client.post(f"{base}/check", headers=ADMIN).json["check_result"] == "OK"

    def removed_meanwhile(endpoint):
        services.endpoints.remove(webhook)
        return CheckResult.OK

    with patch.object(HttpPusher, "check", lambda _, endpoint: removed_meanwhile(endpoint)):
        assert client.post(f"{base}/check", headers=ADMIN).status_code == 404


def test_a_receiver_that_is_not_there_is_tried_again(client, services, receiver):
    add(client, receiver)
    flow_end(client)
    receiver.shutdown()
    receiver.server_close()
    push(services, services.messages.listing()[0].id)
    found = services.messages.listing()[0]
    assert (found.state.value, found.reason, found.attempts) == ("pending", "UNREACHABLE", 1)


def test_where_nothing_is_pushed(client, services, receiver, caplog):
    flow_end(client, "295")
    flow_end(client, "295", body=BODY | {"phonon-uuid": "other"})
    assert services.messages.listing() == []
    assert caplog.text.count("Not Configured") == 1
    add(client, receiver)
    keys = [{"name": "$flow.syskey.flowID", "value": "58"}]
    flow_end(client, body={"phonon-uuid": "off", "callDetails": [], "keys": keys})
    assert services.messages.listing() == []


def test_a_layout_may_be_fixed(client, services, receiver):
    add(client, receiver)
    keys = [{"name": "$flow.key.flowId", "value": "59"}]
    leg = {"duration": "44", "connectTime": "2026-11-18T10:31:08+05:30", "incoming": True}
    flow_end(client, body={"phonon-uuid": "x", "callDetails": [leg], "keys": keys})
    body = json.loads(services.messages.listing()[0].body)
    assert body["callDetails"][0]["duration"] == "44000"


def test_looking_after_webhooks(client, services, receiver):
    made = add(client, receiver, password="hunter2").json
    assert made["secret"].startswith("whsec_")
    assert made["check_result"] == "OK"
    base = f"/v1/accounts/293/webhooks/{made['id']}"
    assert "hunter2" not in client.get(base, headers=ADMIN).text
    assert "secret" not in client.get(base, headers=ADMIN).json
    renamed = client.put(base, json={"name": "new"}, headers=ADMIN).json
    assert (renamed["name"], renamed["auth"]) == ("new", "basic")
    rotated = client.post(f"{base}/rotate-secret", headers=ADMIN).json
    assert rotated["secret"] != made["secret"]
    receiver.answers.append((500, {}))
    assert client.post(f"{base}/check", headers=ADMIN).json["check_result"] == "ERROR_ANSWER"
    sent = client.post(f"{base}/send-test", headers=ADMIN).json["message"]
    assert push(services, sent)
    _, headers, body = receiver.got[-1]
    for secret in (made["secret"], rotated["secret"]):
        verify(headers, body, secret, now=datetime.now(UTC))
    listed = client.get("/v1/accounts/293/messages", headers=ADMIN).json["messages"]
    assert [(one["id"], one["state"]) for one in listed] == [(sent, "delivered")]
    replayed = {"ids": [sent, "msg_of_nobody"]}
    path = "/v1/accounts/293/messages/replay"
    assert client.post(path, json=replayed, headers=ADMIN).json == {"replayed": 1}
    assert client.post(f"{base}/disable", headers=ADMIN).json["disabled_reason"] == "BY_HAND"
    assert client.delete(base, headers=ADMIN).json == {"removed": True}
    assert client.get("/v1/accounts/293/webhooks", headers=ADMIN).json == {"webhooks": []}


@each(
    ("values", "codes"),
    [
        ({}, ["MISSING_PARAMETER", "MISSING_PARAMETER"]),
        ({"name": 5, "url": "x" * 3000}, ["INVALID_TEXT", "TOO_LONG"]),
        ({"name": "a", "url": "ftp://x.example/"}, ["BAD_URL"]),
        ({"name": "a", "url": "https://10.0.0.1/"}, ["ADDRESS_REFUSED"]),
        ({"name": "a", "url": "https://x.example/", "username": "a:b"}, ["INVALID_TEXT"]),
        ({"name": "a", "url": "https://x.example/", "enabled": "yes"}, ["NOT_A_BOOLEAN"]),
        ({"name": " ", "url": "https://x.example/"}, ["MISSING_PARAMETER"]),
        ({"name": ""}, ["MISSING_PARAMETER", "MISSING_PARAMETER"]),
        ({"name": "a\0", "url": "https://x.example/"}, ["INVALID_TEXT"]),
    ],
)
def test_bad_webhooks_are_named(client, values, codes):
    reply = client.post("/v1/accounts/293/webhooks", json=values, headers=ADMIN)
    assert reply.status_code == 400
    assert [field["code"] for field in reply.json["error"]["fields"]] == codes


@each(
    ("values", "code", "field"),
    [
        ({"verb": "PUT"}, "UNSUPPORTED", "verb"),
        ({"verb": 5}, "UNSUPPORTED", "verb"),
        ({"auth": "digest"}, "UNSUPPORTED", "auth"),
        ({"auth": ["none"]}, "UNSUPPORTED", "auth"),
        ({"auth": "basic"}, "MISSING_PARAMETER", "username"),
        ({"auth": "basic", "username": ""}, "MISSING_PARAMETER", "username"),
        ({"auth": "none", "username": "me"}, "UNSUPPORTED", "username"),
        ({"body_type": "json"}, "UNSUPPORTED", "body_type"),
        ({"name": ""}, "MISSING_PARAMETER", "name"),
        ({"url": " "}, "MISSING_PARAMETER", "url"),
        ({"username": "a\nb"}, "INVALID_TEXT", "username"),
        ({"password": "a\0b"}, "INVALID_TEXT", "password"),
    ],
)
def test_what_a_webhook_cannot_be_is_refused(client, receiver, values, code, field):
    base = "/v1/accounts/293/webhooks"
    new = {"name": "a", "url": receiver.url}
    webhook = client.post(base, json=new, headers=ADMIN).json["id"]
    for reply in (
        client.post(base, json=new | values, headers=ADMIN),
        client.put(f"{base}/{webhook}", json=values, headers=ADMIN),
    ):
        assert reply.status_code == 400
        found = [(one["code"], one["name"]) for one in reply.json["error"]["fields"]]
        assert found == [(code, field)]


def test_what_is_shown_can_be_sent_back_and_credentials_taken_off(client, services, receiver):
    made = add(client, receiver, auth="basic", username="me", password="hunter2", verb="POST").json
    base = f"/v1/accounts/293/webhooks/{made['id']}"
    shown = client.get(base, headers=ADMIN).json
    assert (shown["auth"], shown["verb"], shown["body_type"]) == ("basic", "POST", "none")
    assert client.put(base, json=shown, headers=ADMIN).json == shown
    assert services.endpoints.get(made["id"]).password == "hunter2"
    bare = client.put(base, json={"auth": "none"}, headers=ADMIN).json
    assert (bare["auth"], bare["username"]) == ("none", "")
    assert services.endpoints.get(made["id"]).password == ""


def test_only_operators_and_only_the_account(client, receiver):
    made = add(client, receiver).json["id"]
    assert client.get("/v1/accounts/293/webhooks").status_code == 403
    assert client.get(f"/v1/accounts/294/webhooks/{made}", headers=ADMIN).status_code == 404
    assert client.post("/v1/accounts/293/webhooks", data="[]", headers=ADMIN).status_code == 400
    for path in ("a%00b/webhooks", "293/webhooks/a%00b"):
        assert client.get(f"/v1/accounts/{path}", headers=ADMIN).status_code == 404
    bad = client.post("/v1/accounts/293/messages/replay", json={"ids": 5}, headers=ADMIN)
    assert bad.status_code == 400
