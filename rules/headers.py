"""Which header lines may be sent: names by RFC 9110, values without control characters.

Checked before any library sees them: libraries let some control characters pass, and the two
headers that frame a message (`Content-Length`, `Transfer-Encoding`) as well.

>>> check_header("X-City", "पुणे".encode())
>>> check_header("Host", b"evil.example")
Traceback (most recent call last):
rules.headers.HeaderRefused: a header of this name may not be set
"""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import TYPE_CHECKING

from rules.errors import RulesError

if TYPE_CHECKING:
    from rules.secret import Secret

__all__ = ["HeaderRefused", "basic_auth", "check_header"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_REFUSED = frozenset(
    (
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "expect",
    )
)


class HeaderRefused(RulesError):
    """A header that may not be sent; neither name nor value is quoted."""

    code = "BAD_HEADER"


def check_header(name: str, value: bytes) -> None:
    """Raise `HeaderRefused` unless this header may be sent."""
    if not _TOKEN.match(name):
        raise HeaderRefused("a header name holds a character it may not")
    small = name.lower()
    if small in _REFUSED or small.startswith("proxy-"):
        raise HeaderRefused("a header of this name may not be set")
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise HeaderRefused("a header value is not UTF-8") from None
    if text != text.strip():
        raise HeaderRefused("a header value begins or ends with a blank")
    if has_control(text, "\t"):
        raise HeaderRefused("a header value holds a control character")


def has_control(text: str, allowed: str = "") -> bool:
    """Does the text hold a control character (of ASCII or beyond) that is not allowed here?"""
    if text.isprintable():
        return False
    return any(unicodedata.category(c) == "Cc" and c not in allowed for c in text)


def basic_auth(username: str, password: Secret) -> tuple[str, bytes]:
    """The header of basic authentication: base64 of the UTF-8 bytes; `HeaderRefused` as needed."""
    pair = f"{username}:{password.reveal()}"
    if ":" in username or has_control(pair):
        raise HeaderRefused("user name or password holds a character it may not")
    return "Authorization", b"Basic " + base64.b64encode(pair.encode())
