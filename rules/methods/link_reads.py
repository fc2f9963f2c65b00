"""What is known of a link: its clicks for its tenant, its hidden variables for its bot."""

from __future__ import annotations

import hmac
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from rules.errors import LinkGone, Unauthorized, UnknownLink
from rules.links import LINKS, State, state_at
from rules.links.address import read_short
from rules.methods._answer import Answer
from rules.methods.link_creation import PREFIX
from rules.methods.link_making import find_tenant, links_of, spoken
from rules.methods.short_url import TOKEN, flat, read_flat

if TYPE_CHECKING:
    from rules.methods.link_making import Tenant
    from rules.services import Services
    from rules.services.links import Link
    from rules.settings import Accounts

__all__ = ["find_link", "hidden_data", "link_stats", "stats_of"]

_SHORT_URL = "shorturl"


def link_stats(body: Any, services: Services, *, request_id: str | None = None) -> Answer:
    """Clicks of a tenant's link, for `{"custToken": ..., "shortUrl": ...}`. Never raises."""
    request_id = request_id or str(uuid.uuid4())
    try:
        request = read_flat(body)
        tenant = find_tenant(services, request.read((TOKEN,))[TOKEN])
        short = {name.casefold(): value for name, value in request.keys}.get(_SHORT_URL)
        link = _own_link(services, short or "", tenant)
        return Answer(200, stats_of(services, link, tenant), "links/stats", account=tenant.account)
    except Exception as error:  # noqa: BLE001  a failure of ours is an answer too
        return flat(error, request_id, "links/stats", {})


def _own_link(services: Services, short: str, tenant: Tenant) -> Link:
    link = find_link(services, short)
    if link is None or link.account != tenant.account:
        raise UnknownLink("no such link of this tenant")
    return link


def find_link(services: Services, short: str) -> Link | None:
    """The link a short link names, header included."""
    place = read_short(short)
    if place is None:
        return None
    link = links_of(services).links.find(place.domain, place.code)
    return link if link is not None and link.header == place.header else None


def stats_of(services: Services, link: Link, tenant: Tenant) -> dict[str, Any]:
    """Counts, moments and state of a link."""
    links = links_of(services)
    links.log.flush()
    counts = links.clicks.counts(link.id)
    return {
        "human": counts.human,
        "bot": counts.bot,
        "visitors": counts.visitors,
        "firstClick": spoken(counts.first, tenant),
        "lastClick": spoken(counts.last, tenant),
        "created": spoken(link.created, tenant),
        "expiresAt": spoken(link.expires, tenant),
        "state": state_at(services.clock(), link.life).value,
    }


def hidden_data(uid: str, key: str, services: Services, *, request_id: str | None = None) -> Answer:
    """What a bot's link hides, for the bot's own `key`. Never raises."""
    request_id = request_id or str(uuid.uuid4())
    try:
        pairs = _hidden(uid, key, services)
        keys = [{"name": PREFIX + name, "value": value} for name, value in pairs]
        return Answer(200, {"keys": keys}, "links/data")
    except Exception as error:  # noqa: BLE001  a failure of ours is an answer too
        return flat(error, request_id, "links/data", {"keys": []})


def _hidden(uid: str, key: str, services: Services) -> list[tuple[str, str]]:
    accounts = services.accounts()
    if not any([_equal(known, key) for known in _data_keys(accounts)]):  # noqa: C419  all, always
        raise Unauthorized("this needs the bot's key: 'Authorization: Bearer <data_key>'")
    links = links_of(services)
    link, personal = links.links.by_uid(_canonical(uid)) or (None, None)
    bots = accounts.settings(LINKS, link.account or None).bots if link else {}
    bot = bots.get(personal.bot) if personal else None
    if link is None or personal is None or bot is None or not _equal(bot.data_key, key):
        raise UnknownLink("no such link of this bot")
    if state_at(services.clock(), link.life) in (State.EXPIRED, State.DISABLED):
        raise LinkGone("this link has expired or is disabled")
    if not personal.hidden:
        return []
    text = links.seal.open(personal.uid, personal.hidden)
    if text is None:
        raise LinkGone("what this link hides was sealed with a key that is gone")
    return msgspec.json.decode(text, type=list[tuple[str, str]])


def _canonical(uid: str) -> str:
    """The id as it is kept; one that is none is nobody's."""
    try:
        return str(uuid.UUID(uid))
    except ValueError:
        return ""


def _equal(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())


@lru_cache(maxsize=2)
def _data_keys(accounts: Accounts) -> tuple[str, ...]:
    """The key of every bot that has one."""
    found = [
        bot.data_key
        for scope, name, keys in accounts.scopes()
        if scope != "flow" and "bots" in keys
        for bot in accounts.settings(LINKS, name).bots.values()
    ]
    return tuple(filter(None, found))
