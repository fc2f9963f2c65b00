"""What can go wrong on the way to the dialler, on real sockets: each outcome, none doubled."""

import socket
import threading
from dataclasses import replace
from ipaddress import ip_network

import pytest

from rules.gateways.http import HttpClient
from rules.gateways.outbound import HttpDialler
from rules.outbound import Kind, State
from rules.sandbox import Fault, Sandbox, SandboxServer
from rules.storage.memory.outbound import MemoryOrders
from rules.storage.outbound import SqlOrders
from tests.outbound.made import LOST, SECURITY, opened, tried
from tests.outbound.world import World
from tests.sandbox.made import Clock
from tests.stores import three_stores

LOOPBACK = ip_network("127.0.0.0/8")
PATH = "/kairos-apis/outbound/create"
store = three_stores(MemoryOrders, SqlOrders)


@pytest.fixture(scope="module")
def client():
    made = HttpClient(allowed=[LOOPBACK])
    yield made
    made.close()


@pytest.fixture
def dialler(client):
    return HttpDialler(client, attempt_seconds=0.5)


class Raw:
    """A server that reads a request and answers with these bytes, or hangs up."""

    def __init__(self, answer, *, read=True):
        self._answer = answer
        self._read = read
        self.requests = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}{PATH}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                if self._read:
                    self.requests.append(self._request(connection))
                if self._answer:
                    connection.sendall(self._answer)

    def _request(self, connection):
        with connection.makefile("rb") as file:
            head = b""
            while not head.endswith(b"\r\n\r\n") and (line := file.readline()):
                head += line
            lengths = [p for p in head.lower().split(b"\r\n") if p.startswith(b"content-length:")]
            return head, file.read(int(lengths[0].split(b":")[1])) if lengths else b""

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def answering(status, body=b"", *headers):
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


ANSWERS = [
    (answering(200, b'{"api-response-code":200,"request-id":"r"}'), "accepted", True, "accepted"),
    (answering(200, b'{"api-response-code":301}'), "rejected", True, "refused"),
    (answering(403, b"no"), "rejected", True, "address not admitted"),
    (answering(413, b"no"), "rejected", True, "too large"),
    (answering(429, b"", "Retry-After: 9"), "down", True, "rate exceeded"),
    (answering(503, b"", "Retry-After: 9"), "down", True, "not taken in"),
    (answering(503), "down", False, "unknown"),
    (answering(500, b"<html>"), "down", False, "unknown"),
    (answering(200, b"<html>"), "down", False, "garbage"),
    (answering(302, b"", "Location: http://127.0.0.1:1/"), "down", True, "not followed"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "down", False, "cut off in the body"),
    (b"HTTP/1.1 200 OK\r\nContent-", "down", False, "cut off in the head"),
    (b"nonsense\r\n\r\n", "down", False, "no HTTP"),
    (b"", "down", False, "hung up after reading"),
    (answering(200, b"x" * 2_000_000), "down", False, "too much"),
]


@pytest.mark.parametrize(
    ("bytes_back", "kind", "known", "why"), ANSWERS, ids=[a[3] for a in ANSWERS]
)
def test_outcome(dialler, bytes_back, kind, known, why):
    server = Raw(bytes_back)
    outcome = dialler.send(opened(), server.url)
    server.close()
    assert (outcome.kind.value, outcome.known) == (kind, known), why
    assert outcome.retry_after == (9 if b"Retry-After" in bytes_back else 0)
    assert len(server.requests) == 1, "sent once, whatever came back"


@pytest.mark.parametrize(("named", "kind"), [("c-1", "accepted"), ("c-2", "rejected")])
def test_a_partial_success(dialler, named, kind):
    details = f'[{{"client-identifier":"{named}","phonon-uuid":"u"}}]'
    body = f'{{"api-response-code":209,"request-id":"r","call-details":{details}}}'
    server = Raw(answering(200, body.encode()))
    outcome = dialler.send(opened(client_id="c-1"), server.url)
    server.close()
    assert outcome.kind.value == kind


def test_what_is_sent(dialler):
    server = Raw(answering(200, b'{"api-response-code":200}'))
    order = opened(contact_numbers="9876543210", keys=(("$flow.key.नाम", "आशा"),))
    dialler.send(order, server.url)
    server.close()
    head, body = server.requests[0]
    assert body == order.body
    assert head.startswith(f"POST {PATH} HTTP/1.1\r\n".encode())
    assert b"\r\ncontent-type: application/json\r\n" in head.lower()
    assert b"authorization" not in head.lower()


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://127.0.0.1:CLOSED{PATH}", "connection refused"),
        (f"http://nowhere.invalid{PATH}", "no such name"),
        (f"http://10.0.0.1{PATH}", "an address that is not allowed"),
        ("https://127.0.0.1:25/create", "a port that is not allowed"),
    ],
)
def test_what_was_never_sent_surely_did_not_arrive(dialler, url, why):
    outcome = dialler.send(opened(), url.replace("CLOSED", str(closed_port())))
    assert (outcome.kind, outcome.known) == (Kind.DOWN, True), why


def test_no_tls_on_the_other_side(dialler):
    server = Raw(answering(200), read=False)
    outcome = dialler.send(opened(), f"https://127.0.0.1:{server.port}{PATH}")
    server.close()
    assert (outcome.kind, outcome.known) == (Kind.DOWN, True)
    assert not server.requests


def test_a_server_that_accepts_nobody(dialler):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        outcome = dialler.send(opened(), f"http://127.0.0.1:{port}{PATH}")
        for one in waiting:
            one.close()
    assert outcome.kind is Kind.DOWN


def test_201_is_accepted_only_after_an_unknown_fate(dialler):
    server = Raw(answering(200, b'{"api-response-code":201}'))
    first = dialler.send(opened(), server.url)
    again = dialler.send(tried(opened(), LOST), server.url)
    server.close()
    assert (first.kind, again.kind) == (Kind.REJECTED, Kind.ACCEPTED)


def test_the_sandbox_of_this_machine_is_reached_by_its_own_client(client):
    server = SandboxServer(Sandbox(clock=Clock())).start()
    strict = HttpClient()
    dialler = HttpDialler(strict, sandbox_url=server.url, sandbox=client)
    assert dialler.send(opened(), server.url).kind is Kind.ACCEPTED
    elsewhere = dialler.send(opened(), server.url.replace("outbound/", "outbounddialler/"))
    assert (elsewhere.kind, elsewhere.reason) == (Kind.DOWN, "ADDRESS_REFUSED")
    strict.close()
    server.close()


# the sandbox's faults, from the request to the end, on every store


@pytest.fixture
def world(store, client):
    clock = Clock()
    server = SandboxServer(Sandbox(clock=clock)).start()
    made = World(orders=store, dialler=HttpDialler(client, attempt_seconds=0.3), url=server.url)
    made.clock = clock
    made.services = replace(made.services, clock=clock)
    made.server = server
    yield made
    server.close()


FAULTS = [
    ("refuse", "200", "closed unread: the retry is the first to arrive"),
    ("hang", "200", "no answer and nothing done"),
    ("accept-then-hang", "201", "accepted, the answer lost: the retry is recognised"),
    ("error-500", "200", "a broken server"),
    ("garbage", "200", "something else answers"),
    ("slow", "201", "answers too late: the retry is recognised"),
]


@pytest.mark.parametrize(("fault", "code", "why"), FAULTS, ids=[row[0] for row in FAULTS])
def test_fault(world, fault, code, why):
    sandbox = world.server.sandbox
    sandbox.provoke(Fault(fault, 0.6), 1)
    reply = world.create()
    assert (reply["obdResponseCode"], reply["obdState"]) == ("202", "queued"), why
    assert reply["obdReqID"] == reply["obdOwnReqID"]
    if fault == "slow":
        wait_until(lambda: sandbox.memory.requests)
    (order,) = world.turn(seconds=5)
    assert (order.state, str(order.code)) == (State.ACCEPTED, code)
    assert len(world.calls(sandbox)) == 1, "never lost, never doubled"
    assert world.status(reply)["obdState"] == "accepted"


def test_every_fault_in_a_row(world):
    sandbox = world.server.sandbox
    for fault in ("refuse", "accept-then-hang", "error-500", "garbage"):
        sandbox.provoke(Fault(fault), 1)
    reply = world.create()
    for seconds in (5, 15, 60, 300):
        world.turn(seconds=seconds)
    order = world.order(reply)
    assert order.state is State.ACCEPTED
    assert len(world.calls(sandbox)) == 1


def test_dialler_gone_for_long_then_back(world):
    port = int(world.server.base.rpartition(":")[2])
    world.server.close()
    reply = world.create()
    assert world.order(reply).unknown_since is None, "connections refused: surely not accepted"
    for _ in range(4):
        world.turn(hours=6)
    sandbox = Sandbox(clock=world.clock)
    world.server = SandboxServer(sandbox, port=port).start()
    (order,) = world.turn(minutes=30)
    assert order.state is State.ACCEPTED
    (call,) = world.calls(sandbox)
    assert call.start == world.clock(), "new bytes: the old date has passed"
    assert SECURITY in order.body.decode()


def wait_until(condition):
    waited = threading.Event()
    for _ in range(200):
        if condition():
            return
        waited.wait(0.02)
    raise AssertionError("it did not happen")
