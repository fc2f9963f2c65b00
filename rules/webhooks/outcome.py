"""What came of a call: status, reason, and the variables a flow gets.

The first rule that applies decides: no usable reply, the status, the body, the map. A failed call
sets no mapped variable at all.

>>> from rules.webhooks import MapEntry, WebhookSpec
>>> spec = WebhookSpec("https://api.example/", mapping=(MapEntry("$flow.key.id", "data.id"),))
>>> interpret(spec, Reply(200, (), b'{"id": 7}', 0.114)).pairs()[:2]
[('$flow.key.response_status', 'SUCCESS'), ('$flow.key.response_status_code', '200')]
>>> interpret(spec, Reply(503, (), b"", 0.2)).reason.value
'SERVER_ERROR'
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from rules.outgoing import OutgoingError, Refused, Reply, TimedOut, TooLarge
from rules.webhooks.mapping import BadMap, apply_map, compile_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.webhooks.spec import WebhookSpec

__all__ = ["Failure", "Outcome", "Reason", "interpret", "interpret_error"]

_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_STATUSES = range(100, 600)
_UNAUTHORIZED = 401
_NULL = "null"


class Reason(StrEnum):
    """Why a call failed; in the order in which they are looked for."""

    INVALID_FLOW_VAR = "INVALID_FLOW_VAR"
    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_RESPONSE_MAP = "INVALID_RESPONSE_MAP"
    TIMEOUT = "TIMEOUT"
    CONNECTION_ERROR = "CONNECTION_ERROR"
    AUTHENTICATION_FAILURE = "AUTHENTICATION_FAILURE"
    INFORMATIONAL = "INFORMATIONAL"
    REDIRECTION = "REDIRECTION"
    CLIENT_ERROR = "CLIENT_ERROR"
    SERVER_ERROR = "SERVER_ERROR"
    INVALID_RESPONSE = "INVALID_RESPONSE"


_TYPES = {
    1: Reason.INFORMATIONAL,
    3: Reason.REDIRECTION,
    4: Reason.CLIENT_ERROR,
    5: Reason.SERVER_ERROR,
}
_SUCCESSFUL = "SUCCESSFUL"


@dataclass(frozen=True)
class Failure:
    """Nothing was sent; `detail` is for the designer and holds no value."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a call went. `raw` is the reply's body as text; `variables` are the mapped ones."""

    ok: bool
    status_code: int | None = None
    seconds: float = 0.0
    raw: str | None = field(default=None, repr=False)
    reason: Reason | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """The exit a flow takes: 0 for success, 1 for failure."""
        return 0 if self.ok else 1

    @property
    def status_type(self) -> str:
        """The status by hundreds; empty without a reply."""
        hundreds = (self.status_code or 0) // 100
        return _SUCCESSFUL if hundreds == 2 else str(_TYPES.get(hundreds, ""))

    def pairs(self) -> list[tuple[str, str]]:
        """The variables that say how it went, then the mapped ones, as a flow gets them."""
        own = {
            "response_status": "SUCCESS" if self.ok else "FAILED",
            "response_status_code": "" if self.status_code is None else str(self.status_code),
            "response_status_type": self.status_type,
            "response_duration": f"{self.seconds:.2f}",
            "response_raw": _NULL if self.raw is None else self.raw,
            "response_error": "false" if self.ok else "true",
            "error_reason": str(self.reason or ""),
            "response_line": str(self.line),
        }
        if self.ok:
            del own["response_status_type"], own["error_reason"]
        return [
            *((f"$flow.key.{name}", text) for name, text in own.items()),
            *self.variables.items(),
        ]


def interpret(spec: WebhookSpec, reply: Reply) -> Outcome:
    """The outcome of a call that was answered."""
    if reply.status not in _STATUSES:
        return Outcome(ok=False, seconds=reply.seconds, reason=Reason.CONNECTION_ERROR)
    charset = _charset(reply)
    raw, guessed = _text(reply.body, charset)
    answered = Outcome(
        ok=False,
        status_code=reply.status,
        seconds=reply.seconds,
        raw=raw,
        warnings=("CHARSET_GUESSED",) if guessed else (),
    )
    if reply.status // 100 != 2:
        return replace(answered, reason=_by_status(spec, reply.status))
    return _by_body(spec, answered, reply.body, charset)


def interpret_error(spec: WebhookSpec, error: OutgoingError) -> Outcome:
    """The outcome of a call without a usable reply."""
    status = error.status
    if isinstance(error, Refused):
        reason = Reason.INVALID_REQUEST
    elif isinstance(error, TimedOut):
        reason = Reason.TIMEOUT
    elif isinstance(error, TooLarge) and status is not None and status in _STATUSES:
        reason = Reason.INVALID_RESPONSE if status // 100 == 2 else _by_status(spec, status)
        return Outcome(ok=False, status_code=status, seconds=error.seconds, reason=reason)
    else:
        reason = Reason.CONNECTION_ERROR
    return Outcome(ok=False, seconds=error.seconds, reason=reason)


def _by_status(spec: WebhookSpec, status: int) -> Reason:
    if status == _UNAUTHORIZED and spec.auth == "basic":
        return Reason.AUTHENTICATION_FAILURE
    return _TYPES[status // 100]


def _by_body(spec: WebhookSpec, answered: Outcome, body: bytes, charset: str) -> Outcome:
    """Body and map of a reply in the two hundreds."""
    try:
        compiled = compile_map(spec.mapping, spec.response_type)
    except BadMap:
        return replace(answered, reason=Reason.INVALID_RESPONSE_MAP)
    if not body:
        if compiled.needs_a_body:
            return replace(answered, reason=Reason.INVALID_RESPONSE)
        return replace(answered, ok=True)
    mapped = apply_map(compiled, body, charset)
    if mapped.unreadable:
        return replace(answered, reason=Reason.INVALID_RESPONSE)
    if mapped.missing:
        return replace(answered, reason=Reason.INVALID_RESPONSE_MAP)
    warnings = (*answered.warnings, *(f"LIST_CUT {name}" for name in mapped.cut))
    return replace(answered, ok=True, variables=mapped.variables, warnings=warnings)


def _charset(reply: Reply) -> str:
    found = _CHARSET.search(reply.header("Content-Type") or "")
    return found[1] if found else ""


def _text(body: bytes, charset: str) -> tuple[str | None, bool]:
    """The body as text, and whether characters had to be guessed."""
    if not body:
        return None, False
    for encoding in ("utf-8-sig", charset):
        try:
            return body.decode(encoding), False
        except (LookupError, ValueError):
            continue
    return body.decode("utf-8", "replace"), True
