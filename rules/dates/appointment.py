"""Is the date allowed, is the time allowed, which moment do we propose instead, and why.

Both flags judge the **requested** moment, after the increment (D36). The correction goes forward
only, within the limit, to the first moment that both flags accept, and keeps the asked time where
it fits (D37). All steps work on civil dates and wall clocks of the account's zone; a wall time that
a clock change skips moves forward by the gap before it is judged (D6).

>>> from rules.dates.settings import DateSettings
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

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from rules.dates.moments import to_moment
from rules.dates.read import read_date
from rules.dates.reading import DateUnreadable
from rules.dates.values import (
    FARTHEST,
    FIRST_YEAR,
    LAST_YEAR,
    DateReason,
    DateRequest,
    DateResult,
    Kind,
    TimeReason,
    Unit,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, time

    from rules.dates.reading import Reading
    from rules.dates.settings import DateSettings
    from rules.dates.window import Window

__all__ = ["judge", "next_valid_slots", "validate_date_and_time"]

SLOTS = 3
_ONE_DAY, _ONE_MINUTE, _NO_GAP = timedelta(days=1), timedelta(minutes=1), timedelta()
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
    return _Case(request, now, settings).result()


def next_valid_slots(
    request: DateRequest, *, now: datetime, settings: DateSettings, count: int = SLOTS
) -> tuple[datetime, ...]:
    """The first moments that both flags accept, one a day: from the asked day, else from today."""
    return _Case(request, now, settings).slots(count)


def judge(
    request: DateRequest, *, now: datetime, settings: DateSettings
) -> tuple[DateResult, tuple[datetime, ...]]:
    """Judgement and slots in one go."""
    case = _Case(request, now, settings)
    return case.result(), case.slots(SLOTS)


class _Case:
    """One request at one moment.

    `day` and `time` are what was asked, `asked` both as a moment, `fault` why there is no judging.
    """

    __slots__ = (
        "asked",
        "calendar",
        "day",
        "fault",
        "limit",
        "local",
        "now",
        "reading",
        "same_day",
        "settings",
        "time",
        "today",
        "usual",
        "zone",
    )

    def __init__(self, request: DateRequest, now: datetime, settings: DateSettings) -> None:
        if now.utcoffset() is None:
            raise ValueError("now must be an aware datetime")
        self.settings, self.zone = settings, settings.zone
        self.now = now.astimezone(UTC)  # moments of one zone would be compared by their wall clocks
        self.local = now.astimezone(self.zone)
        self.today = self.local.date()
        self.calendar = settings.calendar(request.weekly_off)
        self.usual: Window
        if request.kind is Kind.CALLBACK:
            self.usual, self.same_day = settings.callback_hours, settings.same_day_callback
        else:
            self.usual = request.window or settings.business_hours
            self.same_day = settings.same_day_appointment
        self.limit = self._limit(request)
        self.fault: DateReason | None = None
        self.reading: Reading | None = None
        self.asked: datetime | None = None
        self.time: time | None = None
        self.day = self._read(request)

    def _limit(self, request: DateRequest) -> date | None:
        """The last bookable date: the n-th open day after today (D27, D28)."""
        count = self.settings.max_days if request.max_days is None else request.max_days
        if count is None or count > FARTHEST:
            return None
        return self.calendar.nth_open_day(self.today, count) if count else self.today

    def _read(self, request: DateRequest) -> date | None:
        """The day asked for, after the increment; fills time and fault on the way."""
        day: date | None
        try:
            reading = read_date(request.text, today=self.today, zone=self.zone)
            day = self._moved(reading.date, request)
        except DateUnreadable as error:
            self.fault = DateReason(error.code)
            if error.reading is None:
                return None
            reading = error.reading
            day = reading.date  # given back as said, without the increment
        self.reading = reading
        if day is None:
            self.fault = DateReason.OUT_OF_RANGE
            return None
        if reading.time is not None:
            self.asked = to_moment(day, reading.time, self.zone)
            day, self.time = self.asked.date(), self.asked.time()
        if self.fault is None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fault = DateReason.OUT_OF_RANGE
        return day

    def _moved(self, day: date, request: DateRequest) -> date | None:
        """The day after the increment (D30); `None` when there is no such date."""
        if not request.increment:
            return day
        if request.increment_unit is Unit.BUSINESS:
            found = self.calendar.nth_open_day(day, request.increment)
            return day if found is None and self.nothing_open else found
        try:
            return day + timedelta(days=request.increment)
        except OverflowError:
            return None

    @property
    def nothing_open(self) -> bool:
        """Is there no open day within 3660 days?"""
        if self.calendar.is_open(self.today):
            return False
        first = self.calendar.nth_open_day(self.today, 1)
        return first is None or (first - self.today).days > FARTHEST

    @property
    def today_bookable(self) -> bool:
        """May today be booked still?"""
        return (
            self.same_day
            and self.calendar.is_open(self.today)
            and not self.window(self.today).over(self.local.time())
        )

    def window(self, day: date) -> Window:
        """The hours of a day: the account's own for this date, else the usual ones."""
        return self.calendar.hours(day) or self.usual

    def result(self) -> DateResult:
        """The whole judgement."""
        day, reading = self.day, self.reading
        window = self.usual if day is None else self.window(day)
        date_reason, time_reason = self._date_reason(), self._time_reason(window)
        time_valid = time_reason is _TIME_OK or time_reason is _NOT_GIVEN
        output = self._output(date_reason, time_valid=time_valid)
        moved = False
        if output is not None and output is not self.asked:
            moved = output.date() != day or (self.time is not None and output.time() != self.time)
        return DateResult(
            requested_date=day,
            requested_time=self.time,
            output=output,
            window=self.window(output.date()) if moved and output is not None else window,
            date_valid=date_reason is _DATE_OK,
            time_valid=time_valid,
            corrected=moved,
            ambiguous=reading is not None and reading.ambiguous,
            time_ambiguous=reading is not None and reading.time_ambiguous,
            date_reason=date_reason,
            time_reason=time_reason,
            alternate=None if reading is None else reading.alternate,
            valid_until=self.limit,
            holiday=None if day is None else self.calendar.holiday(day),
            holiday_data=self.settings.shut.coverage.judge(day, output, self.limit),
            requested_window=window,
        )

    def _date_reason(self) -> DateReason:
        """The first reason that applies, in the order of the enum."""
        day = self.day
        if self.fault is not None or day is None:
            return self.fault or DateReason.UNPARSEABLE
        return self._bounds(day) or self.calendar.why_shut(day) or self._today_or_ok(day)

    def _bounds(self, day: date) -> DateReason | None:
        """Can no day, or no day so far away, be booked?"""
        if self.nothing_open:
            return DateReason.NO_WORKING_DAYS
        if day < self.today:
            return DateReason.PAST
        beyond = self.limit is not None and day > self.limit
        return DateReason.BEYOND_LIMIT if beyond else None

    def _today_or_ok(self, day: date) -> DateReason:
        """An open day within bounds is fine, unless it is today and today will not do."""
        unfit = day == self.today and not self.today_bookable
        return DateReason.SAME_DAY if unfit else _DATE_OK

    def _time_reason(self, window: Window) -> TimeReason:
        """Against the window of the requested day; on today also against now."""
        if self.day is None:
            return TimeReason.NO_DATE
        if self.asked is None or self.time is None:
            return _NOT_GIVEN
        if not window.holds(self.time):
            before = window.start > window.end or self.time < window.start
            return TimeReason.BEFORE_WINDOW if before else TimeReason.AFTER_WINDOW
        if self.day == self.today and self.asked <= self.now:
            return TimeReason.PAST
        return _TIME_OK

    def _output(self, reason: DateReason, *, time_valid: bool) -> datetime | None:
        """The moment we propose; the asked one when there is none to move to."""
        if self.day is None:
            return None
        if reason is _DATE_OK and time_valid and self.asked is not None:
            return self.asked
        if self.settings.roll and reason not in _UNMOVED:
            for slot in self._slots_from(self.day):
                return slot
        return self.asked or to_moment(self.day, self.window(self.day).start, self.zone)

    def slots(self, count: int) -> tuple[datetime, ...]:
        """The first slots from the asked day if it is within bounds; from today when none is."""
        day = self.day
        within = (
            day is not None
            and self.fault is None
            and self.today <= day
            and (self.limit is None or day <= self.limit)
        )
        found = tuple(islice(self._slots_from(day), count)) if within and day else ()
        return found or tuple(islice(self._slots_from(self.today), count))

    def _slots_from(self, day: date) -> Iterator[datetime]:
        """Slots of the bookable days from a day (today or later) on, as far as the limit."""
        if day == self.today:
            if self.today_bookable and (slot := self._slot(day)):
                yield slot
        else:
            day -= _ONE_DAY
        while found := self.calendar.nth_open_day(day, 1):
            if self.limit is not None and found > self.limit:
                return
            if slot := self._slot(found):
                yield slot
            day = found

    def _slot(self, day: date) -> datetime | None:
        """The first good moment of a bookable day: the asked time if it fits, else the start."""
        window = self.window(day)
        if self.time is not None:
            if slot := self._fitting(day, self.time, window):
                return slot
            if day == self.day and self.time >= window.start:
                return None
        slot = self._fitting(day, window.start, window)
        if slot is None and day == self.today and self.time is None:
            minute = self.local.replace(second=0, microsecond=0) + _ONE_MINUTE
            if minute.date() == day:
                return self._fitting(day, minute.time(), window)
        return slot

    def _fitting(self, day: date, clock: time, window: Window) -> datetime | None:
        """The moment, if it lies on that day, inside the window and after now."""
        moment = to_moment(day, clock, self.zone)
        fits = moment.date() == day and window.holds(moment.time())
        return moment if fits and (day > self.today or moment > self.now) else None
