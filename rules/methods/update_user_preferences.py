"""`updateUserPreferences`: remember values of a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.envelope import Field, Rest, text, within
from rules.errors import BadParameters, FieldProblem
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT
from rules.methods._method import Method, Reply, fixed
from rules.prefs import LIMITS, PREFS, Kind, TooManyPreferences, apply_preferences
from rules.prefs.settings import MAX_TTL_DAYS
from rules.services import need
from rules.services.prefs import Origin
from rules.variables import is_unreplaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.methods._method import Call, Pairs
    from rules.prefs import Change, Preference, Stored

__all__ = ["METHOD"]

SUCCESS = "$flow.key.userPrefsUpdationSuccess"
VALUES = Rest("$user.key.", "a value to remember; null leaves it as it was")
TTL: Field[int | None] = Field(
    "$flow.key.prefsTtlDays",
    within(1, MAX_TTL_DAYS),
    "days after which the values of this request are forgotten",
    default=None,
)


def _variable(name: str) -> Field[Any]:
    return Field(f"{VALUES.prefix}{name[: LIMITS.name]}", text, "")


def _changes(call: Call) -> dict[str, str | None]:
    """Every variable sent; `None` for one that stays as it was."""
    return {
        name: None if value is None or is_unreplaced(value.strip()) else value
        for name, value in call.envelope.rest(VALUES).items()
    }


def _check(call: Call) -> dict[str, str | None]:
    """The changes asked for."""
    changes = _changes(call)
    if not changes:
        call.filled.refuse(_variable("<name>"), "MISSING_PARAMETER", "send at least one variable")
    rules = call.settings(PREFS).names
    for name, value in changes.items():
        problem = rules.problem(name, value or "")
        if problem is not None:
            call.filled.refuse(_variable(name), *problem)
    return changes


def _run(call: Call) -> Pairs:
    changes: dict[str, str | None] = call.typed
    table, days = call.settings(PREFS).ttl_days, call[TTL]

    def rule(stored: Stored) -> tuple[dict[str, Preference], Sequence[Change]]:
        return apply_preferences(
            stored,
            changes,
            now=call.now,
            ttl=lambda name: table.get(name) if days is None else days,
        )

    store = need(call.services.preferences, "store of preferences")
    origin = Origin("updateUserPreferences", call.request_id, call.flow or "")
    try:
        made = store.change(call[CUSTOMER_ACCOUNT], call[CONTACT], rule, origin)
    except TooManyPreferences as error:
        problem = FieldProblem(_variable(error.name).name, error.code, str(error))
        raise BadParameters([problem]) from None
    changed = sum(change.kind is Kind.SET for change in made)
    yield SUCCESS, "SUCCESS"
    yield "$flow.key.prefsChanged", str(changed)
    yield "$flow.key.prefsReason", _reason(changed, changes)


def _reason(changed: int, changes: dict[str, str | None]) -> str:
    if changed:
        return ""
    return "UNCHANGED" if any(value is not None for value in changes.values()) else "NO_VALUES"


METHOD = Method(
    name="updateUserPreferences",
    about="remember values of a customer; only the variables named change",
    fields=(CONTACT, CUSTOMER_ACCOUNT, VALUES, TTL),
    replies=(
        Reply(SUCCESS, "`SUCCESS` or `FAILURE`"),
        Reply("$flow.key.prefsChanged", "how many values changed", extra=True),
        Reply(
            "$flow.key.prefsReason",
            "`UNCHANGED` or `NO_VALUES` when nothing changed, else empty",
            extra=True,
        ),
    ),
    run=_run,
    failure=fixed((SUCCESS, "FAILURE")),
    check=_check,
)
