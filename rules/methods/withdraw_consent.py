"""`withdrawConsent`: the customer no longer wants it; as easy as giving, one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field, choice
from rules.methods import _consents as consents
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT
from rules.methods._method import Method
from rules.outbound.purposes import Purpose
from rules.prefs import Channel, How, Status

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]

PURPOSE: Field[Purpose | None] = Field(
    consents.PURPOSE.name, consents.purpose, "for one purpose only", default=None
)
CHANNEL: Field[Channel] = Field(
    consents.CHANNEL.name, choice(Channel), "for one channel only", default=Channel.ANY
)
HOW: Field[How | None] = Field(
    "$flow.key.consentHow", choice(How), "how the customer said it", default=None
)


def _run(call: Call) -> Pairs:
    purposes = list(Purpose) if (one := call[PURPOSE]) is None else [one]
    consents.add_rows(
        call,
        purposes=purposes,
        channel=call[CHANNEL],
        status=Status.WITHDRAWN.value,
        how=call[HOW],
    )
    return consents.told(call, purposes[0], call[CHANNEL])


METHOD = Method(
    name="withdrawConsent",
    about="the customer no longer wants it: for all purposes and channels unless named",
    fields=(
        CONTACT,
        CUSTOMER_ACCOUNT,
        PURPOSE,
        CHANNEL,
        HOW,
        consents.EVIDENCE,
        consents.NOTICE,
        consents.LANGUAGE,
    ),
    replies=consents.REPLIES,
    run=_run,
    failure=consents.FAILURE,
)
