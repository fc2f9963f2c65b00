"""Preferences and consent in memory."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from rules.errors import RulesError
from rules.prefs import Change, Kind, visible
from rules.services.prefs import HistoryRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from rules.prefs import Consent, Stored
    from rules.services.prefs import Origin, PreferenceRule

__all__ = ["MemoryConsents", "MemoryPreferences"]


class MemoryConsents:
    """`ConsentStore` in memory."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, Consent]] = []

    def add(self, account: str, contact: str, rows: Iterable[Consent]) -> None:
        """Keep rows."""
        self._rows += [(account, contact, row) for row in rows]

    def of(self, account: str, contacts: Collection[str]) -> list[Consent]:
        """Rows of these contact ids, oldest first."""
        found = [
            row for whose, contact, row in self._rows if (whose == account and contact in contacts)
        ]
        return sorted(found, key=lambda row: row.at)

    def move(self, account: str, contact: str, hashed: str) -> None:
        """Replace a contact by its hash."""
        self._rows = [
            (whose, hashed if (whose, of) == (account, contact) else of, row)
            for whose, of, row in self._rows
        ]


class MemoryPreferences:
    """`PreferenceStore` in memory; erasing reaches the consents it was made with."""

    def __init__(self, consents: MemoryConsents | None = None) -> None:
        self._consents = consents or MemoryConsents()
        self._stored: dict[tuple[str, str], Stored] = {}
        self._history: list[HistoryRow] = []
        self._lock = Lock()

    def find(self, account: str, contact: str) -> Stored:
        """What is stored of a contact."""
        return self._stored.get((account, contact), {})

    def change(
        self, account: str, contact: str, rule: PreferenceRule, origin: Origin
    ) -> Sequence[Change]:
        """Apply a rule to what is stored; gives back the rows of history it made."""
        with self._lock:
            new, changes = rule(self.find(account, contact))
            self._keep(account, contact, new)
            self._history += [HistoryRow(account, contact, one, origin) for one in changes]
        return changes

    def change_many(
        self, account: str, changes: Sequence[tuple[str, PreferenceRule]], origin: Origin
    ) -> list[Sequence[Change] | RulesError]:
        """Apply a rule to each contact."""
        made: list[Sequence[Change] | RulesError] = []
        for contact, rule in changes:
            try:
                made.append(self.change(account, contact, rule, origin))
            except RulesError as error:
                made.append(error)
        return made

    def _keep(self, account: str, contact: str, stored: Stored) -> None:
        if stored:
            self._stored[account, contact] = dict(stored)
        else:
            self._stored.pop((account, contact), None)

    def history(
        self, account: str, contacts: Collection[str], *, name: str | None = None, limit: int
    ) -> list[HistoryRow]:
        """Rows of these contact ids, newest first."""
        found = [
            row
            for row in reversed(self._history)
            if row.account == account and row.contact in contacts
            if name is None or row.change.name == name
        ]
        return found[:limit]

    def erase(
        self,
        account: str,
        contact: str,
        *,
        names: Collection[str] | None,
        hashed: str,
        at: datetime,
        origin: Origin,
    ) -> int:
        """Delete names (`None`: all) with their history; how many values, not ended, went."""
        with self._lock:
            stored = self.find(account, contact)
            mine = [
                row for row in self._history if (row.account, row.contact) == (account, contact)
            ]
            every = {*stored, *(row.change.name for row in mine)}
            gone = every if names is None else every & set(names)
            self._keep(account, contact, {n: one for n, one in stored.items() if n not in gone})
            lost = {id(row) for row in mine if row.change.name in gone}
            self._history = [row for row in self._history if id(row) not in lost]
            self._history += [
                HistoryRow(account, hashed, Change(at, name, None, None, Kind.ERASED), origin)
                for name in sorted(gone or {""})
            ]
            if names is None:
                self._consents.move(account, contact, hashed)
        return len(gone & {*visible(stored, now=at)})

    def page(
        self, account: str, *, after: str = "", limit: int = 1_000
    ) -> list[tuple[str, Stored]]:
        """Contacts of an account in order, those behind `after`."""
        found = sorted(c for whose, c in self._stored if whose == account and c > after)
        return [(contact, self.find(account, contact)) for contact in found[:limit]]

    def count(self, account: str) -> int:
        """How many contacts of an account have values."""
        return sum(whose == account for whose, _ in self._stored)

    def ended(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Accounts and contacts that hold a value past its end."""
        found = [
            whose
            for whose, stored in self._stored.items()
            if any(one.expires is not None and one.expires <= now for one in stored.values())
        ]
        return found[:limit]

    def purge_history(self, before: datetime, limit: int) -> int:
        """Delete history rows older than a moment; how many."""
        with self._lock:
            old = [row for row in self._history[:limit] if row.change.at < before]
            gone = {id(row) for row in old}
            self._history = [row for row in self._history if id(row) not in gone]
        return len(old)
