"""How much of a reply is read: counted on the wire and unpacked; broken replies."""

import gzip
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from rules.outgoing import TooLarge, Unreachable
from tests.gateways.servers import Server, answering, call, client, once, reply, send
from tests.rows import each

LIMIT = 10_000


def outcome(server, **options):
    """Body, or kind of the error."""
    outgoing = client()
    try:
        return send(outgoing, call(server.url(), max_reply=LIMIT, **options)).body
    except (TooLarge, Unreachable) as error:
        return f"{type(error).__name__} {error.kind}"
    finally:
        outgoing.close()


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": raw_deflate,
    "gzip, ": lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:]),
    "gzip ,": lambda data: gzip.compress(data) + b"rubbish behind it",
}


@each("encoding", PACKED)
def test_packed_bodies(encoding):
    header = [f"Content-Encoding: {encoding.strip(' ,')}"]
    for size, wanted in ((LIMIT, b"x" * LIMIT), (LIMIT + 1, "TooLarge body")):
        with answering(reply(PACKED[encoding](b"x" * size), headers=header)) as server:
            assert outcome(server) == wanted


@each("size", [0, 1, LIMIT, LIMIT + 1, 50 * LIMIT])
def test_plain_bodies(size):
    with answering(reply(b"x" * size)) as server:
        assert outcome(server) == (b"x" * size if size <= LIMIT else "TooLarge body")


def test_a_body_without_length_or_in_chunks():
    with once(b"HTTP/1.1 200 OK\r\n\r\nas it comes") as server:
        assert outcome(server) == b"as it comes"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with once(head + b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n") as server:
        assert outcome(server) == b"abcde"


@pytest.mark.parametrize("verb", ["HEAD", "GET"])
def test_replies_without_a_body(verb):
    status = "200 OK" if verb == "HEAD" else "204 No Content"
    data = f"HTTP/1.1 {status}\r\nContent-Length: 5000\r\nContent-Encoding: gzip\r\n\r\n".encode()
    with answering(data) as server:
        assert outcome(server, verb=verb) == b""


def test_an_encoding_that_was_not_offered_is_left_as_it_is():
    packed = gzip.compress(b"x")
    with answering(reply(packed, headers=["Content-Encoding: gzip"])) as server:
        assert outcome(server, headers=[("Accept-Encoding", b"identity")]) == packed
        assert outcome(server, headers=[("accept-encoding", b"gzip;q=0.5")]) == b"x"
    for unknown in ("br", "zstd", "gzip, gzip"):
        with answering(reply(packed, headers=[f"Content-Encoding: {unknown}"])) as server:
            assert outcome(server) == packed


BROKEN = {
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "Unreachable protocol"),
    "status is no number": (b"HTTP/1.1 abc OK\r\n\r\n", "Unreachable protocol"),
    "closed at once": (b"", "Unreachable reset"),
    "closed within the body": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "Unreachable reset",
    ),
    "chunk that is no number": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "Unreachable reset",
    ),
    "no gzip": (reply(b"abc", headers=["Content-Encoding: gzip"]), "Unreachable protocol"),
    "no deflate": (
        reply(b"\xff\xff\xff", headers=["Content-Encoding: deflate"]),
        "Unreachable protocol",
    ),
    "gzip cut off": (
        reply(gzip.compress(b"abc" * 100)[:-4], headers=["Content-Encoding: gzip"]),
        "Unreachable protocol",
    ),
    "status line without end": (b"HTTP/1.1 200 " + b"x" * 70_000, "TooLarge headers"),
    "a header line too long": (
        b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * 70_000 + b"\r\n\r\n",
        "TooLarge headers",
    ),
    "more than 100 headers": (
        b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 101 + b"\r\n",
        "TooLarge headers",
    ),
}


@each("case", BROKEN)
def test_broken_replies(case):
    data, wanted = BROKEN[case]
    with once(data) as server:
        assert outcome(server) == wanted


def test_a_header_that_cannot_be_read_is_not_logged(caplog):
    """urllib3 would warn about it and name the whole URL."""
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nbroken header\r\n\r\nok"
    with once(data) as server:
        outgoing = client()
        assert send(outgoing, call(server.url("/sentinel"))).status == 200
        outgoing.close()
    assert "sentinel" not in caplog.text


def test_only_a_hundred_headers():
    with once(b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 99 + b"\r\nok") as server:
        assert outcome(server) == b"ok"


BOMBS = {
    "gzip": ("TooLarge body",),
    "deflate": ("TooLarge body",),
    "body": ("TooLarge body",),
    "headers": ("TooLarge headers",),
    "header": ("TooLarge headers",),
    "chunk": ("TooLarge headers", "Unreachable reset"),
    "trailer": ("TimedOut reply", "TooLarge headers", "Unreachable reset"),
}


def test_bombs_cost_little_memory():
    """A process that may take 64 MiB more than it has meets replies of any size."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.gateways.bombs"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    outcomes = dict(line.split(": ") for line in run.stdout.splitlines())
    assert outcomes.keys() == BOMBS.keys(), run.stderr
    for bomb, wanted in BOMBS.items():
        assert outcomes[bomb] in wanted, bomb


def test_a_reply_left_unread_closes_the_connection():
    with answering(reply(b"x" * 200_000)) as server:
        outgoing = client()
        for _ in range(2):
            with pytest.raises(TooLarge):
                send(outgoing, call(server.url(), keep_alive="1", max_reply=LIMIT))
        assert server.connections == 2
        outgoing.close()


def test_a_server_that_answers_before_it_has_read_everything():
    def answer(server, connection):
        connection.recv(100)
        connection.sendall(reply(b"no", "413 Too much"))

    with Server(answer) as server:
        result = outcome(server, body=b"x" * 3_000_000)
        assert result in (b"no", "Unreachable reset")
