"""Webhooks of an account: where flow ends are pushed to, and what a check of one found.

An endpoint has one secret that signs; after a rotation the old one signs too, for a day. One of an
account's endpoints may be the default, which is the one flow ends go to.

>>> read_check_reply(204), read_check_reply(405), read_check_reply(403), read_check_reply(500)
(<CheckResult.OK: 'OK'>, <CheckResult.OK: 'OK'>, <CheckResult.NEEDS_AUTH: 'NEEDS_AUTH'>, \
<CheckResult.ERROR_ANSWER: 'ERROR_ANSWER'>)
>>> read_check_error("Refused", "address").may_be_saved
False
"""

from __future__ import annotations

import base64
import string
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MOST_AT_ONCE",
    "ROTATION",
    "CheckResult",
    "Endpoint",
    "new_message_id",
    "new_secret",
    "read_check_error",
    "read_check_reply",
]

ROTATION = timedelta(hours=24)
MOST_AT_ONCE = 4
_SECRET_BYTES = 32
_ID_LETTERS = string.digits + string.ascii_letters
_ID_LENGTH = 26
_TAKES_ONLY_POST = frozenset({404, 405, 501})


@dataclass(frozen=True)
class Endpoint:
    """A webhook of an account. `failing_since` is its first failure after the last success."""

    id: str
    account: str
    name: str
    url: str
    created_at: datetime
    secret: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    is_default: bool = False
    enabled: bool = True
    disabled_reason: str = ""
    old_secret: str = field(default="", repr=False)
    rotated_at: datetime | None = None
    checked_at: datetime | None = None
    check_result: str = ""
    failing_since: datetime | None = None
    at_once: int = MOST_AT_ONCE

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign at a moment, the newest first."""
        if self.old_secret and self.rotated_at and now < self.rotated_at + ROTATION:
            return self.secret, self.old_secret
        return (self.secret,)


class CheckResult(Enum):
    """What a check found; `tick` is its colour on a page."""

    OK = "OK"
    NEEDS_AUTH = "NEEDS_AUTH"
    ERROR_ANSWER = "ERROR_ANSWER"
    NO_ANSWER = "NO_ANSWER"
    TLS_FAILURE = "TLS_FAILURE"
    NAME_UNKNOWN = "NAME_UNKNOWN"
    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    HTTP_NOT_ENABLED = "HTTP_NOT_ENABLED"
    BAD_URL = "BAD_URL"

    @property
    def tick(self) -> str:
        """`green`, `yellow` or `red`."""
        if self in {CheckResult.OK, CheckResult.NEEDS_AUTH}:
            return "green"
        return "yellow" if self is CheckResult.ERROR_ANSWER else "red"

    @property
    def may_be_saved(self) -> bool:
        """May an endpoint with this result be kept? Not one we would never call."""
        return self not in _REFUSED.values()


_REFUSED = {
    "url": CheckResult.BAD_URL,
    "header": CheckResult.BAD_URL,
    "scheme": CheckResult.HTTP_NOT_ENABLED,
    "address": CheckResult.ADDRESS_REFUSED,
}
_UNREACHABLE = {"name": CheckResult.NAME_UNKNOWN, "tls": CheckResult.TLS_FAILURE}


def read_check_reply(status: int) -> CheckResult:
    """What the answer to a check means."""
    if status < 400 or status in _TAKES_ONLY_POST:
        return CheckResult.OK
    return CheckResult.NEEDS_AUTH if status in {401, 403} else CheckResult.ERROR_ANSWER


def read_check_error(error: str, kind: str) -> CheckResult:
    """What a failed check means: `error` is the kind of outgoing error, `kind` its cause."""
    if error == "Refused":
        return _REFUSED[kind]
    return _UNREACHABLE.get(kind, CheckResult.NO_ANSWER)


def new_secret(draw: Callable[[int], int]) -> str:
    """A fresh signing secret."""
    return "whsec_" + base64.b64encode(bytes(draw(256) for _ in range(_SECRET_BYTES))).decode()


def new_message_id(draw: Callable[[int], int]) -> str:
    """A fresh message id; it never changes, so receivers drop repetitions by it."""
    letters = (_ID_LETTERS[draw(len(_ID_LETTERS))] for _ in range(_ID_LENGTH))
    return "msg_" + "".join(letters)
