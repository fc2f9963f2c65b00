"""The address guard, inside the one place that opens connections.

A check in front of an ordinary client is not enough: a name can answer differently the second
time. Here the name is looked up once, every address found is judged, and the connection goes to
the very address that was judged. A connection outside a call of ours is never opened.
"""

from __future__ import annotations

import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from rules.gateways._flight import Flight, Halt
from rules.gateways._names import numeric
from rules.gateways._redact import in_call
from rules.outgoing import Refused, TimedOut, Unreachable
from rules.urls import as_address, may_reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.gateways._names import Found

__all__ = ["IDLE_SECONDS", "Adapter", "GuardedPool", "GuardedTlsPool"]

IDLE_SECONDS = 60.0


def _flight() -> Flight:
    flight: Flight | None = getattr(in_call, "flight", None)
    if flight is None:
        raise Halt
    return flight


def _addresses(flight: Flight, host: str, port: int) -> Sequence[Found]:
    """Every address of the host, all of them judged; ends the flight if one may not be reached."""
    url = flight.url
    if url is None or (url.host, url.port) != (host, port):
        raise flight.halt(Refused, "url")
    if url.address is not None:
        found = numeric(url.address, port)
    else:
        try:
            found = flight.names.find(host, port, flight.connect_by)
        except TimeoutError:
            raise flight.halt(TimedOut, "connect") from None
        except OSError:
            raise flight.halt(Unreachable, "name") from None
    if not found:
        raise flight.halt(Unreachable, "name")
    if not all(may_reach(address[0], flight.allowed) for _, address in found):
        raise flight.halt(Refused, "address")
    return found


def _open(flight: Flight, found: Sequence[Found], options: Any) -> socket.socket:
    """A connection to the first of these addresses that takes one."""
    for family, address in found:
        if monotonic() >= flight.connect_by:
            break
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(flight.remaining(flight.connect_by))
            sock.connect(address)
        except OSError:
            sock.close()
        else:
            return sock
    late = monotonic() >= flight.connect_by
    raise flight.halt(TimedOut if late else Unreachable, "connect")


class _Guarded(HTTPConnection):
    """What both kinds of connection share."""

    idle_since = 0.0
    _judged = False

    def _new_conn(self) -> socket.socket:
        """Look up, judge, connect; the peer must be one of the addresses judged."""
        flight = _flight()
        found = _addresses(flight, self._dns_host, self.port or 0)
        sock = _open(flight, found, self.socket_options)
        try:
            peer = as_address(sock.getpeername()[0])
        except (OSError, ValueError):
            sock.close()
            raise flight.halt(Unreachable, "connect") from None
        if peer not in {as_address(address[0]) for _, address in found}:
            sock.close()
            raise flight.halt(Refused, "address")
        sock.settimeout(flight.remaining(flight.connect_by))
        flight.watch(sock)
        self._judged = True
        return sock

    def connect(self) -> None:
        """Connect; a connection that did not pass the guard is closed at once."""
        flight = _flight()
        self._judged = False
        super().connect()
        if not self._judged:
            self.close()
            raise flight.halt(Refused, "address")
        flight.watch(self.sock)

    def send(self, data: Any) -> None:
        """Send bytes; from the first on the other side may have acted."""
        flight = _flight()
        if self.sock is None:
            self.connect()
        flight.watch(self.sock)
        flight.phase, flight.sent = "send", True
        self.sock.settimeout(flight.remaining())
        super().send(data)

    def getresponse(self) -> Any:
        """Status and headers."""
        flight = _flight()
        if flight.late:  # the library goes on after a broken pipe while sending
            raise flight.halt(TimedOut, flight.phase)
        flight.phase = "reply"
        self.timeout = flight.remaining()
        return super().getresponse()


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same under TLS."""


class GuardedPool(HTTPConnectionPool):
    """Connections to one host; kept at most a minute without use."""

    ConnectionCls = _Guarded

    def _get_conn(self, timeout: float | None = None) -> Any:
        conn = super()._get_conn(timeout)
        if isinstance(conn, _Guarded) and monotonic() - conn.idle_since > IDLE_SECONDS:
            conn.close()
        return conn

    def _put_conn(self, conn: Any) -> None:
        """Give a connection back; first the alarm lets go of its socket."""
        if isinstance(conn, _Guarded):
            if not _flight().land():
                conn.close()
            conn.idle_since = monotonic()
        super()._put_conn(conn)

    def close_idle(self, before: float) -> bool:
        """Close connections not used since; is one left?"""
        waiting: Any = self.pool
        left = False
        if waiting is not None:
            with waiting.mutex:
                for place, conn in enumerate(waiting.queue):
                    if conn is not None and conn.idle_since <= before:
                        conn.close()
                        waiting.queue[place] = None
                    left = left or waiting.queue[place] is not None
        return left


class GuardedTlsPool(GuardedPool, HTTPSConnectionPool):
    """The same under TLS."""

    ConnectionCls = _GuardedTls


class Adapter(HTTPAdapter):
    """Hands requests the pool of the call, and nothing else: no proxies, no other authorities."""

    def get_connection_with_tls_context(self, *_: Any, proxies: Any = None, **__: Any) -> Any:
        """The pool chosen for the call in this thread."""
        if proxies:
            raise Halt
        return in_call.pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The TLS context of the pool says what is trusted; nothing is changed here."""

    def proxy_manager_for(self, *_: Any, **__: Any) -> Any:
        """There is no detour."""
        raise Halt
