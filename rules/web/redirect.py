"""The way through a short link: look up, count, redirect; and the pages of links that lead nowhere.

This is the one path that people wait on and machines hammer, so it stands in front of Flask: a
redirect costs less than an empty Flask route. Everybody is redirected alike, people and machines.
What a miss costs is what a hit costs: the same work is done before it is known which it is.
Nothing that fails while counting stops a redirect.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

from rules.errors import StoreUnavailable
from rules.links import LINKS, Misses, State, device_of, is_human, state_at, with_query
from rules.links.address import HEADER_PATTERN
from rules.links.codes import CODE_PATTERN
from rules.links.previews import preview_words
from rules.links.target import LONGEST
from rules.methods.link_making import OwnDomains
from rules.services.links import Visit
from rules.web.common import sender_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

    from rules.services import Services
    from rules.services.links import Link, LinkServices
    from rules.settings import Accounts

__all__ = ["Redirects", "host_name", "page_of"]

_PATH = re.compile(rf"/(?:({HEADER_PATTERN})/)?({CODE_PATTERN})/?\Z")
_LIVE = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "private, no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
]
_DEAD = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Robots-Tag", "noindex"),
]
_BODY = b"The page you asked for is elsewhere.\n"
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><p>{text}</p></html>
"""
_TEXTS = {
    404: "This link does not exist. Please check it, or ask its sender for a new one.",
    405: "Links can only be opened.",
    410: "This link is no longer valid. Please ask its sender for a new one.",
    429: "Too many tries. Please open the link again in a minute.",
    500: "Something went wrong here. Please open the link again in a minute.",
}
_VERBS = ("GET", "HEAD")
_PURPOSES = {
    "HTTP_PURPOSE": "purpose",
    "HTTP_X_PURPOSE": "x-purpose",
    "HTTP_SEC_PURPOSE": "sec-purpose",
}
_log = logging.getLogger(__name__)
Answer = tuple[int, list[tuple[str, str]], bytes]


def host_name(environ: WSGIEnvironment) -> str:
    """The domain a request names, in small letters, without port."""
    host: str = environ.get("HTTP_HOST", "")
    return host.partition(":")[0].lower().removesuffix(".")


def page_of(services: Services, environ: WSGIEnvironment, status: int) -> bytes:
    """The page for a link that leads nowhere, in the words of its domain."""
    own = _own_pages(services.accounts()).get(host_name(environ), _PAGES)
    return own.get(status) or _PAGES[status]


def _page(status: int, text: str) -> bytes:
    return _PAGE.format(title=HTTPStatus(status).phrase, text=escape(text)).encode()


_PAGES = {status: _page(status, text) for status, text in _TEXTS.items()}


@lru_cache(maxsize=2)
def _own_pages(accounts: Accounts) -> Mapping[str, Mapping[int, bytes]]:
    """Pages in words of their own, by domain and status, of all accounts."""
    return {
        domain: {int(status): _page(int(status), text) for status, text in texts.items()}
        for scope, name, keys in accounts.scopes()
        if scope != "flow" and "link_pages" in keys
        for domain, texts in accounts.settings(LINKS, name).pages.items()
    }


class Redirects:
    """Answers paths of short domains that have the form of a link, and hands on all others.

    It counts the misses of this process. A route of the app with such a path keeps it.
    """

    def __init__(self, services: Services, links: LinkServices, app: Flask) -> None:
        self._services = services
        self._links = links
        self._app = app
        self._inner: WSGIApplication = app.wsgi_app
        self._misses = Misses()
        self._words = preview_words()
        self._own_domains = OwnDomains(links)
        self._hosts: set[str] = set()
        self._routes: frozenset[str] | None = None

    def serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as WSGI has it."""
        path: str = environ.get("PATH_INFO", "")
        match = _PATH.match(path)
        if match is None or not self._is_short(host_name(environ)) or path in self._own_routes():
            return self._inner(environ, start_response)
        status, headers, body = self._answer(environ, match[1] or "", match[2])
        self._services.metrics.count("click", str(status))
        start_response(
            f"{status} {HTTPStatus(status).phrase}",
            [*headers, ("Content-Length", str(len(body)))],
        )
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _is_short(self, host: str) -> bool:
        """Is this one of our short domains? One that once was needs no second look."""
        if host not in self._hosts:
            try:
                if host not in self._own_domains:
                    return False
            except StoreUnavailable:  # the look-up to come will say so
                return True
            self._hosts.add(host)
        return True

    def _own_routes(self) -> frozenset[str]:
        """Paths of routes that could be taken for short links."""
        if self._routes is None:
            rules = [rule.rule for rule in self._app.url_map.iter_rules()]
            self._routes = frozenset(path for path in rules if _PATH.match(path))
        return self._routes

    def _answer(self, environ: WSGIEnvironment, header: str, code: str) -> Answer:
        if environ["REQUEST_METHOD"] not in _VERBS:
            return self._page(environ, 405, ("Allow", ", ".join(_VERBS)))
        try:
            return self._follow(environ, header, code)
        except Exception as error:  # noqa: BLE001  whoever opened the link gets a page
            _log.error("failed", exc_info=error)
            return self._page(environ, 500)

    def _follow(self, environ: WSGIEnvironment, header: str, code: str) -> Answer:
        now = self._services.clock()
        address = sender_of(environ, self._services.settings)
        if wait := self._misses.wait(now, address):
            return self._page(environ, 429, ("Retry-After", str(wait)))
        agent: str = environ.get("HTTP_USER_AGENT", "")
        given = {name: environ[key] for key, name in _PURPOSES.items() if key in environ}
        given["user-agent"] = agent
        human = is_human(environ["REQUEST_METHOD"], given, self._words)
        device = device_of(agent)
        link = self._links.links.find(host_name(environ), code)
        if link is None or link.header != header:
            if wait := self._misses.add(now, address):
                return self._page(environ, 429, ("Retry-After", str(wait)))
            return self._page(environ, 404)
        if state_at(now, link.life) is not State.LIVE or not self._has_click(link, human=human):
            return self._page(environ, 410)
        self._links.log.add(Visit(link.id, now, human, device, address, agent))
        return 302, [*_LIVE, ("Location", self._target(environ, link))], _BODY

    def _has_click(self, link: Link, *, human: bool) -> bool:
        """Count a human click of a link with a limit; when that fails the click is let through."""
        if link.max_clicks is None or not human:
            return True
        try:
            return self._links.links.use(link.id)
        except StoreUnavailable as error:
            _log.warning("click not counted", extra={"error": str(error)})
            return True

    def _target(self, environ: WSGIEnvironment, link: Link) -> str:
        query: str = environ.get("QUERY_STRING", "")
        accounts = self._services.accounts()
        if not query or not accounts.settings(LINKS, link.account or None).pass_query:
            return link.target
        longer = with_query(link.target, query.encode("latin-1").decode("utf-8", "replace"))
        return longer if len(longer) <= LONGEST else link.target

    def _page(self, environ: WSGIEnvironment, status: int, *more: tuple[str, str]) -> Answer:
        return status, [*_DEAD, *more], page_of(self._services, environ, status)
