"""`exportUserPreferences` (admin): everything kept on a customer, for who asks for it by right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rules.methods import _kept as kept
from rules.methods._agent import policy_of, stamp
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT, kept_under
from rules.methods._method import Method, Reply
from rules.prefs import PREFS, drop_expired, settled
from rules.services import need
from rules.telecom.contact import phone_digits

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs
    from rules.prefs import Interval

__all__ = ["METHOD"]

_ALWAYS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_ALL_ROWS = 1_000_000


def _pauses(call: Call) -> list[Interval]:
    """The breaks of this number, when it is an agent's of this account, as they are now."""
    store = need(call.services.pauses, "store of pauses")
    if phone_digits(call[CONTACT]) is None:
        return []
    found = store.overlapping(*_ALWAYS, cli=call[CONTACT])
    return [
        settled(one, at=call.now, policy=policy_of(call, one.account))
        for one in found
        if one.account in ("", call[CUSTOMER_ACCOUNT])
    ]


def _everything(call: Call) -> dict[str, Any]:
    account, contact, zone = call[CUSTOMER_ACCOUNT], call[CONTACT], call.settings(PREFS).zone
    stored = need(call.services.preferences, "store of preferences").find(account, contact)
    present, _ = drop_expired(stored, now=call.now)
    consents = need(call.services.consents, "store of consents").of(account, kept_under(call))
    return {
        "account": account,
        "contact": contact,
        "exported_at": stamp(call.now, zone),
        "values": kept.values(present, zone),
        "history": kept.history(call, limit=_ALL_ROWS),
        "consents": [kept.consent(row, zone) for row in consents],
        "pauses": [kept.interval(one, zone) for one in _pauses(call)],
    }


def _run(call: Call) -> Pairs:
    found = kept.as_json(_everything(call))
    return [(kept.STATUS.name, "SUCCESS"), ("$flow.key.prefsExport", found)]


METHOD = Method(
    name="exportUserPreferences",
    about="everything kept on a customer: values, history, consents, pauses",
    fields=(CONTACT, CUSTOMER_ACCOUNT),
    replies=(kept.STATUS, Reply("$flow.key.prefsExport", "all of it as JSON text")),
    run=_run,
    failure=kept.FAILURE,
    admin=True,
)
