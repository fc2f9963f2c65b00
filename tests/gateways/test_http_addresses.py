"""Where the client goes: addresses judged at the connection, strict URLs, no detours."""

import json
import socket
import time

import pytest

from rules.gateways.http import HttpClient
from rules.outgoing import Refused, Reply, TimedOut, Unreachable
from rules.settings import Settings
from tests._cases import CASES, cases
from tests.gateways.servers import (
    Server,
    answering,
    call,
    client,
    closed_port,
    found,
    once,
    reply,
    send,
)
from tests.rows import each

PUBLIC = {"127.0.0.1": "93.184.216.34", "::1": "2606:4700:4700::1111"}


def refusal(outgoing, one):
    with pytest.raises(Refused) as caught:
        send(outgoing, one)
    assert caught.value.sent is False
    assert caught.value.seconds == 0.0
    return caught.value.kind


@each("loopback", ["127.0.0.1", "::1"])
@each("public_first", [True, False])
def test_g4_every_address_is_judged_before_one_is_connected_to(loopback, public_first):
    with answering(host=loopback) as server:
        both = [PUBLIC[loopback], loopback][:: 1 if public_first else -1]
        outgoing = HttpClient(find=found(*both))
        assert refusal(outgoing, call(server.url(host="two.example"))) == "address"
        time.sleep(0.05)
        assert server.connections == 0
        outgoing.close()


@pytest.mark.parametrize("loopback", ["127.0.0.1", "::1"])
def test_g4_the_address_judged_is_the_one_reached(loopback):
    """The name answers differently each time; only the first answer counts."""
    with answering(host=loopback) as server:
        answers = iter([loopback, "192.0.2.1"])
        find = found()

        def rebinding(host, port):
            find.asked.append(host)
            address = next(answers)
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            return [(family, (address, port, 0, 0)[: 4 if ":" in address else 2])]

        outgoing = client(find=rebinding)
        assert send(outgoing, call(server.url(host="name.example"))).status == 200
        assert find.asked == ["name.example"]
        assert server.connections == 1
        assert b"\r\nHost: name.example:%d\r\n" % server.port in server.requests[0]
        outgoing.close()


def test_g4_addresses_are_tried_in_the_order_given():
    with answering() as server, Server(None, host="127.0.0.2", accept=False) as other:
        other.listener.close()
        outgoing = client(find=found("127.0.0.2", "127.0.0.1"))
        assert send(outgoing, call(server.url(host="name.example"))).status == 200
        outgoing.close()


def test_g4_the_peer_must_be_one_of_the_addresses(monkeypatch):
    """Something below may send the connection elsewhere: it is closed before a byte is sent."""
    with answering() as server:
        outgoing = client(find=found("127.0.0.1"))
        monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("10.9.9.9", 1))
        assert refusal(outgoing, call(server.url(host="name.example"))) == "address"
        assert server.requests == []
        outgoing.close()


def test_names_without_an_address():
    def unknown(host, port):
        raise socket.gaierror(socket.EAI_NONAME, f"{host}:{port}")

    for find in (unknown, found()):
        outgoing = client(find=find)
        with pytest.raises(Unreachable) as caught:
            send(outgoing, call("https://nowhere.example/"))
        assert (caught.value.kind, caught.value.sent) == ("name", False)
        outgoing.close()


def test_the_operating_system_is_asked():
    with answering() as server:
        outgoing = client()
        assert send(outgoing, call(server.url(host="localhost"))).status == 200
        outgoing.close()
        outgoing = HttpClient()
        assert refusal(outgoing, call(server.url(host="localhost"))) == "address"
        outgoing.close()


@each("row", cases("addresses"))
def test_g5_refused_addresses_are_never_connected_to(row):
    outgoing = HttpClient(find=found(row["address"].partition("%")[0]))
    if row["may_reach"] == "false":
        assert refusal(outgoing, call("https://name.example/")) == "address"
    outgoing.close()


def hostile():
    """The URL table's refusals and further spellings of loopback."""
    rows = [row.values[0] for row in cases("urls")]
    texts = [json.loads(f'"{row["url"]}"') for row in rows if row["result"] != "read"]
    return texts + (CASES / "hostile_urls.txt").read_text("utf-8").splitlines()


def test_g2_g3_sixty_spellings_reach_nothing():
    further = (CASES / "hostile_urls.txt").read_text("utf-8").splitlines()
    assert len(further) >= 60
    with answering() as server:
        outgoing = HttpClient(find=found("127.0.0.1"))
        for text in hostile():
            one = text.replace("PORT", str(server.port))
            assert refusal(outgoing, call(one)) in {"url", "scheme", "address"}, text
        time.sleep(0.05)
        assert server.connections == 0
        outgoing.close()


def test_g1_http_only_where_the_account_allows_it():
    with answering() as server:
        outgoing = client()
        assert refusal(outgoing, call(server.url(), allow_http=False)) == "scheme"
        assert server.connections == 0
        assert send(outgoing, call(server.url())).status == 200
        outgoing.close()


def test_g6_exceptions_are_exact():
    settings = Settings.from_mapping({"RULES_OUTGOING_ALLOWED": "127.0.0.1/32"})
    with answering() as server, answering(host="127.0.0.2") as neighbour:
        outgoing = client(allowed=settings.outgoing_allowed)
        assert send(outgoing, call(server.url())).status == 200
        assert refusal(outgoing, call(neighbour.url())) == "address"
        assert refusal(outgoing, call("http://127.0.0.1:25/")) == "url"
        assert refusal(outgoing, call(f"http://0177.0.0.1:{server.port}/")) == "url"
        assert neighbour.connections == 0
        outgoing.close()


@each("status", [301, 302, 303, 307, 308])
def test_g8_redirects_are_handed_over(status):
    places = ("/again", "http://169.254.169.254/latest/meta-data/")
    for place in places:
        data = reply(b"moved", f"{status} Moved", [f"Location: {place}"])
        with answering(data) as server:
            outgoing = client()
            answer = send(outgoing, call(server.url(), verb="GET"))
            assert (answer.status, answer.body) == (status, b"moved")
            assert answer.header("location") == place
            assert len(server.requests) == 1
            outgoing.close()


def test_g7_the_environment_changes_nothing(monkeypatch, tmp_path):
    with answering() as server, answering() as proxy:
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login asha password s3cret\n")
        (tmp_path / ".netrc").chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{proxy.port}")
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "missing.pem"))
        outgoing = client()
        assert send(outgoing, call(server.url())).status == 200
        assert b"authorization" not in server.requests[0].lower()
        assert proxy.connections == 0
        outgoing.close()


def test_g9_refusals_look_alike():
    with Server(None, accept=False) as open_port:
        outgoing = HttpClient()
        outcomes = []
        for port in (open_port.port, closed_port(), 9):
            host = "127.0.0.1" if port != 9 else "10.255.255.1:1"
            with pytest.raises(Refused) as caught:
                send(outgoing, call(f"http://{host}" + (f":{port}" if port != 9 else "") + "/"))
            error = caught.value
            outcomes.append((error.purpose, error.sent, error.seconds, str(error)[:14]))
        assert len(set(outcomes)) == 1
        assert open_port.pending() == 0
        outgoing.close()


def test_nobody_listens():
    outgoing = client()
    with pytest.raises(Unreachable) as caught:
        send(outgoing, call(f"http://127.0.0.1:{closed_port()}/"))
    assert (caught.value.kind, caught.value.sent) == ("connect", False)
    outgoing.close()


def test_connections_are_kept_within_one_account_only():
    with answering() as server:
        outgoing = client()
        for account in ("1", "1", "2", "1", ""):
            send(outgoing, call(server.url(), keep_alive=account))
        assert server.connections == 3
        send(outgoing, call(server.url()))
        assert server.connections == 4
        outgoing.close()


def test_a_kept_connection_that_the_server_closed_is_opened_again():
    with once(reply()) as server:
        outgoing = client()
        for _ in range(3):
            assert send(outgoing, call(server.url(), keep_alive="1")).status == 200
            time.sleep(0.05)
        assert server.connections == 3
        outgoing.close()


def test_a_kept_connection_idles_a_minute_at_most(monkeypatch):
    monkeypatch.setattr("rules.gateways._connection.IDLE_SECONDS", 0.05)
    monkeypatch.setattr("rules.gateways._pools.IDLE_SECONDS", 0.1)
    with answering() as server:
        outgoing = client()
        send(outgoing, call(server.url(), keep_alive="1"))
        time.sleep(0.08)
        send(outgoing, call(server.url(), keep_alive="1"))
        assert server.connections == 2
        time.sleep(0.35)
        assert outgoing._pools._kept == {}
        outgoing.close()


def test_a_reply_and_what_was_sent():
    with answering(reply(b'{"a":1}', "418 Odd", ["X-A: 1", "x-a: 2"])) as server:
        outgoing = client()
        answer = send(outgoing, call(server.url("/p%C3%A9?q=1#f"), body=b"\x00\xff"))
        assert isinstance(answer, Reply)
        assert (answer.status, answer.body, answer.header("X-A")) == (418, b'{"a":1}', "1")
        assert ("X-A", "2") in answer.headers
        assert 0 < answer.seconds < 5
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert head.splitlines()[0] == b"POST /p%C3%A9?q=1 HTTP/1.1"
        assert body == b"\x00\xff"
        assert {line.split(b":")[0] for line in head.splitlines()[1:]} == {
            *(b"Host", b"Content-Length", b"User-Agent", b"Accept", b"Accept-Encoding")
        }
        outgoing.close()


def test_a_numeric_ipv6_host():
    with answering(host="::1") as server:
        outgoing = client()
        for keep in ("", "1", "1"):
            assert send(outgoing, call(server.url(), keep_alive=keep)).status == 200
        assert server.requests[0].startswith(b"POST / HTTP/1.1\r\nHost: [::1]:%d\r\n" % server.port)
        assert server.connections == 2
        outgoing.close()


def test_a_deadline_in_the_past_sends_nothing():
    with answering() as server:
        outgoing = client()
        with pytest.raises(TimedOut) as caught:
            send(outgoing, call(server.url()), seconds=-1)
        assert (caught.value.kind, caught.value.sent, server.connections) == ("connect", False, 0)
        outgoing.close()
