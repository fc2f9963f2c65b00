"""What short links need kept: domains, links, what bots hide, clicks. Protocols and their values.

A store finds and keeps; every decision (may this link be used again, is it live) is a rule of
`rules.links`, taken with the values found here.

>>> from datetime import UTC, datetime
>>> made = datetime(2026, 11, 18, tzinfo=UTC)
>>> link = Link(1, "s.example", DomainState.READY, "r4TzK9wq", "163", "", "https://a.example", made)
>>> link.life.expires is None
True
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rules.links import Device, Life

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.links.address import Origin

__all__ = [
    "Added",
    "Click",
    "ClickLog",
    "ClickStore",
    "Counts",
    "Day",
    "Domain",
    "DomainState",
    "DomainStore",
    "Link",
    "LinkServices",
    "LinkStore",
    "NewLink",
    "Personal",
    "Rate",
    "Seal",
    "Visit",
]


class DomainState(StrEnum):
    """A domain is asked for, proved, or out of use."""

    PENDING = "pending"
    READY = "ready"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain that short links begin with; `account` None: shared by all.

    Its owner proves it by answering with `token`.
    """

    id: int
    name: str
    account: str | None
    state: DomainState
    token: str
    created: datetime


class DomainStore(Protocol):
    """The short domains; names are in small letters."""

    def get(self, name: str) -> Domain | None:
        """The domain of this name."""
        ...

    def add(
        self, name: str, *, account: str | None, state: DomainState, token: str, now: datetime
    ) -> Domain:
        """The domain of this name, added unless it is there already, then left as it is."""
        ...

    def set_state(self, name: str, state: DomainState) -> bool:
        """Change the state; False when there is no such domain."""
        ...

    def all(self) -> Sequence[Domain]:
        """Every domain, in order of names."""
        ...


class Link(NamedTuple):
    """A stored link. `domain` is its domain's name, an empty `target` has been wiped.

    `used` counts human clicks, only of links with `max_clicks`.
    """

    id: int
    domain: str
    domain_state: DomainState
    code: str
    account: str
    header: str
    target: str
    created: datetime
    expires: datetime | None = None
    max_clicks: int | None = None
    used: int = 0
    disabled: bool = False

    @property
    def life(self) -> Life:
        """What decides about its state; a disabled domain disables its links."""
        disabled = self.disabled or self.domain_state is DomainState.DISABLED
        return Life(self.created, self.expires, self.max_clicks, self.used, disabled)


@dataclass(frozen=True, slots=True)
class Personal:
    """What belongs to a bot's link: its id, its bot, and the sealed pairs its target hides."""

    uid: str
    bot: str
    hidden: bytes = b""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to be kept; of links with the same `reuse` (not None) only one is kept."""

    domain: Domain
    code: str
    account: str
    header: str
    target: str
    created: datetime
    expires: datetime | None
    max_clicks: int | None = None
    reuse: int | None = None
    personal: Personal | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` new links of one account within the minute of this number."""

    limit: int
    minute: int


class Added(Enum):
    """What became of a new link: kept, its code or `reuse` is taken, the rate is reached."""

    DONE = "done"
    TAKEN = "taken"
    LIMITED = "limited"


class Visit(NamedTuple):
    """A click as it came in; address and User-Agent are not kept, only a mark made of them."""

    link: int
    at: datetime
    human: bool
    device: Device
    address: str
    agent: str


class Click(NamedTuple):
    """A click as it is kept."""

    link: int
    at: datetime
    human: bool
    device: Device
    visitor: int


class Counts(NamedTuple):
    """Clicks of one link; `visitors`, `first` and `last` are of human clicks."""

    human: int = 0
    bot: int = 0
    visitors: int = 0
    first: datetime | None = None
    last: datetime | None = None


class Day(NamedTuple):
    """Clicks of one link on one day, written `2026-11-18`."""

    day: str
    human: int
    bot: int
    visitors: int
    mobile: int
    desktop: int
    other: int


class LinkStore(Protocol):
    """The links."""

    def find(self, domain: str, code: str) -> Link | None:
        """The link of this code, case counts."""
        ...

    def by_reuse(self, reuse: int) -> tuple[Link, Personal | None] | None:
        """The link kept for equal requests, with what belongs to it when it is a bot's."""
        ...

    def by_uid(self, uid: str) -> tuple[Link, Personal] | None:
        """A bot's link by its id."""
        ...

    def add(self, new: NewLink, *, replaces: int | None = None, rate: Rate | None = None) -> Added:
        """Keep a link, in place of the link `replaces` where equal requests are answered."""
        ...

    def use(self, link: int) -> bool:
        """Count a human click of a link with a limit; False when none is left."""
        ...

    def rows(self, after: int, limit: int, *, account: str | None = None) -> Sequence[Link]:
        """Links with ids above `after`, in order of ids; of one account where given."""
        ...

    def count(self, account: str | None = None) -> int:
        """How many links there are; of one account where given."""
        ...

    def disable(self, links: Sequence[int], now: datetime) -> int:
        """Disable links by id; gives back how many were not disabled before."""
        ...

    def sweep(self, now: datetime, limit: int) -> int:
        """Wipe targets and hidden data of links that expired 90 days ago, at most `limit`."""
        ...


class ClickStore(Protocol):
    """The clicks, and the key of the day's visitor marks."""

    def keep(self, clicks: Sequence[Click]) -> None:
        """Keep clicks."""
        ...

    def counts(self, link: int) -> Counts:
        """Clicks of a link."""
        ...

    def days(self, link: int) -> Sequence[Day]:
        """Clicks of a link by day of Indian time, oldest first."""
        ...

    def visitor_key(self, day: int, fresh: bytes) -> bytes:
        """The key of a day's visitor marks: `fresh`, unless there is one; older keys are gone."""
        ...


class ClickLog(Protocol):
    """Where clicks go after the answer; nothing here may fail a redirect."""

    def add(self, visit: Visit) -> None:
        """Take a click; never raises, never waits."""
        ...

    def flush(self) -> None:
        """Wait until every click taken so far is kept, or given up."""
        ...


class Seal(Protocol):
    """Keeps what bots hide unreadable in the database."""

    def close(self, uid: str, text: bytes) -> bytes:
        """The text sealed, only to be opened for the same uid."""
        ...

    def open(self, uid: str, sealed: bytes) -> bytes | None:
        """The text, None when no key of ours opens it."""
        ...

    def digest(self, text: bytes) -> int:
        """A number of 63 bits that stands for the text; keyed where there is a key."""
        ...


@dataclass(frozen=True)
class LinkServices:
    """Everything short links need from outside; `shared` is the domain all accounts may use."""

    links: LinkStore
    domains: DomainStore
    clicks: ClickStore
    log: ClickLog
    seal: Seal
    shared: Origin | None = None
