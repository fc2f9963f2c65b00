"""What is remembered of one customer: named values, some with an end, and what became of them.

A change names the variables it touches; the others stay. A value past its end is absent at once,
whether or not somebody has deleted it. Storing a value again keeps it, starts its term anew, and
makes no history.

>>> from datetime import UTC, datetime
>>> now = datetime(2026, 11, 18, 5, tzinfo=UTC)
>>> stored, history = apply_preferences({}, {"city": "Pune", "plan": None}, now=now)
>>> visible(stored, now=now), history[0].new
({'city': 'Pune'}, 'Pune')
>>> apply_preferences(stored, {"city": "Pune"}, now=now) == (stored, [])
True
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.errors import RulesError

__all__ = [
    "LIMITS",
    "Change",
    "Kind",
    "Limits",
    "Preference",
    "Stored",
    "TooManyPreferences",
    "apply_preferences",
    "drop_expired",
    "first_expiry",
    "forever",
    "visible",
]

Ttl = Callable[[str], int | None]
"""Days a new value of this name lives; `None`: for ever."""


@dataclass(frozen=True, slots=True)
class Preference:
    """One stored value and the moment it ends, if any."""

    value: str
    expires: datetime | None = None


Stored = Mapping[str, Preference]


class Kind(StrEnum):
    """What a history row tells."""

    SET = "set"
    EXPIRED = "expired"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of history; `None` is no value."""

    at: datetime
    name: str
    old: str | None
    new: str | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Limits:
    """The most variables of one contact, characters of a name, characters of a value."""

    variables: int = 500
    name: int = 200
    value: int = 4_000


LIMITS = Limits()


class TooManyPreferences(RulesError):
    """One more variable than a contact may have; `name` is the first that found no room."""

    code = "OUT_OF_RANGE"

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"a contact has at most {limit} variables")
        self.name = name


def forever(_: str) -> int | None:
    """The term of values that never expire."""
    return None


def apply_preferences(
    stored: Stored,
    changes: Mapping[str, str | None],
    *,
    now: datetime,
    ttl: Ttl = forever,
    limits: Limits = LIMITS,
) -> tuple[dict[str, Preference], list[Change]]:
    """Old and change to new, with the rows of history; a change to `None` leaves the value."""
    new, history = drop_expired(stored, now=now)
    for name, value in changes.items():
        if value is None:
            continue
        old = new.get(name)
        if old is None and len(new) >= limits.variables:
            raise TooManyPreferences(name, limits.variables)
        days = ttl(name)
        new[name] = Preference(value, None if days is None else now + timedelta(days=days))
        if old is None or old.value != value:
            before = None if old is None else old.value
            history.append(Change(now, name, before, value, Kind.SET))
    return new, history


def drop_expired(stored: Stored, *, now: datetime) -> tuple[dict[str, Preference], list[Change]]:
    """What is left at this moment, and a row for each value that has ended, oldest first."""
    kept: dict[str, Preference] = {}
    ended: list[Change] = []
    for name, one in stored.items():
        if one.expires is None or now < one.expires:
            kept[name] = one
        else:
            ended.append(Change(one.expires, name, one.value, None, Kind.EXPIRED))
    ended.sort(key=lambda change: (change.at, change.name))
    return kept, ended


def visible(stored: Stored, *, now: datetime) -> dict[str, str]:
    """The values at this moment by name, without expired ones."""
    return {
        name: one.value for name, one in stored.items() if one.expires is None or now < one.expires
    }


def first_expiry(stored: Stored) -> datetime | None:
    """The moment the next value ends."""
    return min((one.expires for one in stored.values() if one.expires is not None), default=None)
