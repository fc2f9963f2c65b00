"""One call on its way: what it may use, how far it came, and what went wrong."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from http.client import HTTPException, IncompleteRead, LineTooLong, RemoteDisconnected
from time import monotonic
from typing import TYPE_CHECKING

import urllib3.exceptions

from rules.gateways._body import BodyTooLarge
from rules.outgoing import (
    Call,
    OutgoingError,
    Refused,
    TimedOut,
    TooLarge,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from rules.gateways._deadline import Alarm
    from rules.gateways._names import Names
    from rules.urls import Url

__all__ = ["Flight", "Halt"]

_SHORTEST_TIMEOUT = 0.001
_TLS = (ssl.SSLError, ssl.CertificateError, urllib3.exceptions.SSLError)
_TIMEOUT = (TimeoutError, urllib3.exceptions.TimeoutError)
_RESET = (ConnectionError, RemoteDisconnected, IncompleteRead, urllib3.exceptions.IncompleteRead)


class Halt(Exception):
    """Raised inside a library to end the call; `Flight.error` says why."""


class Flight:
    """State of one call; used by the thread that sends it and, for `shut`, by the monitor."""

    def __init__(
        self,
        call: Call,
        *,
        deadline: float,
        names: Names,
        allowed: Sequence[IPv4Network | IPv6Network],
    ) -> None:
        self.call = call
        self.started = monotonic()
        self.deadline = deadline
        self.names = names
        self.allowed = allowed
        connect = call.connect_seconds
        self.connect_by = deadline if connect is None else min(deadline, self.started + connect)
        self.url: Url | None = None
        self.phase = "connect"
        self.sent = False
        self.error: OutgoingError | None = None
        self.alarm: Alarm | None = None
        self.socket: socket.socket | None = None
        self.bytes_in = 0
        self.status: int | None = None

    @property
    def seconds(self) -> float:
        """From the start until now."""
        return monotonic() - self.started

    def remaining(self, until: float | None = None) -> float:
        """Seconds to the deadline, as a time-out for a socket."""
        return max(_SHORTEST_TIMEOUT, (self.deadline if until is None else until) - monotonic())

    def watch(self, sock: socket.socket) -> None:
        """From here on this is the socket that is shut when the deadline passes."""
        self.socket = sock
        if self.alarm is not None and self.alarm.fired:
            self.shut()

    def limit_socket(self) -> None:
        """The socket waits no longer than the deadline."""
        if self.socket is not None and self.socket.fileno() >= 0:
            self.socket.settimeout(self.remaining())

    def shut(self) -> None:
        """Shut the socket down; whoever waits on it wakes. Below TLS, whose state stays whole."""
        if self.socket is not None:
            with suppress(OSError):  # not connected yet, or closed by now
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def land(self) -> bool:
        """The socket is given back: the alarm may not touch it any more. False: it has fired."""
        if self.alarm is not None:
            self.alarm.disarm()
        self.socket = None
        return not self.late

    @property
    def late(self) -> bool:
        """Has the deadline fired?"""
        return self.alarm is not None and self.alarm.fired

    def fail(self, error: type[OutgoingError], kind: str) -> OutgoingError:
        """The error of this call; the first one stays."""
        if self.error is None:
            seconds = 0.0 if error is Refused else self.seconds
            self.error = error(self.call.purpose, kind, sent=self.sent, seconds=seconds)
            self.error.status = self.status
        return self.error

    def halt(self, error: type[OutgoingError], kind: str) -> Halt:
        """For a hook inside a library: keep the error, raise what is given back."""
        self.fail(error, kind)
        return Halt()

    def judge(self, problem: BaseException | None) -> OutgoingError | None:
        """The error of a call that ended with this problem of a library, or with none.

        Once the deadline has fired it is a time-out, whatever the library gave back.
        """
        if self.late and not isinstance(self.error, Refused):
            self.error = None
            return self.fail(TimedOut, self.phase)
        if self.error is not None or problem is None:
            return self.error
        causes = list(_causes(problem))
        for error, kind, kinds in (
            (TooLarge, "body", BodyTooLarge),
            (Unreachable, "tls", _TLS),
            (TimedOut, self.phase, _TIMEOUT),
            (TooLarge, "headers", LineTooLong),
            (Unreachable, "reset", _RESET),
        ):
            if any(isinstance(cause, kinds) for cause in causes):
                return self.fail(error, kind)
        if any(type(c) is HTTPException and "headers" in str(c) for c in causes):
            return self.fail(TooLarge, "headers")
        return self.fail(Unreachable, "protocol")


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The problem and everything it was made from."""
    waiting, seen = [problem], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        further = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting += [cause for cause in further if isinstance(cause, BaseException)]
