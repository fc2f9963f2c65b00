"""Routes of short links: making one in flat form, its figures, what a bot hides, the redirect."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, abort, request
from werkzeug.routing import BaseConverter

from rules.errors import RequestRefused, StoreUnavailable, UnknownPath, WrongVerb
from rules.methods import METHODS, refused
from rules.methods.link_making import OwnDomains, links_of
from rules.methods.link_reads import hidden_data, link_stats
from rules.methods.short_url import NAME, flat, short_url, short_url_refused
from rules.services.links import DomainState
from rules.web.common import bearer, check_sender, json_reply, request_id, with_headers
from rules.web.methods import BY_NAME, note, read_body
from rules.web.redirect import Redirects, host_name, page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.blueprints import BlueprintSetupState
    from werkzeug.exceptions import MethodNotAllowed, NotFound

    from rules.methods import Answer
    from rules.services import Services

__all__ = ["blueprint"]

_PLAIN = "text/plain; charset=utf-8"
PATHS = ("/UrlShortner/phonon/shortUrl", "/v1/methods/<short_url_name:name>")


class _Name(BaseConverter):
    """The method's name in any case; before the general route of methods."""

    regex = f"(?i:{NAME})"
    weight = 50


def blueprint(services: Services) -> Blueprint:
    """Every route of short links."""
    routes = Blueprint("links", __name__)
    routes.record_once(_add_converter)
    for place, path in enumerate(PATHS):
        door = _door(services, short_url, short_url_refused)
        routes.add_url_rule(path, f"short-url-{place}", door, methods=["POST"])
    stats = _door(services, link_stats, lambda error, name: flat(error, name, "links/stats", {}))
    routes.add_url_rule("/v1/links/stats", "stats", stats, methods=["POST"])

    @routes.get("/v1/links/data/<uid>")
    def data(uid: str) -> Response:
        found = hidden_data(uid, bearer(), services, request_id=request_id())
        return _reply(services, found)

    _add_domain_routes(routes, services)

    @routes.app_errorhandler(404)
    def lost(_: NotFound) -> Response:
        """Other paths of a short domain have the page of its links."""
        if request.method in ("GET", "HEAD"):
            with suppress(StoreUnavailable):  # what is not there needs no database
                if host_name(request.environ) in OwnDomains(links_of(services)):
                    return Response(page_of(services, request.environ, 404), 404)
        return _unrouted(services, UnknownPath("no such path"))

    @routes.app_errorhandler(405)
    def wrong_verb(error: MethodNotAllowed) -> Response:
        allowed = sorted(set(error.valid_methods or ()) - {"HEAD"})
        return _unrouted(services, WrongVerb(f"use {' or '.join(allowed)} here", allowed))

    @routes.record_once
    def redirect_first(state: BlueprintSetupState) -> None:
        app = cast("Flask", state.app)
        app.wsgi_app = Redirects(services, links_of(services), app).serve  # type: ignore[method-assign]

    return routes


def _add_domain_routes(routes: Blueprint, services: Services) -> None:
    """What a short domain serves beside its links."""

    @routes.get("/robots.txt")
    def robots() -> Response:
        return Response("User-agent: *\nDisallow: /\n", content_type=_PLAIN)

    @routes.get("/.well-known/flow-rules-domain")
    def domain_token() -> Response:
        found = links_of(services).domains.get(host_name(request.environ))
        if found is None or not found.token or found.state is DomainState.DISABLED:
            abort(404)
        return Response(found.token, content_type=_PLAIN)


def _door(
    services: Services,
    run: Callable[..., Answer],
    failed: Callable[[Exception, str], Answer],
) -> Callable[..., Response]:
    """A route that reads a flat object and gives one back."""
    settings = services.settings

    def door(name: str = "") -> Response:  # noqa: ARG001  the path names it, there is only one
        try:
            check_sender(settings)
            body = read_body(settings.max_body_bytes)
            found = run(body, services, request_id=request_id())
        except RequestRefused as error:
            found = failed(error, request_id())
        return _reply(services, found)

    return door


def _unrouted(services: Services, error: RequestRefused) -> Response:
    """The reply where no route answers, with the variables of the method that the path names."""
    path = request.path.removesuffix("/")
    name = path.removeprefix(BY_NAME).casefold() if path.startswith(BY_NAME) else ""
    if path == PATHS[0] or name == NAME.casefold():
        found = short_url_refused(error, request_id())
    else:
        found = refused(error, METHODS.get(name), request_id())
    note(services, found)
    return with_headers(json_reply(found.body, found.status), found.error)


def _reply(services: Services, found: Answer) -> Response:
    note(services, found)
    reply = with_headers(json_reply(found.body, found.status), found.error)
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["short_url_name"] = _Name
