"""Is the date allowed, is the time allowed, which moment do we propose instead, and why.

Both flags judge the **requested** moment, after the increment (D36). The correction goes forward
only, within the limit, to the first moment that both flags accept, and keeps the asked time where
it fits (D37). All steps work on civil dates and wall clocks of the account's zone; a wall time that
a clock change skips moves forward by the gap before it is judged (D6).

>>> from datetime import datetime
>>> from rules.dates import DateSettings, Kind
>>> settings = DateSettings.from_mapping({"holiday_sets": []}, holidays=())
>>> now = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
>>> request = DateRequest("today 9 am", Kind.CALLBACK)
>>> result = validate_date_and_time(request, now=now, settings=settings)
>>> result.date_valid, result.time_reason.value, result.output.isoformat()
(True, 'PAST', '2026-11-19T09:00:00+05:30')
>>> [slot.day for slot in next_valid_slots(request, now=now, settings=settings, count=2)]
[19, 20]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.dates.case import Case
from rules.dates.moments import to_moment
from rules.dates.slots import find_slots, slots_from
from rules.dates.values import DateReason, DateRequest, DateResult, TimeReason

if TYPE_CHECKING:
    from datetime import date, datetime

    from rules.dates.settings import DateSettings
    from rules.dates.window import Window

__all__ = ["judge", "next_valid_slots", "validate_date_and_time"]

SLOTS = 3
"""Slots that are offered."""
_DATE_OK, _TIME_OK, _NOT_GIVEN = DateReason.OK, TimeReason.OK, TimeReason.NOT_GIVEN
_UNMOVED = (
    DateReason.WEEKDAY_MISMATCH,
    DateReason.OUT_OF_RANGE,
    DateReason.NO_WORKING_DAYS,
    DateReason.PAST,
    DateReason.BEYOND_LIMIT,
)


def validate_date_and_time(
    request: DateRequest, *, now: datetime, settings: DateSettings
) -> DateResult:
    """Judge a request at a moment; never raises for what a caller may say."""
    return _result(Case(request, now, settings))


def next_valid_slots(
    request: DateRequest, *, now: datetime, settings: DateSettings, count: int = SLOTS
) -> tuple[datetime, ...]:
    """The first moments that both flags accept, one a day: from the asked day, else from today."""
    return find_slots(Case(request, now, settings), count)


def judge(
    request: DateRequest, *, now: datetime, settings: DateSettings
) -> tuple[DateResult, tuple[datetime, ...]]:
    """Judgement and slots in one go."""
    case = Case(request, now, settings)
    return _result(case), find_slots(case, SLOTS)


def _result(case: Case) -> DateResult:
    """The whole judgement."""
    day, reading = case.day, case.reading
    window = case.usual if day is None else case.window(day)
    date_reason, time_reason = _date_reason(case), _time_reason(case, window)
    time_valid = time_reason is _TIME_OK or time_reason is _NOT_GIVEN
    output = _output(case, date_reason, time_valid=time_valid)
    moved = False
    if output is not None and output is not case.asked:
        moved = output.date() != day or (case.time is not None and output.time() != case.time)
    return DateResult(
        requested_date=day,
        requested_time=case.time,
        output=output,
        window=case.window(output.date()) if moved and output is not None else window,
        date_valid=date_reason is _DATE_OK,
        time_valid=time_valid,
        corrected=moved,
        ambiguous=reading is not None and reading.ambiguous,
        time_ambiguous=reading is not None and reading.time_ambiguous,
        date_reason=date_reason,
        time_reason=time_reason,
        alternate=None if reading is None else reading.alternate,
        valid_until=case.limit,
        holiday=None if day is None else case.calendar.holiday(day),
        holiday_data=case.settings.shut.coverage.judge(day, output, case.limit),
        requested_window=window,
    )


def _date_reason(case: Case) -> DateReason:
    """The first reason that applies, in the order of the enum."""
    day = case.day
    if case.fault is not None or day is None:
        return case.fault or DateReason.UNPARSEABLE
    return _bounds(case, day) or case.calendar.why_shut(day) or _today_or_ok(case, day)


def _bounds(case: Case, day: date) -> DateReason | None:
    """Can no day, or no day so far away, be booked?"""
    if case.nothing_open:
        return DateReason.NO_WORKING_DAYS
    if day < case.today:
        return DateReason.PAST
    beyond = case.limit is not None and day > case.limit
    return DateReason.BEYOND_LIMIT if beyond else None


def _today_or_ok(case: Case, day: date) -> DateReason:
    """An open day within bounds is fine, unless it is today and today will not do."""
    unfit = day == case.today and not case.today_bookable
    return DateReason.SAME_DAY if unfit else _DATE_OK


def _time_reason(case: Case, window: Window) -> TimeReason:
    """Against the window of the requested day; on today also against now."""
    if case.day is None:
        return TimeReason.NO_DATE
    if case.asked is None or case.time is None:
        return _NOT_GIVEN
    if not window.holds(case.time):
        before = window.start > window.end or case.time < window.start
        return TimeReason.BEFORE_WINDOW if before else TimeReason.AFTER_WINDOW
    if case.day == case.today and case.asked <= case.now:
        return TimeReason.PAST
    return _TIME_OK


def _output(case: Case, reason: DateReason, *, time_valid: bool) -> datetime | None:
    """The moment we propose; the asked one when there is none to move to."""
    if case.day is None:
        return None
    if reason is _DATE_OK and time_valid and case.asked is not None:
        return case.asked
    if case.settings.roll and reason not in _UNMOVED:
        for slot in slots_from(case, case.day):
            return slot
    return case.asked or to_moment(case.day, case.window(case.day).start, case.zone)
