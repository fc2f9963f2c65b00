"""What flow ends need from outside: a store of what was received, of endpoints and of messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from rules.webhooks.endpoints import CheckResult, Endpoint
    from rules.webhooks.messages import Attempt, Message, MessageState

__all__ = ["CallEnd", "Endpoints", "FlowEnds", "MessageCounts", "Messages", "Pusher", "Received"]


@dataclass(frozen=True)
class CallEnd:
    """How a call ended, for whoever ordered it: end, cause of hang-up, talk in milliseconds."""

    uuid: str
    end: datetime | None
    cause: str
    talk_ms: int | None


@dataclass(frozen=True)
class Received:
    """A payload as it came: `digest` is of its content, whatever the order of its members."""

    id: str
    account: str
    uuid: str
    digest: str
    body: bytes = field(repr=False)
    at: datetime
    call: CallEnd


@dataclass(frozen=True)
class MessageCounts:
    """How many messages stand where, since when the oldest waits, which endpoints are disabled."""

    by_state: dict[MessageState, int]
    oldest_pending: datetime | None
    disabled: tuple[Endpoint, ...]


class FlowEnds(Protocol):
    """Received payloads."""

    def keep(self, received: Received, push: Message | None) -> tuple[bool, str]:
        """Keep a payload and queue its message, both or neither.

        `False` and the first one's id when the same content was received before; the same uuid
        with other content is a new version. A second message for one endpoint and uuid is none.
        """
        ...

    def call_end(self, uuid: str, account: str = "") -> CallEnd | None:
        """How a call ended, by the newest version received; of one account when it is named."""
        ...


class Endpoints(Protocol):
    """Webhooks of accounts."""

    def add(self, endpoint: Endpoint) -> None:
        """Keep a new one; as default it takes that from the other."""
        ...

    def change(
        self, endpoint_id: str, rule: Callable[[Endpoint], Endpoint], *, now: datetime
    ) -> Endpoint | None:
        """Make of one as it stands what the rule says; `None` when it is not there.

        Enabling it sets its held messages to pending, disabling holds them.
        """
        ...

    def remove(self, endpoint_id: str) -> bool:
        """Delete one with its messages; was it there?"""
        ...

    def get(self, endpoint_id: str) -> Endpoint | None:
        """One by id."""
        ...

    def of_account(self, account: str) -> Sequence[Endpoint]:
        """All of an account, oldest first."""
        ...

    def default_of(self, account: str) -> Endpoint | None:
        """The account's default."""
        ...


class Messages(Protocol):
    """Messages to endpoints."""

    def queue(self, message: Message) -> bool:
        """Keep a new message and start its delivery; `False` when it was there."""
        ...

    def claim(self, message_id: str, *, now: datetime) -> tuple[Message, Endpoint, datetime] | None:
        """Take a due message for one attempt; `None` when there is nothing to do now.

        The moment is when the attempt was due.
        """
        ...

    def finish(self, message: Message, endpoint: Endpoint, *, was: Message, now: datetime) -> bool:
        """Store what an attempt came to and start what follows; `False`: the claim had run out."""
        ...

    def replay(self, ids: Sequence[str], *, now: datetime, account: str | None = None) -> int:
        """Send delivered or failed messages again, under their ids; how many."""
        ...

    def listing(
        self,
        *,
        account: str | None = None,
        states: Sequence[MessageState] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:
        """Messages, newest first."""
        ...

    def counts(self) -> MessageCounts:
        """Numbers for the health page."""
        ...

    def sweep(self, before: datetime, *, limit: int = 500) -> int:
        """Delete a batch of finished messages made before a moment; how many."""
        ...


class Pusher(Protocol):
    """What sends to endpoints."""

    def send(self, message: Message, endpoint: Endpoint, now: datetime) -> Attempt:
        """Send a message once, signed as of now; never raises for what comes back."""
        ...

    def check(self, endpoint: Endpoint) -> CheckResult:
        """Ask an endpoint whether it is there."""
        ...
