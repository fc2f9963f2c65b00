"""A list judged row by row before anybody is called: who, when, and who not and why.

>>> from datetime import datetime
>>> from rules.outbound.records import load_rules
>>> from rules.outbound.settings import OutboundSettings
>>> rows = [{"contact": "9876543210", "purpose": "recovery"}, {"contact": "+91 98765 43210"},
...         {"tel1": "98765XXXXX"}]
>>> judged = preview(rows, now=datetime.fromisoformat("2026-11-18T19:00:00+05:30"),
...                  settings=OutboundSettings(), rules=load_rules())
>>> [(row.verdict.value, row.reason) for row in judged]
[('deferred', 'R11'), ('duplicate', ''), ('invalid', 'MASKED_NUMBER')]
>>> judged.totals.valid, dict(judged.totals.rules)
(1, {'R11': 1})
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rules.dates import read_iso
from rules.outbound.gate import CallQuestion, Verdict, check_call, is_indian
from rules.outbound.numbers import read_numbers
from rules.outbound.purposes import read_purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from rules.outbound.gate import CallDecision
    from rules.outbound.purposes import Purpose
    from rules.outbound.records import CallRules
    from rules.outbound.settings import OutboundSettings

__all__ = [
    "CONTACT_COLUMNS",
    "Preview",
    "PreviewRow",
    "RowVerdict",
    "Totals",
    "contact_of",
    "marks_of",
    "named_start",
    "preview",
]

CONTACT_COLUMNS = ("contact", *(f"tel{number}" for number in range(1, 11)))
"""Columns that hold the numbers of a row, best first."""
_DIALLER_ZONE = ZoneInfo("Asia/Kolkata")
_MOST_KEPT = 10_000


class RowVerdict(Enum):
    """What becomes of a row."""

    ALLOWED = "allowed"
    DEFERRED = "deferred"
    BLOCKED = "blocked"
    INVALID = "invalid"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row judged: its numbers (as written when there is none), why, and when it would call."""

    number: str
    verdict: RowVerdict
    reason: str = ""
    when: datetime | None = None


@dataclass
class Totals:
    """Sums over the rows seen so far; `rules` counts the rules that moved or forbade a call."""

    verdicts: Counter[RowVerdict] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All rows."""
        return self.verdicts.total()

    @property
    def valid(self) -> int:
        """Rows with a usable number that stands for the first time."""
        unusable = self.verdicts[RowVerdict.INVALID] + self.verdicts[RowVerdict.DUPLICATE]
        return self.total - unusable


class Unusable(ValueError):
    """A row that cannot be called at all; the text is its code."""


def contact_of(row: Mapping[str, str]) -> str:
    """The numbers of a row: `contact`, then `tel1` to `tel10`, one a line."""
    cells = (row.get(column) or "" for column in CONTACT_COLUMNS)
    return "\n".join(filter(None, cells))


def marks_of(usable: Sequence[str]) -> frozenset[str]:
    """What a row is known again by: its first number, and all its numbers in any order.

    >>> sorted(marks_of(("919876543210", "919876500001")))
    ['919876500001,919876543210', '919876543210']
    """
    return frozenset((*usable[:1], ",".join(sorted(usable)))) if usable else frozenset()


def named_start(text: str, *, now: datetime, settings: OutboundSettings) -> datetime | None:
    """The start a row names, which may be gone by today; `None` when blank; raises `Unusable`."""
    if not text.strip():
        return None
    start = read_iso(text, settings.zone)
    if start is None:
        raise Unusable("INVALID_START_TIME")
    if start.astimezone(_DIALLER_ZONE).date() < now.astimezone(_DIALLER_ZONE).date():
        raise Unusable("START_DATE_PASSED")
    return start


def preview(
    rows: Iterable[Mapping[str, str]],
    *,
    now: datetime,
    settings: OutboundSettings,
    rules: CallRules,
) -> Preview:
    """Judge rows one by one as they are asked for; `totals` grow along."""
    return Preview(rows, now, settings, rules)


class Preview:
    """The judged rows, to be gone through once, and their totals."""

    def __init__(
        self,
        rows: Iterable[Mapping[str, str]],
        now: datetime,
        settings: OutboundSettings,
        rules: CallRules,
    ) -> None:
        self.totals = Totals()
        self._rows = rows
        self._now = now
        self._settings = settings
        self._rules = rules
        self._seen: set[str] = set()
        self._decided: dict[tuple[Purpose, datetime, bool], CallDecision] = {}

    def __iter__(self) -> Iterator[PreviewRow]:
        """The rows in order, each judged when it is reached."""
        for row in self._rows:
            judged = self._judge(row)
            self.totals.verdicts[judged.verdict] += 1
            yield judged

    def _judge(self, row: Mapping[str, str]) -> PreviewRow:
        contact = contact_of(row)
        numbers = read_numbers(contact)
        if not numbers.usable:
            reasons = ",".join(numbers.refused or ("MISSING_NUMBER",))
            return PreviewRow(contact.replace("\n", ","), RowVerdict.INVALID, reasons)
        shown = ",".join(numbers.usable)
        try:
            purpose = self._purpose(row.get("purpose") or "")
            start = self._start(row.get("starttime") or "")
        except Unusable as error:
            return PreviewRow(shown, RowVerdict.INVALID, str(error))
        marks = marks_of(numbers.usable)
        if marks & self._seen:
            return PreviewRow(shown, RowVerdict.DUPLICATE)
        self._seen |= marks
        left_out = ",".join(numbers.refused)
        if purpose is None:
            return PreviewRow(shown, RowVerdict.ALLOWED, left_out, self._local(start))
        return self._ask(shown, purpose, start, indian=any(map(is_indian, numbers.usable)))

    def _purpose(self, word: str) -> Purpose | None:
        if not word.strip():
            return self._settings.purpose
        purpose = read_purpose(word)
        if purpose is None:
            raise Unusable("INVALID_PURPOSE")
        return purpose

    def _start(self, text: str) -> datetime:
        """The start of a row; now when it names none, or one gone by today."""
        start = named_start(text, now=self._now, settings=self._settings)
        return max(start or self._now, self._now)

    def _ask(self, shown: str, purpose: Purpose, start: datetime, *, indian: bool) -> PreviewRow:
        """The gate's word; equal questions are asked once."""
        question = (purpose, start, indian)
        decision = self._decided.get(question)
        if decision is None:
            if len(self._decided) >= _MOST_KEPT:
                self._decided.clear()
            number = "919876543210" if indian else "14155550123"
            decision = self._decided[question] = check_call(
                CallQuestion(number, purpose, start), rules=self._rules, settings=self._settings
            )
        self.totals.rules.update(decision.against)
        reason = ",".join(decision.reasons)
        if decision.verdict is Verdict.BLOCK:
            return PreviewRow(shown, RowVerdict.BLOCKED, reason)
        verdict = RowVerdict.DEFERRED if reason else RowVerdict.ALLOWED
        return PreviewRow(shown, verdict, reason, self._local(decision.at or start))

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._settings.zone).replace(microsecond=0)
