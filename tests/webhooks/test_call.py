"""The whole call over real sockets: E1 to E6 with a server that records whether it was reached."""

import pytest

from rules.gateways.http import HttpClient
from rules.secret import Secret
from rules.webhooks import Entry, MapEntry, Reason, WebhookSettings, WebhookSpec, call_webhook
from tests.gateways.servers import answering, client, closed_port, dripping, once, reply
from tests.rows import each

HTTP = WebhookSettings(http_enabled=True)
SENTINEL = "sentinel-4pQ9"
CITY = {"$flow.key.city": "पुणे", "$flow.key.token": SENTINEL}
MAP = (MapEntry("$flow.key.id", "data.id", mandatory=True),)


def called(server, outgoing=None, variables=CITY, **options):
    options.setdefault("url", server.url("/$flow.key.city"))
    outgoing = outgoing or client()
    try:
        spec = WebhookSpec(**options)
        return call_webhook(spec, variables, sender=outgoing, settings=HTTP, account="163")
    finally:
        outgoing.close()


def test_a_call_from_variables_to_variables():
    with answering(reply(b'{"id": 7.0, "l": [1]}')) as server:
        outcome = called(
            server,
            method="POST",
            auth="basic",
            username="asha",
            password=Secret("p"),
            headers=(Entry("X-City", "$flow.key.city"),),
            query=(Entry("q", "$flow.key.city"),),
            body_type="json",
            body='{"city": "$flow.key.city"}',
            mapping=(*MAP, MapEntry("$user.key.l", "data.l")),
        )
    assert outcome.ok
    assert dict(outcome.variables) == {
        "$flow.key.id": "7.0",
        "$user.key.l_1": "1",
        "$user.key.l_size": "1",
    }
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /%E0%A4%AA%E0%A5%81%E0%A4%A3%E0%A5%87?q=%E0%A4%AA")
    assert b"\r\nX-City: " + "पुणे".encode() + b"\r\n" in head
    assert b"\r\nAuthorization: Basic YXNoYTpw\r\n" in head
    assert b"\r\nContent-Type: application/json; charset=utf-8\r\n" in head
    assert body == '{"city": "पुणे"}'.encode()


CASES = {
    "e1": ({"url": "{}$flow.key.unknown"}, Reason.INVALID_FLOW_VAR, 0),
    "e1 before e2": ({"url": "{}$flow.key.unknown", "method": "x"}, Reason.INVALID_FLOW_VAR, 0),
    "e2 method": ({"method": "FETCH"}, Reason.INVALID_REQUEST, 0),
    "e2 time": ({"timeout_seconds": 61}, Reason.INVALID_REQUEST, 0),
    "e2 header": ({"headers": (Entry("Host", "x"),)}, Reason.INVALID_REQUEST, 0),
    "e2 body": (
        {"method": "PUT", "body_type": "json", "body": "{"},
        Reason.INVALID_REQUEST,
        0,
    ),
    "e2 url": ({"url": "http://127.1/"}, Reason.INVALID_REQUEST, 0),
    "e2 scheme": ({"url": "ftp://127.0.0.1/"}, Reason.INVALID_REQUEST, 0),
    "e2 before e3": (
        {"method": "FETCH", "mapping": (MapEntry("x", "y"),)},
        Reason.INVALID_REQUEST,
        0,
    ),
    "e3 optional": ({"mapping": (MapEntry("$flow.key.a", "x"),)}, Reason.INVALID_RESPONSE_MAP, 0),
    "e3 save_in": ({"mapping": (MapEntry("a", "data"),)}, Reason.INVALID_RESPONSE_MAP, 0),
    "e5": ({"response_type": "xml"}, Reason.INVALID_RESPONSE, 1),
    "e6": ({"mapping": MAP}, Reason.INVALID_RESPONSE_MAP, 1),
}


@each("case", CASES)
def test_e1_e2_e3_e5_e6(case):
    options, reason, reached = CASES[case]
    with answering(reply(b'{"a": 1}')) as server:
        options = dict(options)
        if "url" in options:
            options["url"] = options["url"].format(server.url())
        outcome = called(server, **options)
        assert (outcome.ok, outcome.reason) == (False, reason)
        assert len(server.requests) == reached
        assert outcome.variables == {}
        assert outcome.line == 1
        assert (outcome.seconds == 0.0) is (not reached)


def test_e2_a_destination_that_is_not_allowed():
    with answering() as server:
        outcome = called(server, HttpClient())
        assert outcome.reason is Reason.INVALID_REQUEST
        assert (outcome.status_code, outcome.raw, outcome.seconds) == (None, None, 0.0)
        assert server.connections == 0


def test_e4a_a_time_limit():
    with dripping(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n", 0.1) as server:
        outcome = called(server, timeout_seconds=0.3)
    assert outcome.reason is Reason.TIMEOUT
    assert outcome.seconds >= 0.3


def test_e4b_nobody_there_and_broken_replies():
    with once(b"rubbish\r\n") as server:
        assert called(server).reason is Reason.CONNECTION_ERROR
        assert called(server, url=f"http://127.0.0.1:{closed_port()}/").reason is (
            Reason.CONNECTION_ERROR
        )


def test_e4c_e4d_statuses():
    with answering(reply(b"no", "401 Unauthorized")) as server:
        basic = called(server, auth="basic", username="u", password=Secret("p"))
        assert basic.reason is Reason.AUTHENTICATION_FAILURE
        assert called(server).reason is Reason.CLIENT_ERROR
    with answering(reply(b"", "302 Found", ["Location: /x"])) as server:
        assert called(server).reason is Reason.REDIRECTION
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "reason"), [("200 OK", "INVALID_RESPONSE"), ("500 No", "SERVER_ERROR")]
)
def test_e5_a_body_over_one_mebibyte(status, reason):
    with answering(reply(b'"' + b"x" * 1_048_576 + b'"', status)) as server:
        outcome = called(server)
    assert (outcome.reason, outcome.status_code) == (reason, int(status[:3]))
    with answering(reply(b'"' + b"x" * 1_048_574 + b'"')) as server:
        assert called(server).ok


def test_a_new_connection_for_every_call():
    with answering(reply(b"{}")) as server:
        outgoing = client()
        spec = WebhookSpec(server.url())
        for _ in range(3):
            assert call_webhook(spec, {}, sender=outgoing, settings=HTTP).ok
        outgoing.close()
    assert server.connections == 3


def test_secrets_do_not_show(caplog):
    caplog.set_level(0)
    with answering(reply(b"{}", "500 No")) as server:
        outcome = called(
            server,
            url=server.url("/$flow.key.token?key=$flow.key.token"),
            headers=(Entry("X-Token", "$flow.key.token"),),
            auth="basic",
            username="u",
            password=Secret(SENTINEL),
        )
        assert SENTINEL.encode() in server.requests[0]
    assert SENTINEL not in caplog.text
    assert SENTINEL not in repr(outcome)
