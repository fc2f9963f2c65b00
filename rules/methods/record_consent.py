"""`recordConsent`: keep what a customer said to being called, as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field, choice
from rules.methods import _consents as consents
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT
from rules.methods._method import Method
from rules.prefs import How, Status

if TYPE_CHECKING:
    from datetime import date

    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]

STATUS: Field[Status] = Field(
    "$flow.key.consentStatus", choice(Status), "`given`, `refused` or `withdrawn`"
)
HOW: Field[How] = Field(
    "$flow.key.consentHow",
    choice(How),
    "`keypad`, `speech`, `web`, `app`, `paper`, `import` or `operator`",
)


def _check(call: Call) -> date | None:
    """Until when the consent holds; `None` is for good."""
    return consents.valid_until(call)


def _run(call: Call) -> Pairs:
    purpose, channel = call[consents.PURPOSE], call[consents.CHANNEL]
    consents.add_rows(
        call,
        purposes=[purpose],
        channel=channel,
        status=call[STATUS].value,
        how=call[HOW],
        until=call.typed,
    )
    return consents.told(call, purpose, channel)


METHOD = Method(
    name="recordConsent",
    about="keep what a customer said to being called, as evidence",
    fields=(
        CONTACT,
        CUSTOMER_ACCOUNT,
        consents.PURPOSE,
        consents.CHANNEL,
        STATUS,
        HOW,
        consents.EVIDENCE,
        consents.NOTICE,
        consents.LANGUAGE,
        consents.VALID_UNTIL,
    ),
    replies=consents.REPLIES,
    run=_run,
    failure=consents.FAILURE,
    check=_check,
)
