"""The dialler's create API: an order to bytes, an answer to an outcome.

Bytes are written in one fixed order without blanks and are re-sent unchanged, because the dialler
refuses a body it has already accepted (code 201): that is what keeps a retry from calling twice.

>>> start = "2026-11-18T10:45:00+05:30"
>>> call = WireCall("1.0", "s" * 64, "aB3dE5gH", "c-1", start, ("919876543210",))
>>> WireCall.decode(call.encode()) == call
True
>>> interpret(200, (), b'{"api-response-code": 202, "request-id": "r-1"}').kind.value
'accepted'
>>> interpret(200, (), b'{"api-response-code": 202}').reason
'INVALID_SECURITY_ID'
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = [
    "CODES",
    "LARGEST_BODY",
    "MESSAGES",
    "Kind",
    "Outcome",
    "WireCall",
    "interpret",
    "no_answer",
    "start_text",
]

LARGEST_BODY = 262_144
LONGEST_WAIT = 3600
"""Seconds of a `Retry-After` that are kept; more is cut."""

CODES = {
    200: "SUCCESS",
    201: "CHECKSUM_REPEATED",
    202: "INVALID_SECURITY_ID",
    203: "INVALID_API_VERSION",
    204: "INVALID_GATEWAY_ID",
    205: "INVALID_CONTACT_NUMBER",
    206: "FAILURE_FROM_GATEWAY",
    207: "DID_NOT_MAPPED",
    208: "NO_MASK_AVAILABLE",
    209: "PARTIAL_SUCCESS",
    210: "INVALID_MANDATORY_PARAMETERS",
    211: "VALIDITY_EXPIRED",
    212: "INSUFFICIENT_BALANCE",
    213: "NO_DATA_AVAILABLE",
    301: "INVALID_FLOW_ID",
    302: "EMPTY_CALL_LIST",
    303: "MAX_DATA_LIST_SIZE_EXCEEDED",
    304: "INVALID_FLOW_VERSION",
    400: "INVALID_FORMAT",
    401: "IP_NOT_WHITELISTED",
    402: "PHONE_NOT_WHITELISTED",
    500: "FAILURE",
}
"""Code to name; a code that is not here is passed on as `UNKNOWN_CODE`."""

MESSAGES = {
    200: "Success",
    201: "Checksum Repeated",
    202: "Invalid Security ID",
    203: "API Version not Supported",
    204: "Invalid SMS Gateway",
    205: "Invalid Contact Number",
    206: "Failure from Gateway",
    207: "DID Not Mapped",
    208: "No Mask Available",
    209: "Partial Success",
    210: "Invalid Mandatory Parameters",
    211: "Validity Expired",
    212: "Insufficient Balance",
    213: "No Data Available",
    301: "Invalid Flow ID",
    302: "Empty Call List",
    303: "Max Data List Size Exceeded",
    304: "Invalid Flow Version",
    400: "Invalid Format",
    401: "IP Not Whitelisted",
    402: "Phone Not Whitelisted",
    500: "Failure",
}
"""Code to the dialler's own message."""

_ACCEPTED, _REPEATED, _TAKEN_IN, _PARTLY = 200, 201, 202, 209


class Kind(Enum):
    """What an attempt came to."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt; `known` is whether its fate is certain."""

    kind: Kind
    code: int = 0
    request_id: str = ""
    phonon_uuid: str = ""
    reason: str = ""
    known: bool = True
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class WireCall:
    """The one call of a body, member by member; `start` is wire text."""

    api_version: str
    security_id: str
    flow_id: str
    client_id: str
    start: str
    numbers: tuple[str, ...]
    keys: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        """The exact bytes: fixed member order, UTF-8, no blanks."""
        return msgspec.json.encode(
            {
                "api-version": self.api_version,
                "security-id": self.security_id,
                "flow-id": self.flow_id,
                "calls": [
                    {
                        "client-identifier": self.client_id,
                        "start-time": self.start,
                        "contact-numbers": self.numbers,
                        "keys": [{"name": name, "value": value} for name, value in self.keys],
                    }
                ],
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> WireCall:
        """The call behind bytes that `encode` wrote."""
        top = msgspec.json.decode(body)
        (call,) = top["calls"]
        return cls(
            top["api-version"],
            top["security-id"],
            top["flow-id"],
            call["client-identifier"],
            call["start-time"],
            tuple(call["contact-numbers"]),
            tuple((key["name"], key["value"]) for key in call["keys"]),
        )

    def starting(self, start: datetime) -> WireCall:
        """The same call with another start."""
        return replace(self, start=start_text(start))

    def masked(self) -> str:
        """The body as a person may see it: the security id as 64 asterisks."""
        return replace(self, security_id="*" * 64).encode().decode()


def start_text(moment: datetime) -> str:
    """A start on the wire: whole seconds and the offset of its zone."""
    return moment.isoformat(timespec="seconds")


def no_answer(*, sent: bool, reason: str = "DIALLER_DOWN") -> Outcome:
    """The outcome when nothing usable came back; what was never sent surely did not arrive."""
    return Outcome(Kind.DOWN, reason=reason, known=not sent)


def interpret(
    status: int,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    earlier_unknown: bool = False,
    client_id: str = "",
) -> Outcome:
    """Read an answer to the one call `client_id`; when it is blank, any call is taken for ours.

    `earlier_unknown` is whether these bytes may have arrived before.
    """
    fields = {name.casefold(): value for name, value in headers}
    wait = _seconds(fields.get("retry-after", ""), fields.get("date", ""))
    if 300 <= status < 400:
        return Outcome(Kind.DOWN, reason="WRONG_ADDRESS")
    if status == 429 or (status == 503 and "retry-after" in fields):
        return Outcome(Kind.DOWN, reason="DIALLER_BUSY", retry_after=wait)
    if status in (403, 413):
        return _refused(401 if status == 403 else 400)
    answer = None if status >= 500 else _answer(body)
    if answer is None:
        return no_answer(sent=True)
    return _judge(answer, earlier_unknown=earlier_unknown, client_id=client_id)


def _judge(answer: dict[str, Any], *, earlier_unknown: bool, client_id: str) -> Outcome:
    """The outcome of a well-formed answer."""
    code: int = answer["api-response-code"]
    request_id = _text(answer.get("request-id"))
    details = answer.get("call-details")
    calls = details if isinstance(details, list) else []
    if code == _PARTLY and client_id:
        calls = [call for call in calls if _names(call, client_id)]
    call = calls[0] if calls else None
    if code == _REPEATED and earlier_unknown:
        return Outcome(Kind.ACCEPTED, code, reason=CODES[code])
    if code == _PARTLY and call is None:
        return _refused(205)
    if code in (_ACCEPTED, _PARTLY) or (code == _TAKEN_IN and request_id):
        uuid = _text(call.get("phonon-uuid")) if isinstance(call, dict) else ""
        return Outcome(Kind.ACCEPTED, code, request_id, uuid)
    return _refused(code)


def _names(call: Any, client_id: str) -> bool:
    """Is this entry of the details about the call with our identifier?"""
    return isinstance(call, dict) and call.get("client-identifier") == client_id


def _refused(code: int) -> Outcome:
    return Outcome(Kind.REJECTED, code, reason=CODES.get(code, "UNKNOWN_CODE"))


def _answer(body: bytes) -> dict[str, Any] | None:
    """The object in a body that has a code, its code as a number."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    code = answer.get("api-response-code") if isinstance(answer, dict) else None
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code[:9])
    if not isinstance(code, int) or isinstance(code, bool):
        return None
    return {**answer, "api-response-code": code}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _seconds(text: str, date: str) -> int:
    """Seconds of a `Retry-After`, a number or a date beside the answer's own date; 0 if odd."""
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT)
    try:
        wait = (parsedate_to_datetime(text) - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return 0
    return max(0, min(int(wait), LONGEST_WAIT))
