"""Who clicked: a person or a machine, on which kind of device, seen before on the same day?

Messengers and mail programs open a link before any person does, to show a preview; security
scanners and crawlers follow. All are redirected alike, but only people count.

>>> is_human("GET", {"User-Agent": "WhatsApp/2.24"}, ("whatsapp",))
False
>>> device_of("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)").value
'mobile'
"""

from __future__ import annotations

import hmac
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

__all__ = [
    "DAY",
    "DAY_BEGINS",
    "PURPOSES",
    "Device",
    "day_number",
    "device_of",
    "is_human",
    "visitor_mark",
]

DAY, DAY_BEGINS = 86_400, 19_800
"""Seconds of a day, and by how many seconds it begins earlier in India than in UTC."""

PURPOSES = ("purpose", "x-purpose", "sec-purpose")
_AHEAD = ("prefetch", "preview")
_MOBILE = ("mobi", "android", "iphone", "ipad", "ipod", "kaios")
_DESKTOP = ("windows nt", "macintosh", "x11", "cros ")


class Device(StrEnum):
    """Kind of device, as far as a User-Agent says."""

    MOBILE = "mobile"
    DESKTOP = "desktop"
    OTHER = "other"


def is_human(verb: str, headers: Mapping[str, str], words: Sequence[str]) -> bool:
    """Is this request a person's click? `words` are those of previews and crawlers, small letters.

    Header names may have any case.
    """
    if verb != "GET":
        return False
    given = {name.casefold(): value.casefold() for name, value in headers.items()}
    agent = given.get("user-agent", "").strip()
    if not agent or any(word in agent for word in words):
        return False
    purposes = [given[name] for name in PURPOSES if name in given]
    return not any(word in purpose for purpose in purposes for word in _AHEAD)


def device_of(agent: str) -> Device:
    """Kind of device by its User-Agent."""
    agent = agent.casefold()
    if any(word in agent for word in _MOBILE):
        return Device.MOBILE
    return Device.DESKTOP if any(word in agent for word in _DESKTOP) else Device.OTHER


def day_number(moment: datetime) -> int:
    """Number of a moment's day in India; the visitor marks of a day have a key of their own.

    >>> from datetime import datetime
    >>> day_number(datetime.fromisoformat("1970-01-02T00:00:00+05:30"))
    1
    """
    return (int(moment.timestamp()) + DAY_BEGINS) // DAY


def visitor_mark(key: bytes, address: str, agent: str) -> int:
    """A number that says "the same visitor" for as long as `key` lives, and nothing else.

    >>> visitor_mark(b"k", "8.8.8.8", "x") == visitor_mark(b"other", "8.8.8.8", "x")
    False
    """
    text = f"{address}\n{agent}".encode("utf-8", "backslashreplace")
    return int.from_bytes(hmac.digest(key, text, "sha256")[:8], signed=True)
