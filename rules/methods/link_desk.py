"""What an operator does with links and domains: prove a domain, walk through links, list them."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from rules.links import State, state_at
from rules.links.address import Place, fixed_part, read_short, write_short
from rules.links.whitelist import Whitelist, find_links, target_part
from rules.methods.link_making import links_of, tenant_of
from rules.services import need
from rules.services.links import DomainState
from rules.services.outgoing import Call, OutgoingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rules.services import Services
    from rules.services.links import Domain, Link

__all__ = [
    "CHECK_COLUMNS",
    "add_domain",
    "check_message",
    "proof_address",
    "prove_domain",
    "short_of",
    "walk",
    "whitelist",
]

CHECK_COLUMNS = ("link", "ours", "state", "header", "listed")
PROOF_PATH = "/.well-known/flow-rules-domain"
_PAGE = 1000


def proof_address(name: str) -> str:
    """Where a domain proves itself."""
    return f"http://{name}{PROOF_PATH}"


def add_domain(services: Services, name: str, account: str | None) -> Domain:
    """The domain of this name: pending, with a token of its own, unless it is there already."""
    token = f"flow-rules-{services.draw(1 << 128):032x}"
    now, state = services.clock(), DomainState.PENDING
    return links_of(services).domains.add(name, account=account, state=state, token=token, now=now)


def prove_domain(services: Services, domain: Domain, *, deadline: float) -> str:
    """Ask a domain for its token; empty when it is ready now, else why it is not."""
    call = Call(
        "GET", proof_address(domain.name), allow_http=True, max_reply=1024, purpose="domain"
    )
    try:
        reply = need(services.outgoing, "way out").send(call, deadline=deadline)
    except OutgoingError as error:
        return f"no answer ({type(error).__name__}, {error.kind})"
    if reply.status != 200:
        return f"answered with status {reply.status}"
    if not domain.token or not hmac.compare_digest(reply.body.strip(), domain.token.encode()):
        return "answered with another text than its token"
    links_of(services).domains.set_state(domain.name, DomainState.READY)
    return ""


def short_of(services: Services, link: Link) -> str:
    """The short link as it is sent to people."""
    place = Place(link.domain, link.header, link.code)
    return write_short(place, links_of(services).shared)


def walk(services: Services, account: str | None = None) -> Iterator[Link]:
    """Every link, oldest first, of one account where given; read page by page."""
    store, last = links_of(services).links, 0
    while page := store.rows(last, _PAGE, account=account):
        yield from page
        last = page[-1].id


def whitelist(
    services: Services, account: str, links: Iterable[Link], since: datetime | None = None
) -> Whitelist:
    """What to register for these links of an account, those made before `since` left out."""
    found, now = Whitelist(), services.clock()
    shared, zone = links_of(services).shared, tenant_of(services, account).settings.zone
    for link in links:
        if since is None or link.created >= since:
            live = state_at(now, link.life) is State.LIVE
            found.add(
                fixed_part=fixed_part(link.domain, link.header, shared),
                header=link.header,
                target=link.target,
                created=link.created.astimezone(zone),
                example=short_of(services, link) if live else "",
            )
    return found


def check_message(
    services: Services, account: str, text: str, listed: Whitelist
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Each link in a message as cells of `CHECK_COLUMNS`, and whether it may go out."""
    links = links_of(services)
    headers = tenant_of(services, account).settings.headers
    for link in find_links(text):
        place = read_short(link)
        found = links.links.find(place.domain, place.code) if place else None
        if place is None or found is None or found.account != account:
            known = listed.holds(target_part(link if "://" in link else f"https://{link}"))
            yield (link, "no", "", "", _word(known)), known
            continue
        state = state_at(services.clock(), found.life)
        right = place.header == found.header and (not found.header or found.header in headers)
        known = listed.holds(fixed_part(found.domain, found.header, links.shared))
        cells = (link, "yes", state.value, "right" if right else "wrong", _word(known))
        yield cells, state is State.LIVE and right and known


def _word(answer: bool) -> str:  # noqa: FBT001  a flag is its only argument
    return "yes" if answer else "no"
