"""`eraseUserPreferences` (admin): forget a customer's values, at once, and keep a minimal log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rules.envelope import Field, Unusable, items
from rules.errors import StoreUnavailable
from rules.methods import _kept as kept
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT, short_text
from rules.methods._method import Method, Reply
from rules.methods._reports import erase_from_reports
from rules.prefs import contact_hash
from rules.services import need
from rules.services.prefs import Origin

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]


def names(value: str) -> tuple[str, ...]:
    """Names from a list, or from a JSON list for names that hold a comma."""
    if not value.startswith("["):
        return items(value)
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise Unusable("is no list of names")
    return tuple(found)


NAMES: Field[tuple[str, ...] | None] = Field(
    "$flow.key.prefsNames", names, "only these variables", default=None
)
WHO: Field[str] = Field("$flow.key.prefsAskedBy", short_text, "who asked for it", default="")


def _run(call: Call) -> Pairs:
    key = call.services.settings.hash_key
    if not key:
        raise StoreUnavailable("erasing needs the setting RULES_HASH_KEY")
    hashed = contact_hash(key, call[CONTACT])
    erased = need(call.services.preferences, "store of preferences").erase(
        call[CUSTOMER_ACCOUNT],
        call[CONTACT],
        names=call[NAMES],
        hashed=hashed,
        at=call.now,
        origin=Origin("eraseUserPreferences", call.request_id, call.flow or "", call[WHO]),
    )
    if call[NAMES] is None:
        erase_from_reports(call.services, call[CUSTOMER_ACCOUNT], call[CONTACT], hashed)
    return [(kept.STATUS.name, "SUCCESS"), ("$flow.key.prefsErased", str(erased))]


METHOD = Method(
    name="eraseUserPreferences",
    about="forget a customer's values, at once, and keep a minimal log",
    fields=(CONTACT, CUSTOMER_ACCOUNT, NAMES, WHO),
    replies=(kept.STATUS, Reply("$flow.key.prefsErased", "how many values were there")),
    run=_run,
    failure=kept.FAILURE,
    admin=True,
)
