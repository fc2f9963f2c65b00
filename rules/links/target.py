"""Where a short link may lead, and the personal target of a chat bot's link.

A shortener lends its good name to every target, so a target is read strictly, judged by its text
alone (it is never fetched, resolved or previewed) and stored as one line of ASCII. The refusals
are in the order of the checks: the first that applies is the reason.

>>> clean_target("https://shop.example/नमस्ते", own_domains=())
'https://shop.example/%E0%A4%A8%E0%A4%AE%E0%A4%B8%E0%A5%8D%E0%A4%A4%E0%A5%87'
>>> personal_target(
...     "https://bot.example/chat?lang=hi", cli="918160700000", botid="123", token="tok-1",
...     uid="X", others=[("name", "Asha R")], hide=("token",),
... )
('https://bot.example/chat?lang=hi&cli=918160700000&botid=123&uid=X&name=Asha%20R', [('token', 'tok-1')])
"""  # noqa: E501  the reply is one line

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from rules.errors import RulesError
from rules.urls import UrlRefused, Why, may_reach, read_url

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from rules.urls import Url

__all__ = [
    "NEVER",
    "WEB",
    "BadTarget",
    "Reason",
    "clean_target",
    "passed_on",
    "personal_target",
    "with_query",
]

LONGEST = 2048
WEB = ("http", "https")
NEVER = frozenset({"javascript", "vbscript", "data", "file", "blob", "about"})
"""Schemes that run or show something of ours; no operator can allow them."""
OWN_NAMES = frozenset({"cli", "botid", "token", "uid"})
"""Names, in small letters, that no other variable of a personal link can take."""
EARLIER = frozenset({"shortenurl", "botuniqueid", "linkexpiresat"})
"""Names of an earlier call's replies, in small letters."""

_PRIVATE = frozenset({"localhost", "local", "internal", "test", "invalid", "onion"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ODD = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+|%(?![0-9A-Fa-f]{2})")


class Reason(StrEnum):
    """Why a target is refused, in the order of the checks."""

    CHARACTERS = "CHARACTERS"
    SCHEME = "SCHEME"
    USERINFO = "USERINFO"
    HOST = "HOST"
    ADDRESS = "ADDRESS"
    PRIVATE_NAME = "PRIVATE_NAME"
    OWN_DOMAIN = "OWN_DOMAIN"
    TOO_LONG = "TOO_LONG"


_WORDS = {
    Reason.CHARACTERS: "holds a control character, a blank or a backslash; encode it",
    Reason.SCHEME: "must begin with http:// or https://",
    Reason.USERINFO: "must not name a user before the host",
    Reason.HOST: "has no usable host or port",
    Reason.ADDRESS: "leads to an address that is not public",
    Reason.PRIVATE_NAME: "leads to a name of a private network",
    Reason.OWN_DOMAIN: "is a short link already",
    Reason.TOO_LONG: f"is longer than {LONGEST:,} characters",
}
_REASONS = {
    Why.CHARACTERS: Reason.CHARACTERS,
    Why.SCHEME: Reason.SCHEME,
    Why.USERINFO: Reason.USERINFO,
    Why.HOST: Reason.HOST,
    Why.PORT: Reason.HOST,
}


class BadTarget(RulesError):
    """A target no link may have; `reason` says why, the target itself is never quoted."""

    code = "INVALID_LONG_URL"

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason}: {_WORDS[reason]}")
        self.reason = reason


def clean_target(text: str, *, own_domains: Container[str], schemes: Sequence[str] = WEB) -> str:
    """The target as it is stored: ASCII, one line; raises `BadTarget`.

    `own_domains` are the short domains, `schemes` all that may be used. Of schemes other than
    http and https only characters and length are judged.
    """
    web = [scheme for scheme in schemes if scheme in WEB]
    try:
        url = read_url(text, schemes=web, every_port=True, longest=len(text))
    except UrlRefused as refused:
        cleaned = _other(text, schemes) if refused.why is Why.SCHEME else None
        if cleaned is None:
            raise BadTarget(_REASONS[refused.why]) from None
    else:
        _refuse_host(url, own_domains)
        fragment = "" if url.fragment is None else "#" + url.fragment
        cleaned = f"{url.scheme}://{url.authority}{_escape(url.target + fragment)}"
    return _bounded(cleaned)


def _other(text: str, schemes: Sequence[str]) -> str | None:
    """A target of a scheme the operator added, cleaned; None for any other."""
    match = _SCHEME.match(text)
    scheme = match[1].lower() if match else ""
    if match is None or scheme in NEVER or scheme in WEB or scheme not in schemes:
        return None
    return f"{scheme}:{_escape(text[match.end() :])}"


def _refuse_host(url: Url, own_domains: Container[str]) -> None:
    if url.address is not None:
        if not may_reach(url.host):
            raise BadTarget(Reason.ADDRESS)
        return
    name = url.host.removesuffix(".")
    if "." not in name or name.rpartition(".")[2] in _PRIVATE:
        raise BadTarget(Reason.PRIVATE_NAME)
    if name in own_domains:
        raise BadTarget(Reason.OWN_DOMAIN)


def _escape(text: str) -> str:
    """Everything that has no place in a URL percent-encoded as UTF-8, and a stray `%` too."""
    return _ODD.sub(lambda match: quote(match[0], safe=""), text)


def _bounded(cleaned: str) -> str:
    if len(cleaned) > LONGEST:
        raise BadTarget(Reason.TOO_LONG)
    return cleaned


def passed_on(others: Iterable[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Those variables that go into a personal link beside its own.

    A repeated name counts with its last value, at its first place.
    """
    apart = OWN_NAMES | EARLIER
    return [pair for pair in dict(others).items() if pair[0].casefold() not in apart]


def personal_target(
    base: str,
    *,
    cli: str,
    botid: str,
    token: str | None,
    uid: str,
    others: Iterable[tuple[str, str | None]],
    hide: Sequence[str],
) -> tuple[str, list[tuple[str, str]]]:
    """A chat bot's address for one person, and the pairs in `hide` that it does not show.

    `base` is a cleaned target. Absent values are left out. Raises `BadTarget` when it gets too
    long.
    """
    pairs: list[tuple[str, str | None]] = [("cli", cli), ("botid", botid), ("token", token)]
    pairs.append(("uid", uid))
    pairs += passed_on(others)
    hidden_names = {name.casefold() for name in hide} - {"uid"}
    hidden: list[tuple[str, str]] = []
    shown: list[tuple[str, str]] = []
    for name, value in pairs:
        if value is not None:
            where = hidden if name.casefold() in hidden_names else shown
            where.append((name, value))
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in shown)
    return _bounded(with_query(base, query)), hidden


def with_query(target: str, query: str) -> str:
    """The target with more query: after its own, before its fragment.

    >>> with_query("https://shop.example/a?b=1#top", "c=2")
    'https://shop.example/a?b=1&c=2#top'
    """
    address, mark, fragment = target.partition("#")
    joint = "?" if "?" not in address else "" if address.endswith(("?", "&")) else "&"
    return f"{address}{joint}{_escape(query)}{mark}{fragment}" if query else target
