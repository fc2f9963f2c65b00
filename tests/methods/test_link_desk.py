"""Domains prove themselves, over real sockets through the one outgoing client."""

import socket
import threading
import time
from dataclasses import replace
from datetime import datetime

import pytest
from werkzeug.serving import make_server

from rules.methods.link_desk import add_domain, proof_address, prove_domain
from rules.services.links import DomainState
from rules.testing import make_services
from tests.gateways.servers import answering, client, reply
from webapp import create_app

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")


def leading_to(port):
    """A client for which every name leads to this port of loopback."""
    return client(find=lambda *_: [(socket.AF_INET, ("127.0.0.1", port))])


@pytest.fixture
def mine():
    return make_services(now=NOW)


def prove(mine, port, name="go.example", outgoing=None):
    mine = replace(mine, outgoing=outgoing or leading_to(port))
    domain = mine.links.domains.get(name)
    return prove_domain(mine, domain, deadline=time.monotonic() + 5)


def state(mine):
    return mine.links.domains.get("go.example").state


def test_l7_a_domain_is_pending_until_it_answers_with_its_token(mine):
    domain = add_domain(mine, "go.example", "163")
    assert (domain.state, domain.account) == (DomainState.PENDING, "163")
    assert proof_address("go.example") == "http://go.example/.well-known/flow-rules-domain"
    with answering(reply(domain.token.encode() + b"\r\n")) as server:
        assert prove(mine, server.port) == ""
        (asked,) = server.requests
    assert asked.startswith(b"GET /.well-known/flow-rules-domain HTTP/1.1\r\n")
    assert b"\r\nHost: go.example\r\n" in asked
    assert state(mine) == DomainState.READY


def test_l7_tokens_are_not_guessed_and_stay(mine):
    first, second = (add_domain(mine, name, None).token for name in ("go.example", "b.example"))
    assert first != second
    assert len(first) == len("flow-rules-") + 32
    assert add_domain(mine, "go.example", "9").token == first


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (reply(b"another"), "another text"),
        (reply(b""), "another text"),
        (reply(b"x", "404 Not Found"), "status 404"),
        (reply(b"", "301 Moved", ["Location: http://evil.example/"]), "status 301"),
        (reply(b"x" * 2000), "TooLarge"),
        (b"nonsense\r\n\r\n", "Unreachable"),
    ],
)
def test_l7_anything_else_leaves_it_pending(mine, answer, says):
    add_domain(mine, "go.example", "163")
    with answering(answer) as server:
        assert says in prove(mine, server.port)
    assert state(mine) == DomainState.PENDING


def test_l7_a_domain_that_leads_inside_is_not_asked(mine):
    add_domain(mine, "go.example", "163")
    with answering(reply(b"x")) as server:
        guarded = client(allowed=(), find=lambda *_: [(socket.AF_INET, ("127.0.0.1", server.port))])
        assert "Refused, address" in prove(mine, server.port, outgoing=guarded)
        assert server.connections == 0


def test_l7_a_domain_without_token_is_never_proved(mine):
    mine.links.domains.add("go.example", account=None, state=DomainState.PENDING, token="", now=NOW)
    with answering(reply(b"")) as server:
        assert "another text" in prove(mine, server.port)


def test_l7_a_domain_that_leads_to_us_proves_itself(mine):
    add_domain(mine, "go.example", "163")
    server = make_server("127.0.0.1", 0, create_app(mine))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        assert prove(mine, server.server_port) == ""
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert state(mine) == DomainState.READY
