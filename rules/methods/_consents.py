"""What the methods on consent share: their fields, and how a state is told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from rules.dates import DateUnreadable, read_date
from rules.envelope import Field, Unusable, choice, text
from rules.methods._agent import stamp
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT, kept_under, short_text
from rules.methods._method import Reply, fixed
from rules.outbound.purposes import Purpose, read_purpose
from rules.prefs import PREFS, Channel, Consent, How, consent_state
from rules.services import need

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from rules.methods._method import Call, Pairs

__all__ = [
    "CHANNEL",
    "EVIDENCE",
    "FAILURE",
    "LANGUAGE",
    "NOTICE",
    "PURPOSE",
    "REPLIES",
    "VALID_UNTIL",
    "add_rows",
    "told",
    "valid_until",
]

STATE, AT = "$flow.key.consentState", "$flow.key.consentAt"
FAILURE = fixed((STATE, "unknown"), (AT, ""))
REPLIES = (
    Reply(STATE, "`given`, `refused`, `withdrawn`, `expired` or `unknown`"),
    Reply(AT, "moment of the row that says so, empty for `unknown`"),
)


def purpose(value: str) -> Purpose:
    """A purpose as the call rules know it."""
    found = read_purpose(value)
    if found is None:
        raise Unusable(f"is none of {', '.join(one.value for one in Purpose)}")
    return found


PURPOSE: Field[Purpose] = Field(
    "$flow.key.consentPurpose", purpose, "what the customer may be called for"
)
CHANNEL: Field[Channel] = Field(
    "$flow.key.consentChannel",
    choice(Channel),
    "`voice`, `sms`, `whatsapp`, `email` or `any`",
)
EVIDENCE: Field[str] = Field(
    "$flow.key.consentEvidence",
    short_text,
    "call id, recording, form id or the operator's consent id",
    default="",
)
NOTICE: Field[str] = Field(
    "$flow.key.consentNotice", short_text, "which wording the customer was given", default=""
)
LANGUAGE: Field[str] = Field(
    "$flow.key.consentLanguage", partial(short_text, longest=50), "in which language", default=""
)
VALID_UNTIL: Field[str | None] = Field(
    "$flow.key.consentValidUntil", text, "last good day", default=None
)


def valid_until(call: Call) -> date | None:
    """The last good day; an unreadable one is kept as a problem."""
    said, zone = call[VALID_UNTIL], call.settings(PREFS).zone
    if said is None:
        return None
    try:
        return read_date(said, today=call.now.astimezone(zone).date(), zone=zone).date
    except DateUnreadable as error:
        call.filled.refuse(VALID_UNTIL, error.code, str(error))
        return None


def add_rows(
    call: Call,
    *,
    purposes: Iterable[Purpose],
    channel: Channel,
    status: str,
    how: How | None,
    until: date | None = None,
) -> None:
    """Record one row for each purpose, all or none."""
    rows = [
        Consent(
            purpose=purpose.value,
            channel=channel.value,
            status=status,
            at=call.now,
            valid_until=until,
            how=how.value if how else "",
            evidence=call[EVIDENCE],
            notice_version=call[NOTICE],
            language=call[LANGUAGE],
            recorded_by=call.request_id,
            id=str(UUID(int=call.services.draw(1 << 128), version=4)),
        )
        for purpose in purposes
    ]
    store = need(call.services.consents, "store of consents")
    store.add(call[CUSTOMER_ACCOUNT], call[CONTACT], rows)


def told(call: Call, purpose: Purpose, channel: Channel) -> Pairs:
    """The state at this moment."""
    store = need(call.services.consents, "store of consents")
    rows = store.of(call[CUSTOMER_ACCOUNT], kept_under(call))
    zone = call.settings(PREFS).zone
    state = consent_state(
        rows, purpose=purpose.value, channel=channel.value, at=call.now.astimezone(zone)
    )
    at = None if state.row is None else state.row.at
    return [(STATE, str(state.state)), (AT, stamp(at, zone))]
