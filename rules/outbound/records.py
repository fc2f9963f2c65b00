"""Call rules as dated records: `data/call_rules.csv`, one record a row; no value stands in code.

A changed record gets a new version and the old row stays, so that a decision of last year can be
explained with the rules of last year. Only records in force, practised or of the house act.

>>> rules = load_rules()
>>> record = next(record for record in rules.records if record.id == "R11")
>>> record.value, record.purposes, record.severity.value
('08:00-19:00', frozenset({<Purpose.RECOVERY: 'recovery'>}), 'defer')
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cache, cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.errors import BadTable
from rules.outbound.hours import Hours, read_hours
from rules.outbound.purposes import Purpose, read_purpose
from rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "ACTING",
    "COLUMNS",
    "CallRules",
    "Record",
    "RuleKind",
    "Severity",
    "Status",
    "load_rules",
]

TABLE = "call_rules"
_DAY = timedelta(days=1)
COLUMNS = (
    "id",
    "version",
    "kind",
    "purposes",
    "entity_types",
    "value",
    "zone",
    "effective_from",
    "effective_to",
    "status",
    "severity",
    "source",
    "read_on",
    "sureness",
    "confirmed_by",
    "confirmed_on",
    "title",
    "note",
)


class RuleKind(Enum):
    """What a record looks at: clock times, the caller id, or clock times an account sets."""

    WINDOW = "window"
    SERIES = "series"
    ACCOUNT_WINDOW = "account_window"


class Status(Enum):
    """Standing of a record."""

    IN_FORCE = "in_force"
    DRAFT = "draft"
    SUPERSEDED = "superseded"
    OPERATOR_PRACTICE = "operator_practice"
    HOUSE_RULE = "house_rule"


ACTING = frozenset({Status.IN_FORCE, Status.OPERATOR_PRACTICE, Status.HOUSE_RULE})


class Severity(Enum):
    """What follows when a call does not fit."""

    BLOCK = "block"
    DEFER = "defer"
    WARN = "warn"


@dataclass(frozen=True)
class Record:
    """One version of one rule."""

    id: str
    version: int
    kind: RuleKind
    purposes: frozenset[Purpose]
    entity_types: frozenset[str]
    value: str
    zone: ZoneInfo | None
    effective_from: date | None
    effective_to: date | None
    status: Status
    severity: Severity
    source: str = ""
    read_on: date | None = None
    sureness: str = ""
    confirmed_by: str = ""
    confirmed_on: date | None = None
    title: str = ""
    note: str = ""

    @property
    def acts(self) -> bool:
        """Does the record take part in decisions?"""
        return self.status in ACTING

    @cached_property
    def hours(self) -> Hours:
        """The window of a `window` record."""
        return read_hours(self.value)

    @cached_property
    def series(self) -> tuple[str, ...]:
        """Beginnings a caller id may have, of a `series` record."""
        return tuple(self.value.split("|"))

    def fits(self, purpose: Purpose) -> bool:
        """May the record speak about calls of this purpose?"""
        return not self.purposes or purpose in self.purposes

    def holds_on(self, day: date) -> bool:
        """Is the record effective on this civil date?"""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )

    def turns_between(self, first: date, last: date) -> bool:
        """Does the record begin or end on a day between these, give or take one?"""
        first, last = first - _DAY, last + _DAY
        return any(day and first <= day <= last for day in (self.effective_from, self.effective_to))


@dataclass(frozen=True)
class CallRules:
    """All records, and a name for exactly these: `version`."""

    records: tuple[Record, ...]
    version: str = ""

    @cached_property
    def entity_types(self) -> frozenset[str]:
        """Every entity type a record speaks of."""
        return frozenset().union(*(record.entity_types for record in self.records))

    def find(self, rule_id: str, version: int) -> Record | None:
        """One version of one rule."""
        return next((r for r in self.records if (r.id, r.version) == (rule_id, version)), None)


@cache
def load_rules() -> CallRules:
    """The records of `data/call_rules.csv`; `BadTable` names the row that cannot be used."""
    rows = read_table(TABLE, COLUMNS)
    return CallRules(read_records(rows), _version(rows))


def read_records(rows: Iterable[Sequence[str]]) -> tuple[Record, ...]:
    """Records from table rows in the order of `COLUMNS`."""
    records = []
    for row in rows:
        cells = dict(zip(COLUMNS, row, strict=True))
        try:
            records.append(_record(cells))
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise BadTable(f"{TABLE}, record {cells['id']}: {error}") from None
    return tuple(records)


def _record(cells: dict[str, str]) -> Record:
    record = Record(
        id=cells["id"],
        version=int(cells["version"]),
        kind=RuleKind(cells["kind"]),
        purposes=frozenset(_purpose(word) for word in _list(cells["purposes"])),
        entity_types=frozenset(_list(cells["entity_types"])),
        value=cells["value"],
        zone=ZoneInfo(cells["zone"]) if cells["zone"] else None,
        effective_from=_day(cells["effective_from"]),
        effective_to=_day(cells["effective_to"]),
        status=Status(cells["status"]),
        severity=Severity(cells["severity"]),
        source=cells["source"],
        read_on=_day(cells["read_on"]),
        sureness=cells["sureness"],
        confirmed_by=cells["confirmed_by"],
        confirmed_on=_day(cells["confirmed_on"]),
        title=cells["title"],
        note=cells["note"],
    )
    if record.kind is RuleKind.WINDOW:
        read_hours(record.value)
    if record.kind is not RuleKind.SERIES and record.zone is None:
        raise ValueError("a window needs a zone")
    if record.kind is RuleKind.SERIES and record.severity is Severity.DEFER:
        raise ValueError("a caller id cannot defer")
    return record


def _list(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def _purpose(word: str) -> Purpose:
    purpose = read_purpose(word)
    if purpose is None:
        raise ValueError(f"'{word}' is no purpose")
    return purpose


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def _version(rows: Sequence[Sequence[str]]) -> str:
    """Newest reading day and a digest of every cell."""
    newest = max((row[COLUMNS.index("read_on")] for row in rows), default="")
    digest = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    return f"{newest}/{digest[:12]}"
