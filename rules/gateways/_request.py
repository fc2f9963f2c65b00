"""From a call to the library's request: URL, verb and headers pass first, or nothing is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import requests

from rules import __version__
from rules.headers import HeaderRefused, check_header
from rules.outgoing import Refused
from rules.urls import LONGEST, UrlRefused, Why, read_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.gateways._flight import Flight

__all__ = ["prepare"]

_VERB = re.compile(r"[A-Z]{1,20}\Z")
_DEFAULTS = (
    ("User-Agent", f"flow-rules/{__version__}".encode()),
    ("Accept", b"*/*"),
    ("Accept-Encoding", b"gzip, deflate"),
)
_LONGEST_ENCODED = 12 * LONGEST  # a character is at most four bytes, each written as %XX


def prepare(flight: Flight) -> requests.PreparedRequest | None:
    """The library's request and `flight.url`, or None with the refusal in the flight."""
    call = flight.call
    request = requests.PreparedRequest()
    try:
        schemes = ("https", "http") if call.allow_http else ("https",)
        url = read_url(call.url, schemes=schemes)
        headers = _headers(call.verb, call.headers)
        request.prepare(method=call.verb, url=url.text, headers=headers, data=call.body)
        again = read_url(request.url or "", schemes=(url.scheme,), longest=_LONGEST_ENCODED)
    except HeaderRefused:
        flight.fail(Refused, "header")
    except UrlRefused as refused:
        flight.fail(Refused, "scheme" if refused.why is Why.SCHEME else "url")
    except Exception:  # noqa: BLE001  a text the library stumbles over is not sent
        flight.fail(Refused, "url")
    else:
        if (again.scheme, again.host, again.port) == (url.scheme, url.host, url.port):
            flight.url = url
            return request
        flight.fail(Refused, "url")
    return None


def _headers(verb: str, given: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    """Headers by name; values of one name are joined, defaults fill what was not given."""
    if not _VERB.match(verb):
        raise HeaderRefused("a verb holds a character it may not")
    names: dict[str, str] = {}
    headers: dict[str, bytes] = {}
    for name, value in given:
        check_header(name, value)
        spelling = names.setdefault(name.lower(), name)
        headers[spelling] = headers[spelling] + b", " + value if spelling in headers else value
    return headers | {name: value for name, value in _DEFAULTS if name.lower() not in names}
