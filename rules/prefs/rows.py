"""Rows of a table of customers: what each asks to remember, or why it cannot be stored.

A table has a column `contact` and either a column per variable, where a blank cell leaves the value
as it is, or the columns `name`, `value` and perhaps `expires`, where an empty value is stored.

>>> from datetime import datetime
>>> from rules.prefs.settings import PrefSettings
>>> now = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
>>> row = {"contact": "080003-74123", "city": "Pune", "plan": ""}
>>> read_row(row, now=now, settings=PrefSettings())
CustomerRow(contact='918000374123', values={'city': 'Pune'}, expires=None)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.dates import read_iso
from rules.errors import ContactTooLong, RulesError, UnreadableNumber
from rules.prefs.profile import Preference, apply_preferences
from rules.telecom.contact import contact_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rules.prefs.profile import Change, Stored
    from rules.prefs.settings import PrefSettings

__all__ = ["LONG", "CustomerRow", "RowRefused", "columns_problem", "export_rows", "read_row"]

CONTACT = "contact"
LONG = ("contact", "name", "value", "expires")
"""Columns of a table with one variable per row."""


class RowRefused(RulesError):
    """A row that cannot be stored; the message says the reason and quotes nothing of it."""

    code = "ROW_REFUSED"


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """Values of one customer; `expires` is when they end, where the table says so."""

    contact: str
    values: Mapping[str, str]
    expires: datetime | None = None

    def apply(
        self, stored: Stored, *, now: datetime, days: int | None, settings: PrefSettings
    ) -> tuple[Stored, Sequence[Change]]:
        """The rule for the store: the table's end first, then `days`, then the account's term."""

        def ttl(name: str) -> int | None:
            return days or settings.ttl_days.get(name)

        new, changes = apply_preferences(stored, self.values, now=now, ttl=ttl)
        if self.expires is not None:
            new |= {name: Preference(value, self.expires) for name, value in self.values.items()}
        return new, changes


def columns_problem(columns: Sequence[str]) -> str:
    """Why a table with these columns cannot be read, empty when it can."""
    if CONTACT not in columns:
        return "the first line must name a column 'contact'"
    if len(set(columns)) < len(columns) or "" in columns:
        return "each column needs a name of its own"
    others = [name for name in columns if name not in LONG]
    if {"name", "value"} <= set(columns) and others:
        return f"beside 'name' and 'value' there is no place for a column '{others[0][:60]}'"
    return "" if len(columns) > 1 else "there is no column with values"


def read_row(row: Mapping[str, str], *, now: datetime, settings: PrefSettings) -> CustomerRow:
    """One row; raises `RowRefused`."""
    long = {"name", "value"} <= set(row)
    if long:
        values = {row["name"]: row["value"]}
    else:
        values = {name: text for name, text in row.items() if name != CONTACT and text.strip()}
    for name, text in values.items():
        if not name.strip():
            raise RowRefused("the name is missing")
        if problem := settings.names.problem(name, text):
            raise RowRefused(f"{name[:60]}: {problem[1]} ({problem[0]})")
    return CustomerRow(_contact(row[CONTACT]), values, _expires(row, now, settings, long=long))


def _contact(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise RowRefused("the contact is missing")
    try:
        return contact_id(text).value
    except (ContactTooLong, UnreadableNumber) as error:
        raise RowRefused(f"nobody can be told by this contact ({error.code})") from None


def _expires(
    row: Mapping[str, str], now: datetime, settings: PrefSettings, *, long: bool
) -> datetime | None:
    text = row.get("expires", "").strip() if long else ""
    if not text:
        return None
    found = read_iso(text, settings.zone)
    if found is None or found <= now:
        raise RowRefused("expires is no moment ahead")
    return found


def export_rows(contact: str, stored: Stored, *, now: datetime) -> list[tuple[str, ...]]:
    """A contact's values as rows of a table (`LONG`) that reads back as the same values."""
    written = contact if contact_id(contact).value == contact else f"+{contact}"
    return [
        (written, name, one.value, "" if one.expires is None else one.expires.isoformat())
        for name, one in sorted(stored.items())
        if one.expires is None or now < one.expires
    ]
