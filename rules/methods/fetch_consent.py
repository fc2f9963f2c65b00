"""`fetchConsent`: may this customer be called for that purpose, by what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.methods import _consents as consents
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT
from rules.methods._method import Method

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]


def _run(call: Call) -> Pairs:
    return consents.told(call, call[consents.PURPOSE], call[consents.CHANNEL])


METHOD = Method(
    name="fetchConsent",
    about="what a customer said to being called for a purpose, on a channel, as of now",
    fields=(CONTACT, CUSTOMER_ACCOUNT, consents.PURPOSE, consents.CHANNEL),
    replies=consents.REPLIES,
    run=_run,
    failure=consents.FAILURE,
)
