"""The checks of the create API, in order; the first that fails gives the code.

Real time answers with the code. Bulk takes everything in that is JSON and notes the code that real
time would have answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.dates import read_iso
from rules.outbound import CODES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rules.sandbox.config import SandboxAccount, SandboxConfig

__all__ = ["MOST_CALLS", "Judged", "JudgedCall", "account_of", "judge"]

MOST_CALLS = 500
ZONE = ZoneInfo("Asia/Kolkata")
_SECURITY_ID = re.compile(r"[A-Za-z0-9]{64}\Z")
_FLOW_ID = re.compile(r"[A-Za-z0-9]{8}\Z")
_NUMBER = re.compile(r"\d{10,15}\Z", re.ASCII)
_FORCE = re.compile(r"force-(\d{3})\Z", re.ASCII)


@dataclass(frozen=True)
class JudgedCall:
    """One call of a request, and the code it would get alone."""

    code: int
    client_id: Any
    start: datetime | None
    numbers: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Judged:
    """A request and its code in real time."""

    code: int
    calls: tuple[JudgedCall, ...] = ()

    @property
    def good(self) -> tuple[JudgedCall, ...]:
        """The calls that would be made."""
        return tuple(call for call in self.calls if call.code == 200)


def judge(
    top: dict[str, Any],
    *,
    config: SandboxConfig,
    now: datetime,
    repeated: Callable[[], bool],
    balance: Callable[[SandboxAccount], int | None],
) -> Judged:
    """The code of a request that is a JSON object.

    `repeated` tells whether these bytes were accepted before, `balance` what an account has left.
    """
    forced = _forced(top.get("calls"))
    if forced:
        return Judged(forced)
    account = account_of(top, config)
    code = _head(top, config, account, now)
    if not code and repeated():
        code = 201
    calls = top.get("calls")
    code = code or _list(calls)
    if code or not isinstance(calls, list):
        return Judged(code)
    judged = tuple(_call(call, now) for call in calls)
    good = sum(call.code == 200 for call in judged)
    left = balance(account) if account else None
    if left is not None and good > left:
        return Judged(212)
    if good == len(judged):
        return Judged(200, judged)
    return Judged(209 if good else judged[0].code, judged)


def account_of(top: dict[str, Any], config: SandboxConfig) -> SandboxAccount | None:
    """The configured account whose security id a request carries."""
    return next((a for a in config.accounts if a.security_id == top.get("security-id")), None)


def _head(
    top: dict[str, Any], config: SandboxConfig, account: SandboxAccount | None, now: datetime
) -> int:
    """Code of version, security id and flow id; 0 when they are good."""
    return (
        _version(top.get("api-version"), account)
        or _security(top.get("security-id"), account, now, strict=bool(config.accounts))
        or _flow(top.get("flow-id"), account)
    )


def _version(version: Any, account: SandboxAccount | None) -> int:
    if _missing(version):
        return 210
    in_test = version == "TEST" and account is not None and account.test
    return 0 if version == "1.0" or in_test else 203


def _security(security: Any, account: SandboxAccount | None, now: datetime, *, strict: bool) -> int:
    if _missing(security):
        return 210
    if not _fits(_SECURITY_ID, security) or (strict and account is None):
        return 202
    last = account.valid_until if account else None
    return 211 if last and now.astimezone(ZONE).date() > last else 0


def _flow(flow: Any, account: SandboxAccount | None) -> int:
    if _missing(flow):
        return 210
    return 0 if _fits(_FLOW_ID, flow) and (account is None or flow in account.flows) else 301


def _list(calls: Any) -> int:
    """Code of the list as such; 0 when its calls may be looked at."""
    if calls is None or calls == []:
        return 302
    if not isinstance(calls, list):
        return 210
    return 303 if len(calls) > MOST_CALLS else 0


def _call(call: Any, now: datetime) -> JudgedCall:
    if not isinstance(call, dict):
        return JudgedCall(210, None, None, (), ())
    numbers = call.get("contact-numbers")
    listed = tuple(map(str, numbers)) if isinstance(numbers, list) else ()
    start = _start(call.get("start-time"))
    code = 200
    if not listed:
        code = 210
    elif not any(_NUMBER.match(number.replace(" ", "").removeprefix("+")) for number in listed):
        code = 205
    elif start is None or start.astimezone(ZONE).date() < now.astimezone(ZONE).date():
        code = 210
    return JudgedCall(code, call.get("client-identifier"), start, listed, _keys(call.get("keys")))


def _start(text: Any) -> datetime | None:
    return read_iso(text, ZONE) if isinstance(text, str) else None


def _keys(keys: Any) -> tuple[tuple[str, str], ...]:
    """Names and values that can be shown; the dialler does not judge them."""
    found = keys if isinstance(keys, list) else []
    return tuple((str(k.get("name")), str(k.get("value"))) for k in found if isinstance(k, dict))


def _forced(calls: Any) -> int:
    """A code asked for with the client identifier `force-<code>`, 0 without."""
    for call in calls if isinstance(calls, list) else ():
        name = call.get("client-identifier") if isinstance(call, dict) else None
        match = _FORCE.match(name) if isinstance(name, str) else None
        if match and int(match[1]) in CODES and int(match[1]) != 200:
            return int(match[1])
    return 0


def _missing(value: Any) -> bool:
    return value is None or value == ""


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and bool(pattern.match(value))
