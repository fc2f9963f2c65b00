"""What the client lets out: verbs, header names and values, framing; defaults."""

import json

import pytest

from rules import __version__
from rules.outgoing import Refused
from tests._cases import cases
from tests.gateways.servers import answering, call, client, reply, send
from tests.rows import each


def refused(server, **options):
    outgoing = client()
    with pytest.raises(Refused) as caught:
        send(outgoing, call(server.url(), **options))
    outgoing.close()
    assert server.connections == 0
    return caught.value.kind


@each("row", cases("headers"))
def test_header_lines(row):
    name, value = (json.loads(f'"{row[key]}"') for key in ("name", "value"))
    with answering() as server:
        if row["result"] == "refused":
            assert refused(server, headers=[(name, value.encode())]) == "header"
        else:
            outgoing = client()
            send(outgoing, call(server.url(), headers=[(name, value.encode())]))
            assert f"\r\n{name}: {value}\r\n".encode() in server.requests[0]
            outgoing.close()


@pytest.mark.parametrize("value", [b"\xff", b"a\r\nHost: evil", b"a\0b"])
def test_header_bytes(value):
    with answering() as server:
        assert refused(server, headers=[("X-A", value)]) == "header"


@each("verb", ["", "post", "GET /x HTTP/1.1\r\nX: y\r\n", "G\0T", "पाओ", "A" * 30])
def test_verbs(verb):
    with answering() as server:
        assert refused(server, verb=verb) == "header"


@each("verb", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_framing_is_ours(verb):
    with answering() as server:
        outgoing = client()
        body = None if verb in {"GET", "HEAD"} else b"12345"
        send(outgoing, call(server.url(), verb=verb, body=body))
        head = server.requests[0].lower()
        assert head.startswith(verb.lower().encode() + b" / http/1.1\r\n")
        assert head.count(b"\r\ncontent-length: 5\r\n") == (1 if body else 0)
        assert b"transfer-encoding" not in head
        assert b"connection:" not in head
        outgoing.close()


def test_defaults_and_what_takes_their_place():
    with answering() as server:
        outgoing = client()
        send(outgoing, call(server.url()))
        given = [("user-agent", b"mine"), ("ACCEPT", b"text/plain"), ("Accept-Encoding", b"br")]
        send(outgoing, call(server.url(), headers=given))
        outgoing.close()
    plain, own = server.requests
    assert b"\r\nUser-Agent: flow-rules/%b\r\n" % __version__.encode() in plain
    assert b"\r\nAccept: */*\r\n" in plain
    assert b"\r\nAccept-Encoding: gzip, deflate\r\n" in plain
    for line in (b"user-agent: mine", b"ACCEPT: text/plain", b"Accept-Encoding: br"):
        assert own.count(line) == 1
    assert b"flow-rules" not in own


def test_values_of_one_name_are_joined():
    with answering() as server:
        outgoing = client()
        send(outgoing, call(server.url(), headers=[("X-A", b"1"), ("x-a", b"2")]))
        outgoing.close()
    assert b"\r\nX-A: 1, 2\r\n" in server.requests[0]


def test_no_cookie_is_kept():
    with answering(reply(headers=["Set-Cookie: a=b; Path=/"])) as server:
        outgoing = client()
        for _ in range(2):
            send(outgoing, call(server.url(), keep_alive="1"))
        outgoing.close()
    assert not any(b"cookie" in request.lower() for request in server.requests)


@each(
    ("path", "sent"),
    [
        ("/a%2Fb", b"/a%2Fb"),
        (
            "/नमस्ते?नाम=1",
            b"/%E0%A4%A8%E0%A4%AE%E0%A4%B8%E0%A5%8D%E0%A4%A4%E0%A5%87?%E0%A4%A8%E0%A4%BE%E0%A4%AE=1",
        ),
        ('/"<>{}|^`', b"/%22%3C%3E%7B%7D%7C%5E%60"),
        ("//double", b"//double"),
        ("", b"/"),
        ("?x", b"/?x"),
    ],
)
def test_the_path_that_is_sent(path, sent):
    with answering() as server:
        outgoing = client()
        send(outgoing, call(server.url(path)))
        outgoing.close()
    assert server.requests[0].split(b" ")[1] == sent
