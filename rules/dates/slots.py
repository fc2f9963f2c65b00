"""The moments to offer: on each bookable day the first one that both flags accept."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from rules.dates.moments import to_moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime, time

    from rules.dates.case import Case
    from rules.dates.window import Window

__all__ = ["find_slots", "slots_from"]

_ONE_DAY, _ONE_MINUTE = timedelta(days=1), timedelta(minutes=1)


def find_slots(case: Case, count: int) -> tuple[datetime, ...]:
    """The first slots from the asked day if it is within bounds; from today when none is.

    None where no day is open at all: a day opened beyond the farthest could not be booked.
    """
    if case.nothing_open:
        return ()
    day = case.day
    within = (
        day is not None
        and case.fault is None
        and case.today <= day
        and (case.limit is None or day <= case.limit)
    )
    found = tuple(islice(slots_from(case, day), count)) if within and day else ()
    return found or tuple(islice(slots_from(case, case.today), count))


def slots_from(case: Case, day: date) -> Iterator[datetime]:
    """Slots of the bookable days from a day (today or later) on, as far as the limit."""
    if day == case.today:
        if case.today_bookable and (slot := _slot(case, day)):
            yield slot
    else:
        day -= _ONE_DAY
    while found := case.calendar.nth_open_day(day, 1):
        if case.limit is not None and found > case.limit:
            return
        if slot := _slot(case, found):
            yield slot
        day = found


def _slot(case: Case, day: date) -> datetime | None:
    """The first good moment of a bookable day: the asked time if it fits, else the start."""
    window = case.window(day)
    if case.time is not None:
        if slot := _fitting(case, day, case.time, window):
            return slot
        if day == case.day and case.time >= window.start:
            return None
    slot = _fitting(case, day, window.start, window)
    if slot is None and day == case.today and case.time is None:
        minute = case.local.replace(second=0, microsecond=0) + _ONE_MINUTE
        if minute.date() == day:
            return _fitting(case, day, minute.time(), window)
    return slot


def _fitting(case: Case, day: date, clock: time, window: Window) -> datetime | None:
    """The moment, if it lies on that day, inside the window and after now."""
    moment = to_moment(day, clock, case.zone)
    fits = moment.date() == day and window.holds(moment.time())
    return moment if fits and (day > case.today or moment > case.now) else None
