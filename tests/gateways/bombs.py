"""Meet replies of any size with 64 MiB more memory than the process has; prints the outcomes.

Run as `python -m tests.gateways.bombs` by the tests of sizes.
"""

from __future__ import annotations

import resource
import sys
import zlib
from pathlib import Path

from rules.outgoing import OutgoingError
from tests.gateways.servers import Server, answering, call, client, once, reply, send

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
MORE = 64 * 1024 * 1024


def packed(kind):
    """About 1 MiB that unpacks to 1 GiB: after a full flush a block may be repeated."""
    packer = zlib.compressobj(9, wbits=31 if kind == "gzip" else 15)
    first, block = (
        packer.compress(bytes(1_048_576)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2)
    )
    return once(reply(first + block * 1023, headers=[f"Content-Encoding: {kind}"]))


def endless(first, piece):
    """A reply that begins with `first` and goes on with `piece` for ever."""

    def answer(server, connection):
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + first)
        while not server.closing.is_set():
            connection.sendall(piece)

    return Server(answer)


SERVERS = {
    "gzip": lambda: packed("gzip"),
    "deflate": lambda: packed("deflate"),
    "body": lambda: endless(b"\r\n", b"x" * 65536),
    "headers": lambda: endless(b"", b"X-A: 1\r\n" * 1000),
    "header": lambda: endless(b"X-A: ", b"x" * 65536),
    "chunk": lambda: endless(CHUNKED + b"1;", b"x" * 65536),
    "trailer": lambda: endless(CHUNKED + b"0\r\n", b"X-A: " + b"x" * 60000 + b"\r\n"),
}


def main():
    """One call of each kind under the limit."""
    outgoing = client()
    with answering() as server:
        send(outgoing, call(server.url()))
    status = Path("/proc/self/status").read_text().split()
    limit = int(status[status.index("VmData:") + 1]) * 1024 + MORE
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    for kind, serve in SERVERS.items():
        with serve() as server:
            try:
                send(outgoing, call(server.url()), 0.6 if kind == "trailer" else 20)
            except OutgoingError as error:
                sys.stdout.write(f"{kind}: {type(error).__name__} {error.kind}\n")


if __name__ == "__main__":
    main()
