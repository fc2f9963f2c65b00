"""Account settings of short links: tokens, domain, headers, lives, bots.

One account is one tenant. A token is written as its SHA-256, so the settings file cannot be used
to make links.

>>> LINKS.build({"link_days": 30}, {}).days
30
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.errors import SettingMistake
from rules.links.target import NEVER, WEB, BadTarget, clean_target
from rules.settings import DEFAULT_ZONE, Topic, read_flag, read_zone
from rules.urls import UrlRefused, read_host

if TYPE_CHECKING:
    from rules.settings import Files

__all__ = ["LINKS", "LONGEST_DAYS", "PAGES", "Bot", "LinkSettings", "read_domain"]

LONGEST_DAYS = 3650
PAGES = ("404", "410", "429")
_TOKEN = re.compile(r"[0-9a-fA-F]{64}\Z")
_HEADER = re.compile(r"[A-Z0-9]{3,9}\Z", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*\Z")
_BOT_NAMES = ("base_url", "domain", "header", "expire_days", "hide", "data_key")


@dataclass(frozen=True)
class Bot:
    """A chat bot: the address its links lead to, and which inputs that address must not show."""

    base_url: str
    domain: str | None = None
    header: str | None = None
    expire_days: int = 30
    hide: tuple[str, ...] = ()
    data_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class LinkSettings:
    """What one tenant may do. `schemes` are all that targets may have, `domain` its default one.

    `pages` are texts of the pages a caller sees, by domain, then by status.
    """

    tokens: tuple[bytes, ...] = field(default=(), repr=False)
    enabled: bool = True
    domain: str | None = None
    headers: tuple[str, ...] = ()
    default_header: str | None = None
    days: int = 365
    personal_days: int = 30
    never_expires: bool = False
    rate: int = 600
    schemes: tuple[str, ...] = WEB
    pass_query: bool = False
    pages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bots: Mapping[str, Bot] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))


def read_domain(text: str) -> str:
    """A domain's name in small letters and ASCII, without closing dot; raises ValueError."""
    try:
        name, address = read_host(text.strip())
    except UrlRefused:
        name, address = "", None
    name = name.removesuffix(".")
    if not name or address is not None:
        raise ValueError("must be a domain such as go.example")
    return name


def _build(mapping: Mapping[str, Any], _: Files) -> LinkSettings:
    read = _Reader(mapping)
    headers = read.texts("link_headers", _header)
    default_header = read.text("default_header", _header)
    if default_header is not None and default_header not in headers:
        raise SettingMistake("default_header", "must be one of link_headers")
    personal_days = read.whole("personal_link_days", 30, LONGEST_DAYS)
    return LinkSettings(
        tokens=tuple(read.texts("link_tokens", _token)),
        enabled=read_flag(mapping, "links_enabled", default=True),
        domain=read.text("link_domain", read_domain),
        headers=headers,
        default_header=default_header,
        days=read.whole("link_days", 365, LONGEST_DAYS),
        personal_days=personal_days,
        never_expires=read_flag(mapping, "link_never_expires"),
        rate=read.whole("link_rate", 600, 1_000_000),
        schemes=WEB + read.texts("link_schemes", _scheme),
        pass_query=read_flag(mapping, "pass_query"),
        pages=_pages(read.table("link_pages")),
        bots={
            name: _bot(f"bots.{name}", table, headers, personal_days)
            for name, table in read.table("bots").items()
        },
        zone=read_zone(mapping),
    )


def _pages(table: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    pages: dict[str, Mapping[str, str]] = {}
    for domain, texts in table.items():
        try:
            name = read_domain(domain)
        except ValueError as error:
            raise SettingMistake("link_pages", f"'{domain}' {error}") from None
        if not isinstance(texts, Mapping) or not set(texts) <= set(PAGES):
            raise SettingMistake("link_pages", f"of '{domain}': texts by {', '.join(PAGES)}")
        if not all(isinstance(text, str) and text.strip() for text in texts.values()):
            raise SettingMistake("link_pages", f"of '{domain}': every page must be a text")
        pages[name] = dict(texts)
    return pages


def _bot(key: str, table: Any, headers: Sequence[str], personal_days: int) -> Bot:
    if not isinstance(table, Mapping):
        raise SettingMistake("bots", f"'{key}' must be a table")
    if unknown := [name for name in table if name not in _BOT_NAMES]:
        raise SettingMistake("bots", f"{key}: no such setting '{unknown[0]}'")
    read = _Reader(table, key)
    hide = read.texts("hide", str)
    data_key = read.text("data_key", str) or ""
    header = read.text("header", _header)
    if header is not None and header not in headers:
        raise SettingMistake("bots", f"{key}.header must be one of link_headers")
    if "uid" in (name.casefold() for name in hide):
        raise SettingMistake("bots", f"{key}.hide must leave uid: it leads to what is hidden")
    if hide and not data_key:
        raise SettingMistake("bots", f"{key}.data_key is needed with hide")
    base_url = read.text("base_url", _base_url)
    if base_url is None:
        raise SettingMistake("bots", f"{key}.base_url is needed")
    return Bot(
        base_url,
        domain=read.text("domain", read_domain),
        header=header,
        expire_days=read.whole("expire_days", personal_days, LONGEST_DAYS),
        hide=hide,
        data_key=data_key,
    )


def _base_url(text: str) -> str:
    try:
        return clean_target(text, own_domains=(), schemes=("https",))
    except BadTarget as error:
        raise ValueError(f"cannot be used: {error.reason}") from None


def _token(text: str) -> bytes:
    if not _TOKEN.match(text):
        raise ValueError("must be the SHA-256 of the token, 64 hexadecimal digits")
    return bytes.fromhex(text)


def _header(text: str) -> str:
    if not _HEADER.match(text):
        raise ValueError("must be 3 to 9 capital letters or digits")
    return text


def _scheme(text: str) -> str:
    if not _SCHEME.match(text) or text in NEVER:
        raise ValueError("must be a scheme such as upi, tel or mailto")
    return text


class _Reader:
    """Typed values out of a table of settings; `SettingMistake` names the bad one."""

    def __init__(self, table: Mapping[str, Any], place: str = "") -> None:
        self._table = table
        self._place = place

    def _mistake(self, name: str, message: str) -> SettingMistake:
        if self._place:
            return SettingMistake("bots", f"{self._place}.{name} {message}")
        return SettingMistake(name, message)

    def whole(self, name: str, default: int, highest: int) -> int:
        value = self._table.get(name, default)
        if type(value) is not int or not 1 <= value <= highest:
            raise self._mistake(name, f"must be a whole number from 1 to {highest}")
        return value

    def text(self, name: str, read: Any) -> Any:
        value = self._table.get(name)
        return None if value is None else self._read(name, value, read)

    def texts(self, name: str, read: Any) -> tuple[Any, ...]:
        values = self._table.get(name, ())
        if isinstance(values, str) or not isinstance(values, Sequence):
            raise self._mistake(name, "must be a list of texts")
        return tuple(self._read(name, value, read) for value in values)

    def table(self, name: str) -> Mapping[str, Any]:
        value = self._table.get(name, {})
        if not isinstance(value, Mapping):
            raise self._mistake(name, "must be a table")
        return value

    def _read(self, name: str, value: Any, read: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            raise self._mistake(name, "must be text, and not blank")
        try:
            return read(value)
        except ValueError as error:
            raise self._mistake(name, str(error)) from None


LINKS: Topic[LinkSettings] = Topic(
    names=(
        "link_tokens",
        "links_enabled",
        "link_domain",
        "link_headers",
        "default_header",
        "link_days",
        "personal_link_days",
        "link_never_expires",
        "link_rate",
        "link_schemes",
        "pass_query",
        "link_pages",
        "bots",
    ),
    build=_build,
)
