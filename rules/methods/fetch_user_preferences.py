"""`fetchUserPreferences`: what is remembered of a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT
from rules.methods._method import Method, Reply, fixed
from rules.prefs import visible
from rules.services import need

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]


def _run(call: Call) -> Pairs:
    store = need(call.services.preferences, "store of preferences")
    stored = store.find(call[CUSTOMER_ACCOUNT], call[CONTACT])
    return [
        (f"$user.key.{name}", value)
        for name, value in sorted(visible(stored, now=call.now).items())
    ]


METHOD = Method(
    name="fetchUserPreferences",
    about="what is remembered of a customer, without what has expired",
    fields=(CONTACT, CUSTOMER_ACCOUNT),
    replies=(Reply("$user.key.<name>", "every stored value, sorted by name"),),
    run=_run,
    failure=fixed(),
)
