"""The one outgoing HTTP client: everything that leaves the process goes through here.

The addresses called are written by flow designers and filled from callers' input, so the client
trusts neither. It reads the URL strictly, judges every address inside the connection, keeps a
wall-clock deadline and a size limit, follows no redirect, reads no proxy, `.netrc` or authority
from the environment, and logs neither path nor header nor body.
"""

from __future__ import annotations

import os
import weakref
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any

from urllib3.util import Retry, Timeout

from rules.gateways._body import decoder_for, read_body
from rules.gateways._connection import Adapter
from rules.gateways._deadline import Monitor
from rules.gateways._flight import Flight
from rules.gateways._line import write_line
from rules.gateways._names import Names, look_up
from rules.gateways._pools import Pools, tls_context
from rules.gateways._redact import in_call, redactor
from rules.gateways._request import prepare
from rules.gateways._startcheck import GuardBroken, check
from rules.outgoing import OutgoingError, Refused, Reply, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from requests import PreparedRequest, Response

    from rules.gateways._connection import GuardedPool
    from rules.gateways._names import Found
    from rules.outgoing import Call
    from rules.settings import Settings

__all__ = ["GuardBroken", "HttpClient", "open_client"]

_clients: weakref.WeakSet[HttpClient] = weakref.WeakSet()


class HttpClient:
    """Implements `rules.outgoing.Outgoing`.

    `allowed` are networks that may be reached although they are not public, `ca_file` holds
    further certificate authorities, `find` looks names up. Threads start with the first call;
    a client made before a fork may be used in every child.
    """

    def __init__(
        self,
        *,
        allowed: Sequence[IPv4Network | IPv6Network] = (),
        ca_file: str = "",
        find: Callable[[str, int], Sequence[Found]] = look_up,
    ) -> None:
        self._allowed = tuple(allowed)
        self._adapter = Adapter(max_retries=Retry(0, read=False))
        self._monitor = Monitor()
        self._names = Names(find)
        self._pools = Pools(self._monitor, tls_context(ca_file))
        redactor.install()
        _clients.add(self)

    def send(self, call: Call, *, deadline: float) -> Reply:
        """Send and give back the reply of any status; raises `OutgoingError`, nothing else."""
        flight = Flight(call, deadline=deadline, names=self._names, allowed=self._allowed)
        hidden = redactor.hide(call.secrets)
        try:
            outcome = self._fly(flight)
            write_line(flight, outcome)
        finally:
            redactor.show(hidden)
        if isinstance(outcome, OutgoingError):
            raise outcome
        return outcome

    def now(self) -> float:
        """The present on the clock of deadlines."""
        return monotonic()

    def close(self) -> None:
        """Close kept connections and end the threads."""
        self._pools.close()
        self._monitor.stop()
        self._names.stop()

    def reset(self) -> None:
        """In the child of a fork: threads and connections are the parent's."""
        self._monitor.reset()
        self._names.reset()
        self._pools.reset()

    def _fly(self, flight: Flight) -> Reply | OutgoingError:
        """Reply or error; raised later, outside of every handler, so no library error hangs on."""
        request = prepare(flight)
        if request is None or flight.url is None:
            return flight.fail(Refused, "url")
        if flight.deadline <= monotonic():
            return flight.fail(TimedOut, "connect")
        keep = flight.call.keep_alive
        pool = self._pools.kept(keep, flight.url) if keep else self._pools.make(flight.url)
        problem: Exception | None = None
        reply: Reply | None = None
        flight.alarm = self._monitor.arm(flight.deadline, flight.shut)
        try:
            reply = self._exchange(flight, request, pool)
        except Exception as error:  # noqa: BLE001  judged below; its text would hold the URL
            problem = error
        finally:
            flight.land()
            if not keep:
                pool.close()
        return flight.judge(problem) or reply or flight.fail(TimedOut, flight.phase)

    def _exchange(self, flight: Flight, request: PreparedRequest, pool: GuardedPool) -> Reply:
        """Send, and read the reply to its end."""
        in_call.flight, in_call.pool = flight, pool
        try:
            timeout: Any = Timeout(total=flight.remaining())
            response = self._adapter.send(request, stream=True, timeout=timeout)
            flight.status = response.status_code
            body = _read(flight, request, response)
        finally:
            in_call.flight = in_call.pool = None
        headers = tuple(response.raw.headers.items())
        return Reply(response.status_code, headers, body, flight.seconds)


def _read(flight: Flight, request: PreparedRequest, response: Response) -> bytes:
    """The body; a connection whose reply was not read to its end is closed."""
    raw = response.raw
    offered: Any = request.headers["Accept-Encoding"]
    decoder = decoder_for(raw.headers.get("Content-Encoding", ""), offered.decode())

    def read(size: int) -> bytes:
        flight.limit_socket()
        portion: bytes = raw.read(size, decode_content=False)
        flight.bytes_in += len(portion)
        return portion

    try:
        return read_body(read, decoder, flight.call.max_reply)
    except BaseException:
        raw.close()
        raise
    finally:
        raw.release_conn()


def open_client(settings: Settings) -> HttpClient:
    """The client of an installation; raises `GuardBroken` when the guard does not hold."""
    _check_once()
    return HttpClient(allowed=settings.outgoing_allowed, ca_file=settings.ca_file)


@cache  # a failure is not kept
def _check_once() -> None:
    """Try the guard when the process starts; what it has imported stays what it was."""
    tried: list[HttpClient] = []

    def bare(find: Callable[[str, int], Sequence[Found]]) -> HttpClient:
        tried.append(HttpClient(find=find))
        return tried[-1]

    try:
        check(bare)
    finally:
        for client in tried:
            client.close()


def _after_fork() -> None:
    redactor.reset()
    for client in _clients:
        client.reset()


os.register_at_fork(after_in_child=_after_fork)
