"""What leaves the process over HTTP: a call, its reply, and the four ways it can fail.

The one client that implements `Outgoing` is `rules.gateways.http`. Callers prepare a `Call`, give
a deadline on the monotonic clock, and read a `Reply` of any status, or catch an `OutgoingError`.
The text of an error names purpose and kind, never URL, header or body.

>>> Call("POST", "https://hooks.example/a", purpose="delivery").max_reply
1048576
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Call",
    "Outgoing",
    "OutgoingError",
    "Refused",
    "Reply",
    "TimedOut",
    "TooLarge",
    "Unreachable",
]


@dataclass(frozen=True)
class Call:
    """One request to another host, ready to send.

    `secrets` are texts that must never show in a log while the call lives. `keep_alive` is the
    account within whose calls the connection may be kept, empty for a new connection each time.
    `connect_seconds` bounds the name look-up and connect alone, inside the deadline.
    """

    verb: str
    url: str = field(repr=False)
    headers: Sequence[tuple[str, bytes]] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    allow_http: bool = False
    max_reply: int = 1_048_576
    purpose: str = "call"
    secrets: Sequence[str] = field(default=(), repr=False)
    keep_alive: str = ""
    account: str = ""
    request_id: str = ""
    connect_seconds: float | None = None


@dataclass(frozen=True)
class Reply:
    """What the other side answered; `seconds` from name look-up to last byte."""

    status: int
    headers: Sequence[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float

    def header(self, name: str) -> str | None:
        """First header of this name, any case."""
        wanted = name.casefold()
        return next((value for key, value in self.headers if key.casefold() == wanted), None)


class OutgoingError(RulesError):
    """No usable reply. `kind` says why; `sent` whether the other side could have acted.

    `status` is there when the reply began well and its body was too large.
    """

    code = "OUTGOING"

    def __init__(self, purpose: str, kind: str, *, sent: bool, seconds: float) -> None:
        super().__init__(f"{purpose}: {type(self).__name__} ({kind})")
        self.purpose = purpose
        self.kind = kind
        self.sent = sent
        self.seconds = seconds
        self.status: int | None = None


class Refused(OutgoingError):
    """Not sent: `url`, `scheme`, `address` or `header`."""


class TimedOut(OutgoingError):
    """The deadline passed while in `connect`, `send` or `reply`."""


class Unreachable(OutgoingError):
    """No usable reply: `name`, `connect`, `tls`, `reset` or `protocol`."""


class TooLarge(OutgoingError):
    """The reply's `body` or `headers` passed the limits."""


class Outgoing(Protocol):
    """The one client for everything that leaves the process."""

    def send(self, call: Call, *, deadline: float) -> Reply:
        """Send and give back the reply; raises `OutgoingError`, never a library's error."""
        ...

    def now(self) -> float:
        """The present on the clock of deadlines."""
        ...
