"""Real servers on loopback for tests of the outgoing client: plain, under TLS, and misbehaving.

Each answers every connection in a thread of its own with a function of the socket and the request
that was read; a reply is sent in one write unless the test is about something else.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rules.gateways.http import HttpClient
from rules.outgoing import Call
from rules.settings import Settings

LOOPBACK = Settings.from_mapping({"RULES_OUTGOING_ALLOWED": "127.0.0.0/8, ::1/128"})


def client(**options):
    """A client that may reach loopback."""
    options.setdefault("allowed", LOOPBACK.outgoing_allowed)
    return HttpClient(**options)


def call(url, **options):
    options.setdefault("verb", "POST")
    options.setdefault("allow_http", True)
    return Call(url=url, **options)


def send(outgoing, one, seconds=5.0):
    return outgoing.send(one, deadline=time.monotonic() + seconds)


def reply(body=b"ok", status="200 OK", headers=()):
    """A whole reply as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Server:
    """A listening socket on loopback; `connections` and `requests` are what arrived."""

    answer: object
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    accept: bool = True
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.listener = socket.create_server((self.host, 0), family=family, backlog=200)
        self.port = self.listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads = []
        if self.accept:
            self._thread = threading.Thread(target=self._run)
            self._thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        if self.accept:
            self._thread.join()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def url(self, path="/", host=None, scheme=None):
        scheme = scheme or ("https" if self.tls else "http")
        host = host or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"{scheme}://{host}:{self.port}{path}"

    def pending(self):
        """Connections that wait to be accepted (for a server that accepts none itself)."""
        self.listener.settimeout(0.05)
        count = 0
        while True:
            try:
                self.listener.accept()[0].close()
            except TimeoutError:
                return count
            count += 1

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        plain = connection
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.answer(self, connection)
        except (OSError, ValueError) as fault:
            self.faults.append(fault)
        finally:
            self._open.discard(plain)
            connection.close()
            plain.close()

    def read(self, connection):
        """One request with its body, kept in `requests`; None at the end."""
        data = b""
        while b"\r\n\r\n" not in data:
            portion = connection.recv(65536)
            if not portion:
                return None
            data += portion
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            portion = connection.recv(65536)
            if not portion:
                return None
            body += portion
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]


def answering(data=None, **options):
    """A server that gives every request, on any number of connections, the same bytes."""
    data = reply() if data is None else data

    def answer(server, connection):
        while server.read(connection) is not None:
            connection.sendall(data)

    return Server(answer, **options)


def once(data, **options):
    """A server that answers one request a connection and closes."""

    def answer(server, connection):
        server.read(connection)
        connection.sendall(data)

    return Server(answer, **options)


def dripping(first, piece, pause=0.4):
    """A server that sends `first`, then `piece` again and again with a pause."""

    def answer(server, connection):
        server.read(connection)
        connection.sendall(first)
        while True:
            time.sleep(pause)
            connection.sendall(piece)

    return Server(answer)


def silent(*, reads=True):
    """A server that never answers; with `reads` false it does not even read."""

    def answer(server, connection):
        if reads:
            server.read(connection)
        server.closing.wait()

    return Server(answer)


def closed_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Authority:
    """A certificate authority of our own, and what it signs."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, host, *, days=1, own=False):
        """A server context with a certificate for `host`; `own`: signed by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name if own else self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=10))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(key if own else self.key, hashes.SHA256())
        )
        path = self.folder / f"{host}-{days}-{own}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def found(*addresses):
    """A resolver double: the same addresses for every name, in this order."""

    def find(host, port):
        find.asked.append(host)
        return [
            (socket.AF_INET6, (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, (address, port))
            for address in addresses
        ]

    find.asked = []
    return find
