"""One request at one moment: what was asked, in which bounds, against which calendar and hours."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from rules.dates.moments import to_moment
from rules.dates.read import read_date
from rules.dates.reading import DateUnreadable
from rules.dates.values import FARTHEST, FIRST_YEAR, LAST_YEAR, DateReason, Kind, Unit

if TYPE_CHECKING:
    from datetime import date, datetime, time

    from rules.dates.reading import Reading
    from rules.dates.settings import DateSettings
    from rules.dates.values import DateRequest
    from rules.dates.window import Window

__all__ = ["Case"]


class Case:
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
        # Moments of one zone are compared by their wall clocks, which may come twice.
        self.now = now.astimezone(UTC) if now.tzinfo is self.zone else now
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
