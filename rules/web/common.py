"""What every route shares: who is asking, may they, and how a refusal looks."""

from __future__ import annotations

import hmac
import uuid
from ipaddress import ip_address
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response, request

from rules.envelope import failure
from rules.errors import (
    AddressNotAllowed,
    AdminOnly,
    RequestRefused,
    RulesError,
    TooMany,
    WrongVerb,
)
from rules.methods import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from rules.settings import Network, Settings

__all__ = [
    "bearer",
    "check_sender",
    "is_admin",
    "json_reply",
    "name_requests",
    "need_admin",
    "refusal",
    "request_id",
    "seconds_so_far",
    "sender",
]

_encode = msgspec.json.encode
_BEARER = "bearer "
_NAME = "rules.request_id"
_START = "rules.start"


def name_requests(inner: WSGIApplication) -> WSGIApplication:
    """Give each request a name of its own, which its reply carries as `X-Request-Id`.

    In front of Flask, whose hooks cost several times as much.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = environ[_NAME] = str(uuid.uuid4())
        environ[_START] = perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            headers.append(("X-Request-Id", name))
            return start_response(status, headers, *more)

        return inner(environ, start)

    return serve


def request_id() -> str:
    """The name of the present request."""
    name: str = request.environ[_NAME]
    return name


def seconds_so_far() -> float:
    """How long the present request has taken."""
    start: float = request.environ[_START]
    return perf_counter() - start


def json_reply(body: Any, status: int = 200) -> Response:
    """A JSON response in UTF-8."""
    return Response(_encode(body), status, content_type="application/json")


def refusal(error: Exception, pairs: Iterable[tuple[str, str]] = ()) -> Response:
    """The response to a request that failed; an unexpected error says nothing of itself."""
    shown = error if isinstance(error, RequestRefused) else RulesError("unexpected failure")
    reply = json_reply(
        failure(shown, pairs, request_id=request_id()), STATUSES.get(shown.code, 400)
    )
    return with_headers(reply, shown)


def with_headers(reply: Response, error: Exception | None) -> Response:
    """The headers that belong to an error: `Allow`, `Retry-After`."""
    if isinstance(error, WrongVerb):
        reply.headers["Allow"] = ", ".join(error.allowed)
    elif isinstance(error, TooMany):
        reply.headers["Retry-After"] = str(error.retry_after)
    return reply


def sender(settings: Settings) -> str:
    """Address of the sender of the present request."""
    return sender_of(request.environ, settings)


def sender_of(environ: WSGIEnvironment, settings: Settings) -> str:
    """Address of the sender: the peer, or what a trusted proxy says of it."""
    address: str = environ.get("REMOTE_ADDR") or ""
    if not settings.trusted_proxies:
        return address
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while hops and _inside(address, settings.trusted_proxies):
        address = hops.pop() or address
    return address


def check_sender(settings: Settings) -> None:
    """Refuse a sender outside the allowed networks, when there are any."""
    networks = settings.allowed_networks
    if networks and not _inside(sender(settings), networks):
        raise AddressNotAllowed("your address is not allowed to call this service")


def bearer() -> str:
    """The token the request carries, empty without one."""
    given = request.headers.get("Authorization", "")
    return given[len(_BEARER) :].strip() if given[: len(_BEARER)].casefold() == _BEARER else ""


def is_admin(settings: Settings) -> bool:
    """Does the request carry the admin token? Never, while none is set."""
    return bool(settings.admin_token) and hmac.compare_digest(
        bearer().encode(), settings.admin_token.encode()
    )


def need_admin(settings: Settings) -> None:
    """Refuse a request without the admin token."""
    if not is_admin(settings):
        raise AdminOnly


def _inside(address: str, networks: Iterable[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)
