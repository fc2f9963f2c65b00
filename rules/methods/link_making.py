"""What all ways of making a link share: the tenant, the domain, the header, the making itself."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.errors import RulesError, TooMany, UnknownToken
from rules.links import LINKS, LinkSettings, make_code, may_reuse
from rules.links.address import Place, write_short
from rules.services import need
from rules.services.links import Added, DomainState, Link, LinkServices, Personal, Rate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rules.services import Services
    from rules.services.links import Domain, NewLink
    from rules.settings import Accounts

__all__ = [
    "Made",
    "OwnDomains",
    "Tenant",
    "choose_domain",
    "choose_header",
    "find_tenant",
    "keep_link",
    "links_of",
    "spoken",
    "tenant_of",
]

DEFAULT_TOKEN = "abcd1234"  # noqa: S105  older documents print it; it works only where allowed
DRAWS = 6
"""The first draw of a code, and five more when it is taken."""


@dataclass(frozen=True)
class Tenant:
    """Whose link it is: an account, empty for the default tenant, and its settings."""

    account: str
    settings: LinkSettings


@dataclass(frozen=True)
class Made:
    """A link that was made, or found again."""

    domain: str
    header: str
    code: str
    expires: datetime | None
    personal: Personal | None = None

    def short(self, services: Services) -> str:
        """The short link."""
        return write_short(Place(self.domain, self.header, self.code), links_of(services).shared)


class OwnDomains:
    """Names of our short domains, as a container: what is in it is no target."""

    def __init__(self, links: LinkServices) -> None:
        self._links = links

    def __contains__(self, name: object) -> bool:
        shared = self._links.shared
        if shared is not None and shared.name == name:
            return True
        found = self._links.domains.get(str(name))
        return found is not None and found.state is not DomainState.PENDING


def links_of(services: Services) -> LinkServices:
    """The link services of this installation."""
    return need(services.links, "store for links")


def tenant_of(services: Services, account: str) -> Tenant:
    """The tenant of an account id; one that nobody wrote down has the default settings."""
    return Tenant(account, services.accounts().settings(LINKS, account or None))


def find_tenant(services: Services, token: str) -> Tenant:
    """The tenant of a customer's token; raises `UnknownToken`."""
    accounts = services.accounts()
    digest = hashlib.sha256(token.encode()).digest()
    account = None
    for known, owner in _tokens(accounts):  # all of them, so that time says nothing
        if hmac.compare_digest(known, digest):
            account = owner
    default = hashlib.sha256(DEFAULT_TOKEN.encode()).digest()
    if services.settings.default_tenant and hmac.compare_digest(default, digest):
        account = ""
    if account is None or not (found := tenant_of(services, account)).settings.enabled:
        raise UnknownToken("custToken is not known here")
    return found


@lru_cache(maxsize=2)
def _tokens(accounts: Accounts) -> tuple[tuple[bytes, str], ...]:
    """Every token's SHA-256 and its account; a token written for two accounts is nobody's."""
    found: dict[bytes, set[str]] = {}
    for scope, name, keys in accounts.scopes():
        if scope != "flow" and "link_tokens" in keys:
            for token in accounts.settings(LINKS, name).tokens:
                found.setdefault(token, set()).add(name or "")
    return tuple((token, owners.pop()) for token, owners in found.items() if len(owners) == 1)


def choose_domain(services: Services, tenant: Tenant, wanted: str | None) -> Domain | None:
    """The domain for a new link, None when the one wanted cannot be used by this tenant.

    Without a wish it is the tenant's own default, then the shared one.
    """
    links = links_of(services)
    shared = links.shared
    name = wanted or tenant.settings.domain or (shared.name if shared else None)
    if name is None:
        return None
    found = links.domains.get(name)
    if found is None and shared is not None and name == shared.name:
        found = links.domains.add(
            name, account=None, state=DomainState.READY, token="", now=services.clock()
        )
    if found is None or found.state is not DomainState.READY:
        return None
    return found if found.account in (None, tenant.account) else None


def choose_header(tenant: Tenant, wanted: str | None) -> str | None:
    """The header for a new link, empty for none; None when the one wanted is not the tenant's."""
    if wanted is None:
        return tenant.settings.default_header or ""
    header = wanted.upper()
    return header if header in tenant.settings.headers else None


def spoken(moment: datetime | None, tenant: Tenant) -> str:
    """A moment as replies have it, in the tenant's zone; empty for never."""
    return "" if moment is None else moment.astimezone(tenant.settings.zone).isoformat()


def keep_link(
    services: Services,
    new: NewLink,
    *,
    length: int,
    same: Callable[[Link, Personal | None], bool],
    whole_life: bool = False,
    rate: int | None = None,
) -> Made:
    """The kept link that answers an equal request, else `new` under a code of its own.

    `same` decides whether a link found by `new.reuse` is of an equal request: that number is only
    a short mark of it. `rate` is the number of new links allowed to the account in this minute.
    """
    store = links_of(services).links
    now = services.clock()
    minute, second = divmod(int(now.timestamp()), 60)
    for _ in range(DRAWS):
        replaces = None
        if new.reuse is not None and (found := store.by_reuse(new.reuse)) is not None:
            link, personal = found
            if not same(link, personal):
                new = replace(new, reuse=None)
            elif may_reuse(now, link.life, whole_life=whole_life):
                return Made(link.domain, link.header, link.code, link.expires, personal)
            else:
                replaces = link.id
        new = replace(new, code=make_code(services.draw, length))
        limit = None if rate is None else Rate(rate, minute)
        added = store.add(new, replaces=replaces, rate=limit)
        if added is Added.LIMITED:
            raise TooMany(f"more than {rate} links in a minute", 60 - second)
        if added is Added.DONE:
            return Made(new.domain.name, new.header, new.code, new.expires, new.personal)
    raise RulesError("no free code was found")
