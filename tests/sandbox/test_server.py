"""The sandbox over real sockets: paths, modes, faults, the page, flow ends pushed."""

import json
import socket
import threading
import time
from datetime import timedelta
from http.client import HTTPConnection, RemoteDisconnected
from ipaddress import ip_network

import pytest

from rules.gateways.http import HttpClient
from rules.sandbox import (
    FAULTS,
    FlowEndPusher,
    Sandbox,
    SandboxConfig,
    SandboxServer,
)
from rules.sandbox.ports import free_port, wait_for_listener
from tests.sandbox.made import Clock, body, call

CREATE = "/kairos-apis/outbound/create"


@pytest.fixture
def server():
    made = SandboxServer(Sandbox(clock=Clock())).start()
    yield made
    made.close()


def ask(server, verb, path, sent=None, *, timeout=5.0):
    """Status and body of one request."""
    connection = HTTPConnection(server.base.removeprefix("http://"), timeout=timeout)
    try:
        connection.request(verb, path, sent)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def answer(server, sent, path=CREATE):
    status, text = ask(server, "POST", path, sent)
    return status, json.loads(text)


def provoke(server, **fault):
    return ask(server, "POST", "/sandbox/faults", json.dumps(fault))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (CREATE, 200),
        ("/kairos-apis/outbounddialer/create", 200),
        (f"/realtime{CREATE}", 200),
        (f"/bulk{CREATE}", 202),
        ("/bulk/kairos-apis/outbounddialer/create", 202),
    ],
)
def test_paths_and_their_modes(server, path, status):
    found, reply = answer(server, body(), path)
    assert (found, reply["api-response-code"]) == (status, status)


def test_a_bulk_sandbox():
    made = SandboxServer(Sandbox(clock=Clock()), mode="bulk").start()
    assert answer(made, body())[0] == 202
    assert answer(made, body(), f"/realtime{CREATE}")[1]["api-response-code"] == 201
    made.close()


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
def test_another_verb(server, verb):
    assert ask(server, verb, CREATE)[0] == 405


def test_too_large_a_body(server):
    assert answer(server, b"x" * 300_000)[0] == 413


def test_connections_are_kept(server):
    connection = HTTPConnection(server.base.removeprefix("http://"), timeout=5)
    for number in range(3):
        connection.request("POST", CREATE, body(more=number))
        assert json.loads(connection.getresponse().read())["api-response-code"] == 200
    connection.close()


def test_requests_can_be_watched(server):
    _, reply = answer(server, body())
    status, text = ask(server, "GET", "/sandbox/requests")
    (seen,) = json.loads(text)
    assert seen["calls"][0]["contact-numbers"] == ["919876543210"]
    assert seen["calls"][0]["state"] == "Scheduled"
    one = ask(server, "GET", f"/sandbox/requests/{reply['request-id']}")
    assert (status, json.loads(one[1])) == (200, seen)
    assert ask(server, "GET", "/sandbox/requests/nobody")[0] == 404


def test_the_page_lists_calls_and_trusts_nothing(server):
    assert b"Nothing yet." in ask(server, "GET", "/")[1]
    answer(server, body(call(**{"client-identifier": "<script>alert(1)</script>"})))
    answer(server, body(calls=[]))
    page = ask(server, "GET", "/")[1].decode()
    assert "919876543210" in page
    assert "$flow.key.leadid = L-77" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "302" in page


def test_state_can_be_forgotten(server):
    answer(server, body())
    provoke(server, fault="error-500", count=5)
    assert ask(server, "DELETE", "/sandbox/state")[0] == 200
    assert json.loads(ask(server, "GET", "/sandbox/requests")[1]) == []
    assert answer(server, body())[1]["api-response-code"] == 200


@pytest.mark.parametrize(
    "wanted",
    [b"", b"[]", b'{"fault": "fire"}', b'{"fault": "hang", "count": "one"}',
     b'{"fault": "slow", "seconds": "long"}'],
)  # fmt: skip
def test_an_unknown_fault(server, wanted):
    status, text = ask(server, "POST", "/sandbox/faults", wanted)
    assert status == 400
    assert all(name in text.decode() for name in FAULTS)


def test_faults_meet_the_next_requests_only(server):
    assert provoke(server, fault="error-500", count=2)[0] == 200
    statuses = [ask(server, "POST", CREATE, body())[0] for _ in range(3)]
    assert statuses == [500, 500, 200]
    assert len(server.sandbox.memory.requests) == 1


def test_garbage(server):
    provoke(server, fault="garbage")
    assert ask(server, "POST", CREATE, body()) == (200, b"<html><body>It works!</body></html>")


def test_refuse_closes_without_an_answer(server):
    provoke(server, fault="refuse")
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        ask(server, "POST", CREATE, body())
    assert not server.sandbox.memory.requests


@pytest.mark.parametrize(("fault", "arrived"), [("hang", 0), ("accept-then-hang", 1)])
def test_hanging(server, fault, arrived):
    provoke(server, fault=fault)
    with pytest.raises(TimeoutError):
        ask(server, "POST", CREATE, body(), timeout=0.3)
    assert len(server.sandbox.memory.requests) == arrived
    assert answer(server, body())[1]["api-response-code"] == (201 if arrived else 200)


def test_slow(server):
    provoke(server, fault="slow", seconds=0.2)
    start = time.monotonic()
    assert answer(server, body())[0] == 200
    assert time.monotonic() - start >= 0.2


def test_a_hang_ends_with_its_client(server):
    before = threading.active_count()
    provoke(server, fault="hang")
    with pytest.raises(TimeoutError):
        ask(server, "POST", CREATE, body(), timeout=0.1)
    end = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_many_at_once_the_same_bytes_once(server):
    codes = []

    def send():
        codes.append(answer(server, body())[1]["api-response-code"])

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [201] * 11


def test_a_port_in_use_is_refused(server):
    port = int(server.base.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), socket.socket() as other:
        other.bind(("127.0.0.1", port))


class Receiver:
    """Listens for flow ends and keeps what it got."""

    def __init__(self):
        self.got = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/flow-end"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as file:
                length = 0
                while (line := file.readline().strip()) != b"":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                self.got.append(json.loads(file.read(length)))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def client():
    made = HttpClient(allowed=[ip_network("127.0.0.0/8")])
    yield made
    made.close()


def wait_for(condition):
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_finished_calls_are_pushed_once(client):
    receiver = Receiver()
    clock = Clock()
    config = SandboxConfig(flow_end_url=receiver.url, call_seconds=5)
    sandbox = Sandbox(clock=clock, config=config)
    sandbox.answer("realtime", body(call(**{"start-time": "2026-11-18T10:30:00+05:30"})))
    clock.turn(seconds=5)
    pusher = FlowEndPusher(sandbox, client, every=0.02)
    made = SandboxServer(sandbox, pusher=pusher).start()
    sandbox.answer("realtime", body(call(), call(**{"contact-numbers": []})))
    clock.turn(minutes=20)
    wait_for(lambda: receiver.got)
    time.sleep(0.1)
    made.close()
    receiver.close()
    (got,) = receiver.got
    assert got["phonon-uuid"] == sandbox.memory.newest(1)[0].calls[0].phonon_uuid
    assert got["flowStatus"] == "COMPLETED"
    assert got["callDetails"] == [
        {
            "calleeNumber": "919876543210",
            "didNumber": "911400000000",
            "startTime": "2026-11-18T10:45:00.000+05:30",
            "connectTime": "2026-11-18T10:45:02.000+05:30",
            "endTime": "2026-11-18T10:45:05.000+05:30",
            "duration": "3",
            "hangupCause": "16",
            "incoming": False,
        }
    ]
    assert got["keys"] == [{"name": "$flow.key.leadid", "value": "L-77"}]


def test_a_receiver_that_is_not_there_is_no_trouble(client, caplog):
    clock = Clock()
    config = SandboxConfig(flow_end_url="http://127.0.0.1:1/", call_seconds=1)
    sandbox = Sandbox(clock=clock, config=config)
    pusher = FlowEndPusher(sandbox, client, every=0.02)
    pusher.start()
    sandbox.answer("realtime", body())
    clock.turn(minutes=20)
    wait_for(lambda: any("flow end not pushed" in r.message for r in caplog.records))
    pusher.stop()
    assert "9876543210" not in caplog.text


def test_the_clock_of_a_test_turns():
    clock = Clock()
    before = clock()
    clock.turn(minutes=1)
    assert clock() - before == timedelta(minutes=1)


def test_ports(server):
    port = int(server.base.rpartition(":")[2])
    assert wait_for_listener(port, seconds=1)
    other = free_port(port)
    assert other != port
    assert free_port(other) == other
    assert not wait_for_listener(other, seconds=0.1)
