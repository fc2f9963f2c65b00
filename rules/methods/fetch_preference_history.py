"""`fetchPreferenceHistory` (admin): what became of a customer's values."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rules.envelope import Field
from rules.methods import _kept as kept
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT, short_text
from rules.methods._method import Method, Reply

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]

MOST_ROWS = 1_000
NAME: Field[str | None] = Field(
    "$flow.key.prefsName", partial(short_text, longest=200), "only this variable", default=None
)


def _run(call: Call) -> Pairs:
    rows = kept.history(call, name=call[NAME], limit=MOST_ROWS)
    yield kept.STATUS.name, "SUCCESS"
    yield "$flow.key.prefsHistory", kept.as_json(rows)


METHOD = Method(
    name="fetchPreferenceHistory",
    about="what became of a customer's values, newest first",
    fields=(CONTACT, CUSTOMER_ACCOUNT, NAME),
    replies=(kept.STATUS, Reply("$flow.key.prefsHistory", "rows as JSON text, 1,000 at most")),
    run=_run,
    failure=kept.FAILURE,
    admin=True,
)
