"""The written form of a short link: domain, perhaps a sender's header, code.

>>> place = read_short("Go.Example/ABCDEF/7Qm2xYp0?x=1")
>>> place.domain, place.header, place.code
('go.example', 'ABCDEF', '7Qm2xYp0')
>>> write_short(place, read_origin("http://localhost:8000"))
'https://go.example/ABCDEF/7Qm2xYp0'
>>> read_short("https://go.example/about") is None
True
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.errors import SettingMistake
from rules.links.codes import CODE_PATTERN
from rules.links.settings import read_domain

__all__ = [
    "HEADER_PATTERN",
    "Origin",
    "Place",
    "fixed_part",
    "read_origin",
    "read_short",
    "shared_origin",
    "write_short",
]

HEADER_PATTERN = "[A-Z0-9]{3,9}"
_SHORT = re.compile(
    rf"(?:[Hh][Tt][Tt][Pp][Ss]?://)?([^/?#:@\s]+)(?::\d+)?/"
    rf"(?:({HEADER_PATTERN})/)?({CODE_PATTERN})/?(?:[?#].*)?\Z"
)
_ORIGIN = re.compile(r"(https?)://([^/:]+)(:\d{1,5})?/?\Z")


@dataclass(frozen=True, slots=True)
class Origin:
    """A domain's name, and what its links begin with."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a short link is found."""

    domain: str
    header: str
    code: str


def read_origin(text: str) -> Origin:
    """A domain, `s.example`; or where links of a trial begin, `http://localhost:8000`."""
    match = _ORIGIN.match(text.strip())
    if match is None:
        name = read_domain(text)
        return Origin(name, f"https://{name}")
    name = read_domain(match[2])
    return Origin(name, f"{match[1]}://{name}{match[3] or ''}")


def shared_origin(text: str) -> Origin | None:
    """`RULES_LINK_DOMAIN` read: None when it is blank; raises `SettingMistake`."""
    try:
        return read_origin(text) if text else None
    except ValueError as error:
        raise SettingMistake("RULES_LINK_DOMAIN", str(error)) from None


def read_short(text: str) -> Place | None:
    """Domain, header and code of a short link, with or without scheme; None for anything else."""
    match = _SHORT.match(text.strip())
    if match is None:
        return None
    try:
        return Place(read_domain(match[1]), match[2] or "", match[3])
    except ValueError:
        return None


def fixed_part(domain: str, header: str, shared: Origin | None = None) -> str:
    """What all links of a domain and header begin with."""
    start = shared.text if shared is not None and shared.name == domain else f"https://{domain}"
    return f"{start}/{header}/" if header else f"{start}/"


def write_short(place: Place, shared: Origin | None = None) -> str:
    """The short link; `shared` says how links of the shared domain begin."""
    return fixed_part(place.domain, place.header, shared) + place.code
