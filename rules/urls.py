"""One strict reading of a URL, and the addresses that may be called.

Readers of URLs disagree about odd spellings, and an attacker lives off the difference. This reader
takes a URL apart once, refuses every spelling another reader could understand otherwise, and
what it found is used for connection, `Host` header and certificate alike. Numeric hosts must be
plain dotted quads, names follow IDNA 2008 without compatibility mapping.

`may_reach` judges an address by a fixed list beside the standard library's "global": what that
word means differs between releases of Python, and some forms that reach inside are called global.

>>> url = read_url("HTTPS://भारत.example:8443/नमस्ते?x=1#top")
>>> url.scheme, url.host, url.port, url.target
('https', 'xn--h2brj9c.example', 8443, '/नमस्ते?x=1')
>>> may_reach("8.8.8.8"), may_reach("::ffff:127.0.0.1")
(True, False)
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING

import idna

from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Network, IPv6Network

__all__ = [
    "Address",
    "Url",
    "UrlRefused",
    "Why",
    "as_address",
    "may_reach",
    "read_host",
    "read_url",
]

Address = IPv4Address | IPv6Address

LONGEST = 2048
PORTS = {"https": 443, "http": 80}
_LOW_PORTS = frozenset(PORTS.values())
_FIRST_HIGH_PORT, _LAST_PORT = 1024, 65535
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//)?")
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(.*))?\Z")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\Z")
_NUMBER = re.compile(r"(?:\d+|0[xX][0-9a-fA-F]*)\Z", re.ASCII)
_QUAD = re.compile(r"(?:(?:0|[1-9]\d{0,2})(?:\.|\Z)){4}(?<!\.)\Z", re.ASCII)
_PORT = re.compile(r"\d{1,5}\Z", re.ASCII)
_LONGEST_NAME = 253
_UNSAFE = frozenset(("Cc", "Cs", "Zs", "Zl", "Zp"))  # controls, half surrogates, blanks


class Why(Enum):
    """Why a URL was refused, in the order of the checks."""

    LENGTH = "too long"
    CHARACTERS = "a control character, blank or backslash"
    SCHEME = "another scheme than allowed"
    USERINFO = "something before an @"
    HOST = "no usable host"
    PORT = "no usable port"


class UrlRefused(RulesError):
    """A text that is no URL we use; `why` says what is wrong, the text itself is never quoted."""

    code = "BAD_URL"

    def __init__(self, why: Why) -> None:
        super().__init__(f"refused: {why.value}")
        self.why = why


@dataclass(frozen=True)
class Url:
    """A URL taken apart: small-letter scheme, ASCII host (IPv6 without brackets), port.

    `target` is path and query as written, `fragment` what followed `#`, None without one.
    `address` is there for a numeric host.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    fragment: str | None = field(default=None, repr=False)
    address: Address | None = None

    @cached_property
    def authority(self) -> str:
        """Host and, where it is not the scheme's own, port: what the `Host` header says."""
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if PORTS.get(self.scheme) == self.port else f"{host}:{self.port}"

    @cached_property
    def text(self) -> str:
        """The URL as it is sent: cleaned scheme and authority, a path, no fragment."""
        path = self.target if self.target.startswith("/") else "/" + self.target
        return f"{self.scheme}://{self.authority}{path}"


def read_url(
    text: str,
    *,
    schemes: Sequence[str] = ("https",),
    every_port: bool = False,
    longest: int = LONGEST,
) -> Url:
    """Take a URL apart, or raise `UrlRefused`.

    Ports below 1024 other than 80 and 443 are refused unless `every_port`. Only schemes that
    have a `//` and a host can be read.
    """
    if len(text) > longest:
        raise UrlRefused(Why.LENGTH)
    if not _is_safe(text):
        raise UrlRefused(Why.CHARACTERS)
    match = _SCHEME.match(text)
    scheme = match[1].lower() if match else ""
    if match is None or scheme not in schemes:
        raise UrlRefused(Why.SCHEME)
    if match[2] is None:
        raise UrlRefused(Why.HOST)
    authority, target, fragment = _parts(text, match.end())
    if "@" in authority:
        raise UrlRefused(Why.USERINFO)
    written, port = _host_and_port(authority, PORTS.get(scheme), every_port=every_port)
    host, address = read_host(written)
    return Url(scheme, host, port, target, fragment, address)


def _is_safe(text: object) -> bool:
    """Text without a control character, blank of any script, backslash, half surrogate pair."""
    if not isinstance(text, str):  # settings are written by hand
        return False
    if text.isascii():
        return text.isprintable() and " " not in text and "\\" not in text
    return "\\" not in text and not any(unicodedata.category(c) in _UNSAFE for c in text)


def _parts(text: str, start: int) -> tuple[str, str, str | None]:
    """Authority, target and fragment of what follows the `//`."""
    rest, hash_sign, fragment = text[start:].partition("#")
    end = min((place for mark in "/?" if (place := rest.find(mark)) >= 0), default=len(rest))
    return rest[:end], rest[end:], fragment if hash_sign else None


def _host_and_port(authority: str, default: int | None, *, every_port: bool) -> tuple[str, int]:
    match = _AUTHORITY.match(authority)
    if match is None or not match[1]:
        raise UrlRefused(Why.HOST)
    if match[2] is None and default is not None:
        return match[1], default
    port = int(match[2]) if _PORT.match(match[2] or "") else 0
    low = port < _FIRST_HIGH_PORT and port not in _LOW_PORTS
    if not 1 <= port <= _LAST_PORT or (low and not every_port):
        raise UrlRefused(Why.PORT)
    return match[1], port


def read_host(text: str) -> tuple[str, Address | None]:
    """Host as ASCII in small letters, and its address when numeric; raises `UrlRefused`."""
    if text.startswith("["):
        return _read_literal(text)
    labels = text.split(".")
    closing = "." if len(labels) > 1 and not labels[-1] else ""
    if closing:
        labels.pop()
    if _NUMBER.match(labels[-1]):
        return _read_quad(text)
    host = ".".join(_read_label(label) for label in labels)
    if len(host) > _LONGEST_NAME:
        raise UrlRefused(Why.HOST)
    return host + closing, None


def _read_literal(text: str) -> tuple[str, Address | None]:
    """An IPv6 address between brackets, without zone."""
    if not text.endswith("]") or "%" in text:
        raise UrlRefused(Why.HOST)
    try:
        address = IPv6Address(text[1:-1])
    except AddressValueError:
        raise UrlRefused(Why.HOST) from None
    return str(address), address


def _read_quad(text: str) -> tuple[str, Address | None]:
    """Four decimal parts without zeros in front: the one spelling all readers agree on."""
    if not _QUAD.match(text):
        raise UrlRefused(Why.HOST)
    try:
        return text, IPv4Address(text)
    except AddressValueError:
        raise UrlRefused(Why.HOST) from None


def _read_label(label: str) -> str:
    if _LABEL.match(label):
        return label.lower()
    if label.isascii():
        raise UrlRefused(Why.HOST)
    try:
        return idna.alabel(label).decode("ascii")
    except UnicodeError:  # IDNAError is one
        raise UrlRefused(Why.HOST) from None


_REFUSED_V4 = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32
"""
_REFUSED_V6 = """
::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16
fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""


def _edges(networks: str) -> list[int]:
    """First number and number after the last of each network, in order."""
    found = [ip_network(text) for text in networks.split()]
    return sorted(
        edge
        for network in found
        for edge in (int(network.network_address), int(network.broadcast_address) + 1)
    )


_EDGES = {4: _edges(_REFUSED_V4), 6: _edges(_REFUSED_V6)}


def as_address(text: str) -> Address:
    """An address from text; a zone is dropped, IPv4 in IPv6 form is IPv4. Raises ValueError."""
    if ":" not in text:
        return IPv4Address(text)
    address = IPv6Address(text.partition("%")[0])
    return address.ipv4_mapped or address


def may_reach(address: str, allowed: Sequence[IPv4Network | IPv6Network] = ()) -> bool:
    """May our calls go to this address: public, or inside an allowed network?"""
    found = as_address(address)
    if allowed and any(found.version == net.version and found in net for net in allowed):
        return True
    refused = bisect_right(_EDGES[found.version], int(found)) % 2 == 1  # multicast is in the list
    return not refused and found.is_global
