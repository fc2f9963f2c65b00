"""Short links in memory, for tests: the same contract as the tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING

from rules.links.address import shared_origin
from rules.links.clicks import Device, day_number
from rules.services.links import Added, Counts, Day, Domain, Link, LinkServices
from rules.storage.click_log import DirectClicks
from rules.storage.link_clicks import day_text
from rules.storage.link_tables import from_second, to_second
from rules.storage.links import WIPED_AFTER
from rules.storage.seal import DataSeal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.services.links import Click, DomainState, NewLink, Personal, Rate
    from rules.settings import Settings

__all__ = ["MemoryClicks", "MemoryDomains", "MemoryLinks", "memory_links"]


def memory_links(settings: Settings) -> LinkServices:
    """Everything short links need, kept in memory; each click is kept at once."""
    domains, clicks = MemoryDomains(), MemoryClicks()
    return LinkServices(
        MemoryLinks(domains),
        domains,
        clicks,
        DirectClicks(clicks),
        DataSeal(settings.data_key),
        shared_origin(settings.link_domain),
    )


class MemoryDomains:
    """`DomainStore` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Domain] = {}
        self._lock = RLock()

    def get(self, name: str) -> Domain | None:
        """The domain of this name."""
        return self._kept.get(name)

    def add(
        self, name: str, *, account: str | None, state: DomainState, token: str, now: datetime
    ) -> Domain:
        """The domain of this name, added unless it is there already, then left as it is."""
        with self._lock:
            new = Domain(len(self._kept) + 1, name, account, state, token, _whole(now))
            return self._kept.setdefault(name, new)

    def set_state(self, name: str, state: DomainState) -> bool:
        """Change the state; False when there is no such domain."""
        with self._lock:
            if found := self._kept.get(name):
                self._kept[name] = replace(found, state=state)
        return found is not None

    def all(self) -> Sequence[Domain]:
        """Every domain, in order of names."""
        return sorted(self._kept.values(), key=lambda domain: domain.name)


@dataclass(slots=True)
class _Kept:
    """A link and what only the store sees of it."""

    new: NewLink
    id: int
    target: str
    reuse: int | None
    personal: Personal | None
    used: int = 0
    disabled: bool = False


class MemoryLinks:
    """`LinkStore` in memory."""

    def __init__(self, domains: MemoryDomains) -> None:
        self._domains = domains
        self._lock = RLock()
        self._ids = count(1)
        self._kept: dict[int, _Kept] = {}
        self._codes: dict[tuple[str, str], _Kept] = {}
        self._reuse: dict[int, _Kept] = {}
        self._uids: dict[str, _Kept] = {}
        self._rates: dict[str, tuple[int, int]] = {}

    def find(self, domain: str, code: str) -> Link | None:
        """The link of this code, case counts."""
        kept = self._codes.get((domain, code))
        return None if kept is None else self._link(kept)

    def by_reuse(self, reuse: int) -> tuple[Link, Personal | None] | None:
        """The link kept for equal requests, with what belongs to it when it is a bot's."""
        kept = self._reuse.get(reuse)
        return None if kept is None else (self._link(kept), kept.personal)

    def by_uid(self, uid: str) -> tuple[Link, Personal] | None:
        """A bot's link by its id."""
        kept = self._uids.get(uid)
        return (self._link(kept), kept.personal) if kept and kept.personal else None

    def add(self, new: NewLink, *, replaces: int | None = None, rate: Rate | None = None) -> Added:
        """Keep a link, in place of the link `replaces` where equal requests are answered."""
        with self._lock:
            place = None if new.reuse is None else self._reuse.get(new.reuse)
            old = place if place is not None and place.id == replaces else None
            taken = (new.domain.name, new.code) in self._codes or place is not old
            if not taken and rate is not None and not self._count(new.account, rate):
                return Added.LIMITED
            if old is not None:
                self._release(old)
            if taken:
                return Added.TAKEN
            kept = _Kept(new, next(self._ids), new.target, new.reuse, new.personal)
            self._kept[kept.id] = self._codes[new.domain.name, new.code] = kept
            if new.reuse is not None:
                self._reuse[new.reuse] = kept
            if new.personal is not None:
                self._uids[new.personal.uid] = kept
            return Added.DONE

    def use(self, link: int) -> bool:
        """Count a human click of a link with a limit; False when none is left."""
        with self._lock:
            kept = self._kept[link]
            left = kept.new.max_clicks is not None and kept.used < kept.new.max_clicks
            kept.used += left
            return left

    def rows(self, after: int, limit: int, *, account: str | None = None) -> Sequence[Link]:
        """Links with ids above `after`, in order of ids; of one account where given."""
        found = [kept for kept in list(self._kept.values()) if kept.id > after]
        return [
            self._link(kept) for kept in found if account is None or kept.new.account == account
        ][:limit]

    def count(self, account: str | None = None) -> int:
        """How many links there are; of one account where given."""
        return sum(account in (None, kept.new.account) for kept in list(self._kept.values()))

    def disable(self, links: Sequence[int], now: datetime) -> int:  # noqa: ARG002  the tables keep it
        """Disable links by id; gives back how many were not disabled before."""
        with self._lock:
            found = [self._kept[link] for link in links if not self._kept[link].disabled]
            for kept in found:
                kept.disabled = True
        return len(found)

    def sweep(self, now: datetime, limit: int) -> int:
        """Wipe targets and hidden data of links that expired 90 days ago, at most `limit`."""
        with self._lock:
            old = [kept for kept in self._kept.values() if kept.target and _is_old(kept, now)]
            for kept in old[:limit]:
                self._release(kept)
                kept.target = ""
                kept.personal = kept.personal and replace(kept.personal, hidden=b"")
        return len(old[:limit])

    def _release(self, kept: _Kept) -> None:
        """Equal requests no longer find this link."""
        if kept.reuse is not None:
            self._reuse.pop(kept.reuse, None)
        kept.reuse = None

    def _count(self, account: str, rate: Rate) -> bool:
        minute, made = self._rates.get(account, (rate.minute, 0))
        made = made + 1 if minute == rate.minute else 1
        if made <= rate.limit:
            self._rates[account] = (rate.minute, made)
        return made <= rate.limit

    def _link(self, kept: _Kept) -> Link:
        new = kept.new
        domain = self._domains.get(new.domain.name) or new.domain
        return Link(
            kept.id,
            domain.name,
            domain.state,
            new.code,
            new.account,
            new.header,
            kept.target,
            _whole(new.created),
            None if new.expires is None else _whole(new.expires),
            new.max_clicks,
            kept.used,
            kept.disabled,
        )


class MemoryClicks:
    """`ClickStore` in memory."""

    def __init__(self) -> None:
        self._kept: list[Click] = []
        self._key: tuple[int, bytes] = (-1, b"")
        self._lock = RLock()

    def keep(self, clicks: Sequence[Click]) -> None:
        """Keep clicks."""
        self._kept += [click._replace(at=_whole(click.at)) for click in clicks]

    def counts(self, link: int) -> Counts:
        """Clicks of a link."""
        found = [click for click in self._kept if click.link == link]
        moments = [click.at for click in found if click.human]
        visitors = {click.visitor for click in found if click.human}
        first, last = min(moments, default=None), max(moments, default=None)
        return Counts(len(moments), len(found) - len(moments), len(visitors), first, last)

    def days(self, link: int) -> Sequence[Day]:
        """Clicks of a link by day of Indian time, oldest first."""
        found = [click for click in self._kept if click.link == link]
        return [
            _day(number, [click for click in found if day_number(click.at) == number])
            for number in sorted({day_number(click.at) for click in found})
        ]

    def visitor_key(self, day: int, fresh: bytes) -> bytes:
        """The key of a day's visitor marks: `fresh`, unless there is one; older keys are gone."""
        with self._lock:
            if self._key[0] < day:
                self._key = (day, fresh)
            return self._key[1]


def _whole(moment: datetime) -> datetime:
    """The moment as the tables keep it."""
    return from_second(to_second(moment))


def _is_old(kept: _Kept, now: datetime) -> bool:
    return kept.new.expires is not None and _whole(kept.new.expires) < _whole(now - WIPED_AFTER)


def _day(number: int, clicks: Sequence[Click]) -> Day:
    human = [click for click in clicks if click.human]
    visitors = {click.visitor for click in human}
    devices = [sum(click.device is device for click in human) for device in Device]
    return Day(day_text(number), len(human), len(clicks) - len(human), len(visitors), *devices)
