"""Open days: is a day open, which is the n-th, how many lie between two.

A calendar is compiled once from the weekly pattern, the holidays and the account's own dates, over
a horizon of years. It keeps one byte per day, and by blocks of days, made when first needed, the
list of the open ones; so counting and stepping cost a few look-ups, however far they go.

>>> from rules.dates.week import read_off_days
>>> calendar = Calendar(read_off_days("Saturday, Sunday"), [Holiday(date(2026, 11, 24), "Guru")])
>>> calendar.is_open(date(2026, 11, 24)), calendar.why_shut(date(2026, 11, 24)).value
(False, 'HOLIDAY')
>>> calendar.nth_open_day(date(2026, 11, 18), 5), calendar.nth_open_day(date(2026, 11, 18), -1)
(datetime.date(2026, 11, 26), datetime.date(2026, 11, 17))
>>> calendar.rank(date(2026, 11, 18), date(2026, 11, 26))
5
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from datetime import date
from functools import cache, lru_cache
from itertools import compress
from typing import TYPE_CHECKING

from rules.dates.closures import NO_OWN_DATES, OwnDates, ShutDays
from rules.dates.values import FIRST_YEAR, LAST_YEAR, DateReason, Holiday
from rules.dates.week import KINDS, PLACES, WeekPattern, month_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.dates.window import Window

__all__ = ["Calendar", "compiled"]

_BLOCK = 512  # days whose open days are listed together
_BANKS_FROM = date(2015, 9, 1).toordinal()  # banks shut on 2nd and 4th Saturdays (D24)
_BANK_SATURDAYS = WeekPattern(0b011010 << 5 * PLACES)


class Calendar:
    """Immutable; days outside the horizon are shut."""

    __slots__ = ("_first", "_length", "_lists", "_open", "_own", "_shut")

    def __init__(
        self,
        weekly_off: WeekPattern,
        holidays: ShutDays | Iterable[Holiday] = (),
        own: OwnDates = NO_OWN_DATES,
        horizon: tuple[int, int] = (FIRST_YEAR, LAST_YEAR),
    ) -> None:
        self._shut = holidays if isinstance(holidays, ShutDays) else ShutDays.of(holidays)
        self._own = own
        self._first = date(horizon[0], 1, 1).toordinal()
        self._open = self._judge(weekly_off, horizon)
        self._length = len(self._open)
        self._lists: list[tuple[int, ...] | None] = [None] * -(-self._length // _BLOCK)

    def _judge(self, weekly_off: WeekPattern, horizon: tuple[int, int]) -> bytes:
        """One byte per day, 1 for open; later rules overrule earlier ones (D38)."""
        if self._shut.bank_saturdays:
            cut = max(_BANKS_FROM - self._first, 0)
            stricter = WeekPattern(weekly_off.shut | _BANK_SATURDAYS.shut)
            flags = bytearray(_by_week(weekly_off, horizon))
            flags[cut:] = _by_week(stricter, horizon)[cut:]
        else:
            flags = bytearray(_by_week(weekly_off, horizon))
        first, end = self._first, self._first + len(flags)
        for days, value in (
            (self._shut.ordinals, 0),
            (self._own.open_ordinals, 1),
            (self._own.closed_ordinals, 0),
        ):
            for day in days[bisect_left(days, first) : bisect_left(days, end)]:
                flags[day - first] = value
        return bytes(flags)

    def is_open(self, day: date) -> bool:
        """Is this an open day?"""
        place = day.toordinal() - self._first
        return 0 <= place < self._length and self._open[place] == 1

    def why_shut(self, day: date) -> DateReason | None:
        """The first rule that shuts this day; `None` for an open day."""
        if self.is_open(day):
            return None
        if not self._first <= day.toordinal() < self._first + self._length:
            return DateReason.OUT_OF_RANGE
        if day in self._own.closed:
            return DateReason.CLOSED
        return DateReason.HOLIDAY if day in self._shut.holidays else DateReason.WEEKLY_OFF

    def holiday(self, day: date) -> Holiday | None:
        """The account's own closed date if it has a name, else the holiday on this day, if any."""
        return self._own.closed.get(day) or self._shut.holidays.get(day)

    def hours(self, day: date) -> Window | None:
        """The account's own hours of this day, if any."""
        return self._own.hours.get(day)

    def rank(self, after: date, day: date) -> int:
        """How many open days x there are with after < x <= day."""
        low, high = self._clamp(after), self._clamp(day)
        if high <= low:
            return 0
        first, last = self._block(low), self._block(high)
        count = -bisect_right(self._days(first), low)
        count += sum(len(self._days(block)) for block in range(first, last))
        return count + bisect_right(self._days(last), high)

    def nth_open_day(self, after: date, n: int) -> date | None:
        """The n-th open day after a day (n <= -1: before it); `None` beyond the horizon."""
        start = after.toordinal()
        block = (start - self._first) // _BLOCK
        if not 0 <= block < len(self._lists):
            start = self._clamp(after)
            block = self._block(start)
        days = self._lists[block] or self._days(block)
        if n > 0:
            place = bisect_right(days, start) + n - 1
            while place >= len(days):
                place -= len(days)
                block += 1
                if block == len(self._lists):
                    return None
                days = self._days(block)
        elif n < 0:
            place = bisect_left(days, start) + n
            while place < 0:
                block -= 1
                if block < 0:
                    return None
                days = self._days(block)
                place += len(days)
        else:
            raise ValueError("n must not be 0")
        return date.fromordinal(days[place])

    def _clamp(self, day: date) -> int:
        """The day's number, not further than one day outside the horizon."""
        return min(max(day.toordinal(), self._first - 1), self._first + self._length)

    def _block(self, ordinal: int) -> int:
        block = (ordinal - self._first) // _BLOCK
        return min(max(block, 0), len(self._lists) - 1)

    def _days(self, block: int) -> tuple[int, ...]:
        """Numbers of the open days of one block."""
        days = self._lists[block]
        if days is None:
            start = block * _BLOCK
            flags = self._open[start : start + _BLOCK]
            numbers = range(self._first + start, self._first + start + _BLOCK)
            days = self._lists[block] = tuple(compress(numbers, flags))
        return days


@lru_cache(maxsize=256)
def compiled(weekly_off: WeekPattern, shut: ShutDays, own: OwnDates) -> Calendar:
    """The calendar of this pattern, these sets and this version of own dates; kept, but not all."""
    return Calendar(weekly_off, shut, own)


def _by_week(weekly_off: WeekPattern, horizon: tuple[int, int]) -> bytes:
    """What the weekly pattern alone says of each day of these years: 1 for open."""
    kinds = _kinds(*horizon)
    opens = bytes([1 - (weekly_off.shut >> kind & 1) for kind in range(KINDS)])
    if weekly_off.whole:  # the same week again and again: much the cheapest to write down
        first = kinds[0] // PLACES
        week = opens[::PLACES]
        weeks = (week[first:] + week[:first]) * (len(kinds) // 7 + 1)
        return weeks[: len(kinds)]
    return kinds.translate(opens + bytes(256 - KINDS))


@cache
def _kinds(first: int, last: int) -> bytes:
    """Kind of day (see `rules.dates.week`) of every day from one year to another."""
    months = ((year, month) for year in range(first, last + 1) for month in range(1, 13))
    return b"".join(month_kinds(*monthrange(*month)) for month in months)
