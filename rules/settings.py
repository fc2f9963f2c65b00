"""Settings: of the installation (from the environment, once) and of accounts (flow by flow).

Installation settings are read from `RULES_*` names into a frozen `Settings`. Account settings are
looked up **key by key**: flow, then account, then default, then built-in; an unknown id gets the
defaults. A topic declares which names it understands as a `Topic` and builds its own typed
settings from the effective mapping; `Accounts` keeps what was built.

>>> Settings.from_mapping({"RULES_MAX_BODY_BYTES": "1000"}).max_body_bytes
1000
>>> accounts = Accounts({"default": {"zone": "UTC"}, "account": {"163": {"zone": "Asia/Dubai"}}})
>>> accounts.effective("163", None)["zone"], accounts.effective("164", None)["zone"]
('Asia/Dubai', 'UTC')
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from rules.errors import SettingMistake, quote

__all__ = [
    "FAMILIES",
    "SCOPES",
    "Accounts",
    "Files",
    "Network",
    "Settings",
    "Topic",
    "nearest",
    "read_flag",
    "read_zone",
]

T = TypeVar("T")
Network = IPv4Network | IPv6Network
Files = Mapping[str, str]
"""Texts of the files that account settings name: setting value -> content."""

Mistake = tuple[str, str | None, str, str]
"""Scope, id or None, key and message."""

DEFAULT_ZONE = "Asia/Kolkata"
SCOPES = ("default", "account", "flow")
FAMILIES = (
    *("reliance-nippon-v1", "centraloutboundwebhook-v1", "chatbotwebhook-v1"),
    *("googleapiwebhook-v1", "pullreportapiwebhook-v1", "hdfcruralwebhook-v1"),
)
"""The documented family paths, which every installation serves."""
_FAMILY = re.compile(r"[A-Za-z0-9_-]+")
_PREFIX = "RULES_"
_NOT_OURS = ("RULES_TEST_", "RULES_ALLOW_OLD_DATA")  # read by tests alone


def nearest(word: str, known: tuple[str, ...] | list[str]) -> str:
    """`'; did you mean X?'` for the known word most like this one, else nothing."""
    found = get_close_matches(word.casefold(), [k.casefold() for k in known], 1, 0.6)
    match = next((k for k in known if found and k.casefold() == found[0]), "")
    return f"; did you mean '{match}'?" if match else ""


def _whole_number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def _flag(text: str) -> bool:
    if text.casefold() not in ("true", "false", "on", "off", "yes", "no", "1", "0"):
        raise ValueError("write true or false")
    return text.casefold() in ("true", "on", "yes", "1")


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part, strict=False) for part in _words(text))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _families(text: str) -> tuple[str, ...]:
    """Further families, each once."""
    for name in _words(text):
        if not _FAMILY.fullmatch(name):
            raise ValueError(f"{quote(name)} may hold letters, digits, - and _ only")
        if name in FAMILIES:
            raise ValueError(f"{quote(name)} is served anyway")
    return tuple(dict.fromkeys(_words(text)))


def _setting(default: Any, read: Callable[[str], Any], about: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"read": read, "about": about})


@dataclass(frozen=True)
class Settings:
    """Settings of one installation; each field is read from `RULES_` and its name in capitals."""

    accounts: str = _setting("", str, "the accounts file (TOML)")
    database: str = _setting("rules.sqlite3", str, "SQLite file or PostgreSQL address", secret=True)
    max_body_bytes: int = _setting(262_144, _whole_number, "largest request body, in bytes")
    allowed_networks: tuple[Network, ...] = _setting(
        (), _networks, "networks (CIDR) that may call; empty: everyone"
    )
    admin_token: str = _setting("", str, "token of admin methods; empty: they are off", secret=True)
    hash_key: str = _setting("", str, "key of the hashes in minimal logs", secret=True)
    trusted_proxies: tuple[Network, ...] = _setting(
        (), _networks, "networks (CIDR) of proxies whose X-Forwarded-For is believed"
    )
    sandbox_dialler: str = _setting(
        "", str, "create address of the sandbox dialler, for accounts without a dialler_url"
    )
    outgoing_allowed: tuple[Network, ...] = _setting(
        (), _networks, "private networks (CIDR) that outgoing calls may reach"
    )
    ca_file: str = _setting("", str, "further certificate authorities (PEM) for outgoing calls")
    node: str = _setting("", str, "name of this machine among several; empty: the host's name")
    link_domain: str = _setting("", str, "the short domain shared by all accounts")
    default_tenant: bool = _setting(
        default=False, read=_flag, about="may links be made with the old default token"
    )
    data_key: str = _setting("", str, "key that seals what bots hide", secret=True)
    live_sources: str = _setting("", str, "file of live number sources (TOML)")
    families: tuple[str, ...] = _setting((), _families, "further family paths to serve")

    @property
    def database_name(self) -> str:
        """The database for people: its address without credentials."""
        scheme, mark, rest = self.database.partition("://")
        if not mark:
            return f"SQLite file {self.database}"
        return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"

    @classmethod
    def names(cls) -> dict[str, str]:
        """Every environment name and what it means, in order."""
        return {f"{_PREFIX}{f.name.upper()}": f.metadata["about"] for f in fields(cls)}

    @classmethod
    def from_mapping(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from an environment; blank is default; `SettingMistake` names the bad one."""
        known = cls.names()
        for name in environ:
            if name.startswith(_PREFIX) and not name.startswith(_NOT_OURS) and name not in known:
                raise SettingMistake(name, f"no such setting{nearest(name, list(known))}")
        given = {}
        for one in fields(cls):
            name = f"{_PREFIX}{one.name.upper()}"
            if text := environ.get(name, "").strip():
                try:
                    given[one.name] = one.metadata["read"](text)
                except ValueError as error:
                    raise SettingMistake(name, f"cannot be used: {error}") from None
        return cls(**given)


def read_zone(mapping: Mapping[str, Any]) -> ZoneInfo:
    """The account's zone, Asia/Kolkata unless it names another; raises `SettingMistake`."""
    name = mapping.get("zone", DEFAULT_ZONE)
    try:
        return ZoneInfo(name)
    except (TypeError, ValueError, OSError, KeyError):
        raise SettingMistake("zone", f"no zone {quote(str(name))} in the zone database") from None


def read_flag(mapping: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    """A switch of an account; raises `SettingMistake` for anything but true and false."""
    value = mapping.get(name, default)
    if not isinstance(value, bool):
        raise SettingMistake(name, "must be true or false")
    return value


@dataclass(frozen=True)
class Topic(Generic[T]):
    """What one topic wants from account settings.

    `names` are the setting names it understands, `files` those of them that name a file, and
    `build` turns the effective mapping and the files' texts into the topic's own frozen settings;
    it raises `SettingMistake` on any mistake.
    """

    names: tuple[str, ...]
    build: Callable[[Mapping[str, Any], Files], T]
    files: tuple[str, ...] = ()


class Accounts:
    """Account settings as written: `{"default": {}, "account": {id: {}}, "flow": {id: {}}}`.

    Immutable; what topics build from it is kept, so a second look costs a dictionary access.
    """

    def __init__(
        self, document: Mapping[str, Any] | None = None, files: Files | None = None
    ) -> None:
        document = document or {}
        self.files: Files = files or {}
        self._default: Mapping[str, Any] = document.get("default", {})
        self._account: Mapping[str, Mapping[str, Any]] = document.get("account", {})
        self._flow: Mapping[str, Mapping[str, Any]] = document.get("flow", {})
        self._built: dict[tuple[int, str | None, str | None], Any] = {}

    def knows(self, account: str) -> bool:
        """Is there a table of this account?"""
        return account in self._account

    def effective(self, account: str | None, flow: str | None) -> Mapping[str, Any]:
        """What holds for one account and flow; flow first, then account, then default."""
        return ChainMap(
            dict(self._flow.get(flow or "", {})),
            dict(self._account.get(account or "", {})),
            dict(self._default),
        )

    def settings(self, topic: Topic[T], account: str | None = None, flow: str | None = None) -> T:
        """The topic's settings for one account and flow, built once."""
        key = (
            id(topic),
            account if account in self._account else None,
            flow if flow in self._flow else None,
        )
        built: T | None = self._built.get(key)
        if built is None:
            built = self._built[key] = topic.build(self.effective(account, flow), self.files)
        return built

    def scopes(self) -> list[tuple[str, str | None, Mapping[str, Any]]]:
        """Every scope written down: kind (of `SCOPES`), id or None, settings."""
        return [
            ("default", None, self._default),
            *(("account", name, keys) for name, keys in self._account.items()),
            *(("flow", name, keys) for name, keys in self._flow.items()),
        ]

    def mistakes(self, topics: tuple[Topic[Any], ...]) -> list[Mistake]:
        """Every mistake as (scope, id, key, message); empty when the settings can be used.

        A scope is read with what lies below it. What some account mends is no mistake of a flow.
        """
        known = [name for topic in topics for name in topic.names]
        found = [
            (scope, name, key, f"no such setting{nearest(key, known)}")
            for scope, name, keys in self.scopes()
            for key in keys
            if key not in known
        ]
        for topic in topics:
            below = self._mistake(topic, "default", None)
            for scope, name, keys in self.scopes():
                wrong = self._mistake(topic, scope, name)
                if wrong and (scope == "default" or wrong[0] in keys):
                    found.append((scope, name, *wrong))
                elif wrong and wrong != below and not self._mended(topic, scope, name):
                    both = f'[{scope}."{name}"] together with [default]'
                    found.append((scope, name, wrong[0], f"{wrong[1]} (in {both})"))
        order = {place[:2]: number for number, place in enumerate(self.scopes())}
        return sorted(dict.fromkeys(found), key=lambda one: order[one[:2]])

    def _mistake(
        self, topic: Topic[Any], scope: str, name: str | None, account: str | None = None
    ) -> tuple[str, str] | None:
        """Key and message of what is wrong with a topic in one scope and those below it."""
        ids = {"account": account, scope: name}
        try:
            self.settings(topic, ids.get("account"), ids.get("flow"))
        except SettingMistake as error:
            return error.key, error.message
        except Exception as error:  # noqa: BLE001  whatever was written, the file is refused for it
            return self._culprit(topic, ids), f"cannot be used ({type(error).__name__})"
        return None

    def _culprit(self, topic: Topic[Any], ids: Mapping[str, str | None]) -> str:
        """The setting that a topic cannot be built with even alone; empty when there is none."""
        written = self.effective(ids.get("account"), ids.get("flow"))
        for key in topic.names:
            try:
                topic.build({key: written[key]} if key in written else {}, self.files)
            except SettingMistake:
                continue
            except Exception:  # noqa: BLE001  the one looked for
                return key
        return ""

    def _mended(self, topic: Topic[Any], scope: str, name: str | None) -> bool:
        """Can a flow's settings be used with those of some account?"""
        return scope == "flow" and any(
            self._mistake(topic, scope, name, account) is None for account in self._account
        )
