"""Settings of the sandbox dialler: a TOML file, or nothing at all.

Without a file every well-formed id is admitted. With one, only the accounts in it are.

>>> config = read_config('rate_realtime = 5')
>>> config.rate_realtime, config.accounts
(5, ())
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any

from rules.errors import SettingMistake

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SandboxAccount", "SandboxConfig", "read_config"]


@dataclass(frozen=True)
class SandboxAccount:
    """One account the sandbox knows; `balance` of `None` never ends.

    `valid_until` is the last day of validity, in India.
    """

    name: str
    security_id: str
    flows: tuple[str, ...] = ()
    balance: int | None = None
    valid_until: date | None = None
    test: bool = False


@dataclass(frozen=True)
class SandboxConfig:
    """How the sandbox behaves; rates are requests per sender and minute."""

    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    checksum_hours: int = 24
    rate_realtime: int = 500
    rate_bulk: int = 30_000
    call_seconds: int = 30
    flow_end_url: str = ""
    accounts: tuple[SandboxAccount, ...] = ()


_NUMBERS = ("checksum_hours", "rate_realtime", "rate_bulk", "call_seconds")
_ACCOUNT = {field.name for field in fields(SandboxAccount)} - {"name"}


def read_config(text: str) -> SandboxConfig:
    """Settings from TOML text; `SettingMistake` names what cannot be used."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingMistake("sandbox", f"is no TOML: {error}") from None
    accounts = document.pop("account", {})
    if not isinstance(accounts, dict):
        raise SettingMistake("account", "must be tables, [account.<name>]")
    known = {field.name for field in fields(SandboxConfig)} - {"accounts"}
    for key, value in document.items():
        if key not in known:
            raise SettingMistake(key, "no such setting")
        if key in _NUMBERS and (type(value) is not int or value < 1):
            raise SettingMistake(key, "must be a whole number above 0")
    if not isinstance(document.get("flow_end_url", ""), str):
        raise SettingMistake("flow_end_url", "must be text")
    return SandboxConfig(
        **{
            **document,
            "allowed_networks": _networks(document.get("allowed_networks", [])),
            "accounts": tuple(_account(name, table) for name, table in accounts.items()),
        }
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_date(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


_FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "security_id": (_is_text, "text"),
    "flows": (_is_texts, 'a list of texts, such as ["aB3dE5gH"]'),
    "balance": (_is_count, "a whole number, 0 or more"),
    "valid_until": (_is_date, "a date without quotes, such as 2027-03-31"),
    "test": (lambda value: isinstance(value, bool), "true or false"),
}
"""Form of each setting of an account, and how to say it."""


def _networks(value: Any) -> tuple[IPv4Network | IPv6Network, ...]:
    mistake = SettingMistake("allowed_networks", "must be a list of networks (CIDR)")
    if not _is_texts(value):
        raise mistake
    try:
        return tuple(ip_network(network, strict=False) for network in value)
    except ValueError:
        raise mistake from None


def _account(name: str, table: Any) -> SandboxAccount:
    if not isinstance(table, dict) or "security_id" not in table or set(table) - _ACCOUNT:
        raise SettingMistake(f"account.{name}", f"must hold security_id, and may hold {_ACCOUNT}")
    for key, value in table.items():
        fits, wanted = _FORMS[key]
        if not fits(value):
            raise SettingMistake(f"account.{name}.{key}", f"must be {wanted}")
    return SandboxAccount(name, **{**table, "flows": tuple(table.get("flows", ()))})
