"""The call gate: may this call be made, and when. A pure function over dated records.

Number, purpose, moment and caller id go in; allow, defer or block comes out, with the records that
spoke. It is a tool for people who know their duties, not legal advice.

>>> from datetime import datetime
>>> from rules.outbound.purposes import Purpose
>>> from rules.outbound.records import load_rules
>>> from rules.outbound.settings import OutboundSettings
>>> at = datetime.fromisoformat("2026-11-18T09:30:00+05:30")
>>> decision = check_call(CallQuestion("919876543210", Purpose.PROMOTIONAL, at),
...                       rules=load_rules(), settings=OutboundSettings())
>>> decision.verdict.value, decision.at.isoformat()
('defer', '2026-11-18T10:00:00+05:30')
>>> [(said.id, said.effect.value) for said in decision.rules]
[('R5a', 'allow'), ('R5b', 'defer')]
"""

from __future__ import annotations

import heapq
import re
from datetime import datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from rules.outbound.hours import DAY, Hours, common
from rules.outbound.question import (
    NO_HOUR,
    CallDecision,
    CallQuestion,
    Effect,
    Said,
    Verdict,
    digits_of,
)
from rules.outbound.records import Record, RuleKind, Severity, Status
from rules.outbound.settings import OutsideWindow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.outbound.records import CallRules
    from rules.outbound.settings import OutboundSettings

__all__ = ["CallDecision", "CallQuestion", "Effect", "Said", "Verdict", "check_call", "is_indian"]

ACCOUNT = "ACCOUNT"
HORIZON = timedelta(days=30)
_HOME = ZoneInfo("Asia/Kolkata")
_NO_DIGITS = re.compile(r"\D+")


def is_indian(number: str) -> bool:
    """Is this an Indian number, written with its country code?"""
    return len(number) == 12 and number.startswith("91")


def check_call(
    question: CallQuestion, *, rules: CallRules, settings: OutboundSettings
) -> CallDecision:
    """Decide one call. Numbers of other countries are allowed with a warning.

    Raises `ValueError` for a number without country code and for a moment without offset.
    """
    if not is_indian(digits_of(question)):
        return CallDecision(Verdict.ALLOW, question.at, warnings=("NO_RULES_FOR_COUNTRY",))
    bench = _Bench(question, rules, settings)
    view = bench.judge(question.at)
    moment: datetime | None = question.at
    warnings = view.warnings
    verdict = view.verdict
    if verdict is Verdict.DEFER:
        moment = bench.first(question.at, Verdict.ALLOW)
        if moment is None:
            verdict, warnings = Verdict.BLOCK, (*warnings, NO_HOUR)
    change = moment if verdict is Verdict.DEFER else bench.change(question.at, verdict)
    return CallDecision(
        verdict,
        None if verdict is Verdict.BLOCK else moment,
        view.said,
        warnings,
        common(view.windows),
        change,
        bench.drafts(question.at) if settings.show_drafts else (),
    )


class _View(NamedTuple):
    """What all records say about one moment."""

    verdict: Verdict
    said: tuple[Said, ...]
    warnings: tuple[str, ...]
    windows: tuple[Hours, ...]


class _Bench:
    """The records that may speak about one question, and what they say at any moment."""

    def __init__(
        self, question: CallQuestion, rules: CallRules, settings: OutboundSettings
    ) -> None:
        self._caller = _national(question.caller_id or settings.caller_id)
        self._entity = question.entity_type or settings.entity_type
        self._callback = settings.callback_hours
        self._reject = settings.on_outside_window is OutsideWindow.REJECT
        fitting = [record for record in rules.records if record.fits(question.purpose)]
        own = settings.hours_for(question.purpose)
        self._records = [record for record in fitting if record.acts]
        self._records += [_own_record(own)] if own else []
        self._drafts = [record for record in fitting if record.status is Status.DRAFT]
        self._zones = {record.zone or _HOME for record in (*self._records, *self._drafts)}

    def judge(self, at: datetime) -> _View:
        """Hear every record about one moment. A block by caller id ends the hearing.

        The hours of the date are the same whatever the caller id says.
        """
        heard, warnings = self._called(self._records, at)
        series = [record for record in heard if record.kind is RuleKind.SERIES]
        windows = [record for record in heard if record.kind is not RuleKind.SERIES]
        said = [self._speak(record, at) for record in series]
        if not any(one.effect is Effect.BLOCK for one in said):
            said += [self._speak(record, at) for record in windows]
        bound = tuple(
            self._hours(record) for record in windows if record.severity is not Severity.WARN
        )
        for record, one in zip([*series, *windows], said, strict=False):
            if one.effect is Effect.WARN:
                is_series = record.kind is RuleKind.SERIES
                warnings.append("CALLER_ID_SERIES" if is_series else "OUTSIDE_WINDOW")
        effects = {one.effect for one in said}
        verdict = Verdict.DEFER if Effect.DEFER in effects else Verdict.ALLOW
        verdict = Verdict.BLOCK if Effect.BLOCK in effects else verdict
        return _View(verdict, tuple(said), tuple(dict.fromkeys(warnings)), bound)

    def drafts(self, at: datetime) -> tuple[Said, ...]:
        """What drafts would say."""
        heard, _ = self._called(self._drafts, at)
        return tuple(self._speak(record, at) for record in heard)

    def first(
        self, at: datetime, verdict: Verdict, *, within: timedelta = HORIZON
    ) -> datetime | None:
        """First moment after `at` with this verdict, within so long."""
        moments = self._boundaries(at, within)
        return next((t for t in moments if self.judge(t).verdict is verdict), None)

    def change(self, at: datetime, verdict: Verdict) -> datetime | None:
        """First moment after `at` with another final verdict, within the horizon.

        A deferral to no allowed hour in the 30 days after it is a block, and so no change of one.
        """
        opens = cache(lambda: self.first(at, Verdict.ALLOW, within=2 * HORIZON))
        for moment in self._boundaries(at):
            found = self.judge(moment).verdict
            if found is Verdict.DEFER and verdict is Verdict.BLOCK:
                allowed = opens()
                if allowed is None or allowed - moment > HORIZON:
                    continue
            if found is not verdict:
                return moment
        return None

    def _called(self, records: Sequence[Record], at: datetime) -> tuple[list[Record], list[str]]:
        """Records that apply at a moment, the newest version of each; warnings for the unasked."""
        newest: dict[str, Record] = {}
        days = {zone: at.astimezone(zone).date() for zone in self._zones}
        for record in records:
            if record.holds_on(days[record.zone or _HOME]):
                known = newest.get(record.id)
                if known is None or known.version < record.version:
                    newest[record.id] = record
        heard, warnings = [], []
        for record in newest.values():
            if record.kind is RuleKind.SERIES and not self._caller:
                warnings.append("CALLER_ID_UNKNOWN")
            elif record.entity_types and not self._entity:
                warnings.append("ENTITY_TYPE_UNKNOWN")
            elif not record.entity_types or self._entity in record.entity_types:
                heard.append(record)
        return heard, warnings

    def _speak(self, record: Record, at: datetime) -> Said:
        if record.kind is RuleKind.SERIES:
            good = self._caller.startswith(record.series)
        else:
            good = self._hours(record).holds(at.astimezone(record.zone or _HOME).time())
        effect = Effect.ALLOW if good else Effect(record.severity.value)
        if effect is Effect.DEFER and self._reject:
            effect = Effect.BLOCK
        return Said(record.id, record.version, effect)

    def _hours(self, record: Record) -> Hours:
        return self._callback if record.kind is RuleKind.ACCOUNT_WINDOW else record.hours

    def _boundaries(self, at: datetime, within: timedelta = HORIZON) -> Iterator[datetime]:
        """Moments after `at` at which an answer may change, in order, within so long."""
        minutes: dict[ZoneInfo, set[int]] = {}
        for record in self._records:
            marks = minutes.setdefault(record.zone or _HOME, set())
            if record.turns_between(at.date(), (at + within).date()):
                marks.add(0)
            if record.kind is not RuleKind.SERIES:
                marks |= {m % DAY for m in (self._hours(record).opens, self._hours(record).closes)}
        days = within.days + 2
        streams = [_marks(at, zone, sorted(marks), days) for zone, marks in minutes.items()]
        for moment in heapq.merge(*streams):
            if moment > at + within:
                return
            if moment > at:
                yield moment.astimezone(at.tzinfo)


def _marks(
    at: datetime, zone: ZoneInfo, minutes: Sequence[int], most_days: int
) -> Iterator[datetime]:
    """The given minutes of every day from the day of `at` on."""
    today = at.astimezone(zone).date()
    for days in range(most_days):
        for minute in minutes:
            clock = time(minute // 60, minute % 60)
            yield datetime.combine(today + timedelta(days), clock, zone)


def _own_record(hours: Hours) -> Record:
    """The account's own narrowing as one more record."""
    return Record(
        id=ACCOUNT,
        version=1,
        kind=RuleKind.WINDOW,
        purposes=frozenset(),
        entity_types=frozenset(),
        value=str(hours),
        zone=_HOME,
        effective_from=None,
        effective_to=None,
        status=Status.HOUSE_RULE,
        severity=Severity.DEFER,
        title="the account's own call hours",
    )


def _national(caller: str) -> str:
    """National digits of a caller id, empty when there is none."""
    digits = _NO_DIGITS.sub("", caller)
    if caller.strip().startswith("+91") or (len(digits) > 10 and digits.startswith("91")):
        digits = digits[2:]
    return digits.removeprefix("0")
