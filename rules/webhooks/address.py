"""The URL of a request: which part a value stands in decides what it may be.

A value can fill a host name or become a path segment, but it can bring along neither a scheme nor
credentials nor another host, and it cannot climb out of its path.

>>> known = Variables([("$flow.key.city", "a/b?c"), ("$flow.key.host", "api")])
>>> build_url("https://$flow.key.host.example/$flow.key.city", [("q", "x y")], known)
'https://api.example/a%2Fb%3Fc?q=x%20y'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from rules.urls import LONGEST
from rules.variables import Variables, read_pieces
from rules.webhooks.fill import BadRequest, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["build_url"]

_HOST_VALUE = re.compile(r"[A-Za-z0-9.-]*\Z")
_BEFORE_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*\Z")
_IN_PATH = re.compile(r"[^/?#]*//[^/?#]*/[^?#]*\Z")
_DOTS = frozenset((".", ".."))


def build_url(template: str, query: Iterable[tuple[str, str]], variables: Variables) -> str:
    """The whole URL; raises `Missing` or `BadRequest`. Whether it may be called is not asked."""
    parts = list(read_pieces(template, variables))
    if len(parts) == 1 and not isinstance(parts[0], str):
        url = value_of(parts[0])
    else:
        url = ""
        climbs = False
        for part in parts:
            if isinstance(part, str):
                url += part
            else:
                climbs = climbs or bool(_IN_PATH.match(url))
                url += _placed(value_of(part), url)
        if climbs and not _DOTS.isdisjoint(unquote(step) for step in _path(url).split("/")):
            raise BadRequest("url: a value makes a path segment of dots")
    url = _with_query(url.partition("#")[0], query)
    if len(url) > LONGEST:
        raise BadRequest(f"url: more than {LONGEST} characters")
    return url


def _placed(value: str, before: str) -> str:
    """A value as it may stand after what is there already."""
    if _BEFORE_PATH.match(before):
        if not _HOST_VALUE.match(value):
            raise BadRequest("url: a value holds a character no host name has")
        return value
    if "://" not in before:
        raise BadRequest("url: a part of it cannot bring the scheme")
    return quote(value, safe="")


def _path(url: str) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0].partition("://")[2]


def _with_query(url: str, query: Iterable[tuple[str, str]]) -> str:
    added = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in query)
    if not added:
        return url
    if "?" not in url:
        return f"{url}?{added}"
    return f"{url}{added}" if url.endswith(("?", "&")) else f"{url}&{added}"
