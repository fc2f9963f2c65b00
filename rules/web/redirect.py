"""The way through a short link: look up, count, redirect; and the pages of links that lead nowhere.

Everybody is redirected alike, people and machines. What a miss costs is what a hit costs: the same
work is done before it is known which it is. Nothing that fails while counting stops a redirect.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.routing import BaseConverter

from rules.errors import StoreUnavailable
from rules.links import (
    LINKS,
    Misses,
    State,
    device_of,
    is_human,
    state_at,
    with_query,
)
from rules.links.address import HEADER_PATTERN
from rules.links.codes import CODE_PATTERN
from rules.links.previews import preview_words
from rules.links.target import LONGEST
from rules.services.links import DomainState, Visit
from rules.web.common import sender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.blueprints import BlueprintSetupState

    from rules.services import Services
    from rules.services.links import Link, LinkServices
    from rules.settings import Accounts

__all__ = ["Redirects", "host_name"]

_HEADER_PATH = "/<link_header:header>/<link_code:code>"
_LIVE = (
    ("Cache-Control", "private, no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
)
_DEAD = (("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex"))
_BODY = b"The page you asked for is elsewhere.\n"
_ROBOTS = "User-agent: *\nDisallow: /\n"
_PLAIN = "text/plain; charset=utf-8"
_TEXTS = {
    404: "This link does not exist. Please check it, or ask its sender for a new one.",
    410: "This link is no longer valid. Please ask its sender for a new one.",
    429: "Too many tries. Please open the link again in a minute.",
}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{status}</title><p>{text}</p></html>
"""
_PURPOSES = {
    "HTTP_PURPOSE": "purpose",
    "HTTP_X_PURPOSE": "x-purpose",
    "HTTP_SEC_PURPOSE": "sec-purpose",
}
_log = logging.getLogger(__name__)


class _Code(BaseConverter):
    """A path part with the form of a code."""

    regex = CODE_PATTERN


class _Header(BaseConverter):
    """A path part with the form of a sender's header."""

    regex = HEADER_PATTERN


def host_name() -> str:
    """The domain the request names, in small letters, without port."""
    host: str = request.environ.get("HTTP_HOST", "")
    return host.partition(":")[0].lower().removesuffix(".")


class Redirects:
    """Routes of short links; counts the misses of this process."""

    def __init__(self, services: Services, links: LinkServices) -> None:
        self._services = services
        self._links = links
        self._misses = Misses()
        self._words = preview_words()

    def add_to(self, routes: Blueprint) -> None:
        """Add the routes."""
        routes.record_once(_add_converters)
        for name, path in (("link", "/<link_code:code>"), ("header-link", _HEADER_PATH)):
            routes.add_url_rule(
                path, name, self.follow, methods=["GET"], provide_automatic_options=False
            )
        routes.add_url_rule("/robots.txt", "robots", self.robots, methods=["GET"])
        routes.add_url_rule(
            "/.well-known/flow-rules-domain", "domain", self.domain_token, methods=["GET"]
        )

    def follow(self, code: str, header: str = "") -> Response:
        """Answer a click."""
        environ = request.environ
        now = self._services.clock()
        address = sender(self._services.settings)
        if wait := self._misses.wait(now, address):
            return self._page(429, wait)
        agent: str = environ.get("HTTP_USER_AGENT", "")
        headers = {"user-agent": agent}
        headers |= {name: environ[key] for key, name in _PURPOSES.items() if key in environ}
        human = is_human(request.method, headers, self._words)
        device = device_of(agent)
        link = self._links.links.find(host_name(), code)
        if link is None or link.header != header:
            wait = self._misses.add(now, address)
            return self._page(429, wait) if wait else self._page(404)
        if state_at(now, link.life) is not State.LIVE or not self._has_click(link, human=human):
            return self._page(410)
        self._links.log.add(Visit(link.id, now, human, device, address, agent))
        return Response(_BODY, 302, [*_LIVE, ("Location", self._target(link))], content_type=_PLAIN)

    def _has_click(self, link: Link, *, human: bool) -> bool:
        """Count a human click of a link with a limit; when that fails the click is let through."""
        if link.max_clicks is None or not human:
            return True
        try:
            return self._links.links.use(link.id)
        except StoreUnavailable as error:
            _log.warning("click not counted", extra={"error": str(error)})
            return True

    def _target(self, link: Link) -> str:
        query: str = request.environ.get("QUERY_STRING", "")
        accounts = self._services.accounts()
        if not query or not accounts.settings(LINKS, link.account or None).pass_query:
            return link.target
        longer = with_query(link.target, query.encode("latin-1").decode("utf-8", "replace"))
        return longer if len(longer) <= LONGEST else link.target

    def lost(self) -> Response | None:
        """The page for any other path of a short domain; None on other hosts."""
        name = host_name()
        shared = self._links.shared
        if (shared and shared.name == name) or self._links.domains.get(name):
            return self._page(404)
        return None

    def _page(self, status: int, wait: int = 0) -> Response:
        texts = _own_texts(self._services.accounts()).get(host_name(), {})
        text = texts.get(str(status)) or _TEXTS[status]
        page = _PAGE.format(status=status, text=escape(text))
        headers = [*_DEAD, ("Retry-After", str(wait))] if wait else [*_DEAD]
        return Response(page, status, headers)

    def robots(self) -> Response:
        """No search engine may look at short links."""
        return Response(_ROBOTS, content_type=_PLAIN)

    def domain_token(self) -> Response:
        """The token that proves that a domain leads here."""
        found = self._links.domains.get(host_name())
        if found is None or not found.token or found.state is DomainState.DISABLED:
            return self._page(404)
        return Response(found.token, content_type=_PLAIN)


def _add_converters(state: BlueprintSetupState) -> None:
    converters = state.app.url_map.converters
    converters["link_code"], converters["link_header"] = _Code, _Header


@lru_cache(maxsize=2)
def _own_texts(accounts: Accounts) -> Mapping[str, Mapping[str, str]]:
    """Texts of pages by domain, of all accounts."""
    found: dict[str, Mapping[str, str]] = {}
    for scope, name, keys in accounts.scopes():
        if scope != "flow" and "link_pages" in keys:
            found |= accounts.settings(LINKS, name).pages
    return found
