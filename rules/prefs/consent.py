"""Consent: rows of evidence, and the state they add up to. Rows are only ever added.

It is evidence, not the registry: where the law counts what is registered with the operators, that
counts. Withdrawing is as easy as giving: one more row.

>>> from datetime import UTC, datetime
>>> at = datetime(2026, 11, 18, 5, tzinfo=UTC)
>>> given = Consent("service_explicit", "voice", Status.GIVEN, at)
>>> consent_state([given], purpose="service_explicit", channel="voice", at=at).state == "given"
True
>>> consent_state([given], purpose="service_explicit", channel="sms", at=at).state == "unknown"
True
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

__all__ = ["EXPIRED", "UNKNOWN", "Channel", "Consent", "ConsentState", "How", "Status"]
__all__ += ["consent_state"]

UNKNOWN = "unknown"
EXPIRED = "expired"


class Channel(StrEnum):
    """How somebody may be reached."""

    VOICE = "voice"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    ANY = "any"


class Status(StrEnum):
    """What the customer said."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class How(StrEnum):
    """How the customer said it."""

    KEYPAD = "keypad"
    SPEECH = "speech"
    WEB = "web"
    APP = "app"
    PAPER = "paper"
    IMPORT = "import"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Consent:
    """One row of evidence; whose it is stands beside it in the store."""

    purpose: str
    channel: str
    status: str
    at: datetime
    valid_until: date | None = None
    how: str = ""
    evidence: str = ""
    notice_version: str = ""
    language: str = ""
    recorded_by: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class ConsentState:
    """`given`, `refused`, `withdrawn`, `expired` or `unknown`, and the row that says so."""

    state: str
    row: Consent | None = None


def consent_state(
    rows: Iterable[Consent], *, purpose: str, channel: str, at: datetime
) -> ConsentState:
    """State at a moment: the newest row of the purpose for this channel or `any`.

    Of rows of one moment the later in `rows` is newer. `valid_until` is the last good day, by the
    calendar of `at`'s own time zone.
    """
    newest = None
    for row in rows:
        if row.purpose == purpose and row.channel in (channel, Channel.ANY) and row.at <= at:
            newest = row if newest is None or row.at >= newest.at else newest
    if newest is None:
        return ConsentState(UNKNOWN)
    ended = newest.valid_until is not None and at.date() > newest.valid_until
    return ConsentState(
        EXPIRED if ended and newest.status == Status.GIVEN else newest.status, newest
    )
