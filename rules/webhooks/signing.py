"""Signing messages and checking signatures, as Standard Webhooks says (D3).

Signed are the very bytes sent, with the message's id and the second of the attempt. `verify` is for
receivers: it raises `BadSignature` for everything that is not a fresh message of the sender.

>>> from datetime import UTC, datetime
>>> secret = "whsec_b3VyLW93bi1leGFtcGxlLXNlY3JldC0zMi1ieXRlcyE="
>>> now = datetime.fromtimestamp(1794978000, UTC)
>>> headers = dict(sign("msg_0198c2f4a6b1", now, b"{}", (secret,)))
>>> verify({k: v.decode() for k, v in headers.items()}, b"{}", secret, now=now)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

__all__ = ["BadSignature", "sign", "verify"]

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_VERSION = "v1,"
_SHORTEST, _LONGEST = 24, 64


class BadSignature(RulesError):
    """The message is not to be trusted; the text says why."""

    code = "BAD_SIGNATURE"


def sign(
    message_id: str, now: datetime, body: bytes, secrets: Sequence[str]
) -> list[tuple[str, bytes]]:
    """The three headers of one attempt at a moment; each secret signs."""
    timestamp = str(int(now.timestamp()))
    signatures = [_signature(_key(secret), message_id, timestamp, body) for secret in secrets]
    return [
        (ID, message_id.encode()),
        (TIMESTAMP, timestamp.encode()),
        (SIGNATURE, " ".join(signatures).encode()),
    ]


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    *,
    now: datetime,
    tolerance: int = 300,
) -> None:
    """Raise `BadSignature` unless the message was signed with the secret, at most so long ago."""
    given = _given(headers)
    if not isinstance(body, bytes | bytearray | memoryview):
        raise BadSignature("the body must be the bytes that came")
    timestamp = given[TIMESTAMP].strip()
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise BadSignature("the timestamp is no number of seconds")
    if abs(now.timestamp() - int(timestamp)) > tolerance:
        raise BadSignature("the timestamp is too far from now")
    wanted = _signature(_key(secret), given[ID], timestamp, body).encode()
    sent = [one for one in given[SIGNATURE].split() if one.startswith(_VERSION)]
    matches = [hmac.compare_digest(wanted, one.encode("utf-8", "replace")) for one in sent]
    if not any(matches):
        raise BadSignature("no signature of this message fits")


def _given(headers: Any) -> dict[str, str]:
    """The three headers, whatever their case; refused unless each is there and is text."""
    try:
        named = {name.casefold(): one for name, one in headers.items() if isinstance(name, str)}
    except (AttributeError, TypeError, ValueError):
        raise BadSignature("the headers are no mapping") from None
    wanted = (ID, TIMESTAMP, SIGNATURE)
    missing = [name for name in wanted if not named.get(name)]
    if missing:
        raise BadSignature(f"header {', '.join(missing)} is missing")
    if not all(isinstance(named[name], str) for name in wanted):
        raise BadSignature("a header is not text")
    return {name: named[name] for name in wanted}


def _key(secret: Any) -> bytes:
    if not isinstance(secret, str):
        raise BadSignature("the secret is not text")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("the secret is no base64") from None
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise BadSignature("the secret must be 24 to 64 bytes")
    return key


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((message_id.encode("utf-8", "replace"), timestamp.encode(), body))
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return _VERSION + base64.b64encode(digest).decode()
