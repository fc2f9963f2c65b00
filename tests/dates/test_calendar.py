"""Open days: what decides a day, counting and stepping, the horizon."""

from __future__ import annotations

from datetime import date, timedelta
from time import process_time

import pytest

from rules.dates import Calendar, DateReason, Holiday, OwnDates, own_dates, read_off_days
from rules.dates.calendar import compiled
from rules.dates.closures import NO_OWN_DATES, NO_SETS, ShutDays
from rules.dates.week import NO_WEEKLY_OFF
from tests.rows import each

WEEKEND = read_off_days("Saturday, Sunday")
ALL_OFF = read_off_days("all")
GURU = Holiday(date(2026, 11, 24), "Guru Nanak's Birthday")  # a Tuesday
TODAY = date(2026, 11, 18)  # Wednesday


def own(*rows):
    return own_dates(
        [dict(zip(("date", "status", "hours", "name"), row, strict=False)) for row in rows]
    )


@each(
    ("day", "reason", "why"),
    [
        (18, None, "an ordinary Wednesday"),
        (21, "WEEKLY_OFF", "Saturday"),
        (24, "HOLIDAY", "a holiday on a Tuesday"),
        (19, "CLOSED", "own closed beats everything"),
        (22, None, "own open beats weekly off"),
        (28, "CLOSED", "own closed beats own open"),
        (25, "CLOSED", "own closed beats a holiday"),
        (26, None, "own open beats a holiday"),
        (29, "HOLIDAY", "a holiday is named before a weekly off"),
        (27, None, "own hours alone shut nothing"),
    ],
)
def test_what_decides_a_day(day, reason, why):
    days = [GURU, *(Holiday(date(2026, 11, n), f"Day {n}") for n in (25, 26, 29))]
    calendar = Calendar(
        WEEKEND,
        days,
        own(
            ("2026-11-19", "closed", "", "Move"),
            ("2026-11-22", "open"),
            ("2026-11-28", "open"),
            ("2026-11-28", "closed"),
            ("2026-11-25", "closed"),
            ("2026-11-26", "open", "10:00-11:00"),
            ("2026-11-27", "hours", "10:00-11:00"),
        ),
    )
    asked = date(2026, 11, day)
    assert calendar.why_shut(asked) == (reason and DateReason(reason)), why
    assert calendar.is_open(asked) is (reason is None)


def test_holiday_names():
    calendar = Calendar(
        WEEKEND,
        [GURU, Holiday(date(2026, 11, 25), "Fair")],
        own(("2026-11-24", "closed", "", "Move"), ("2026-11-25", "closed")),
    )
    assert calendar.holiday(date(2026, 11, 24)).name == "Move"  # own name first
    assert calendar.holiday(date(2026, 11, 25)).name == "Fair"  # an own date without a name
    assert calendar.holiday(date(2026, 11, 26)) is None
    assert calendar.hours(date(2026, 11, 24)) is None


@each(
    ("n", "day"),
    [(1, 19), (2, 20), (3, 23), (4, 25), (5, 26), (-1, 17), (-2, 16), (-3, 13)],
)
def test_nth_open_day(n, day):
    assert Calendar(WEEKEND, [GURU]).nth_open_day(TODAY, n) == date(2026, 11, day)


def test_stepping_starts_beside_a_shut_day():
    calendar = Calendar(WEEKEND, [GURU])
    sunday = date(2026, 11, 22)
    assert calendar.nth_open_day(sunday, 1) == date(2026, 11, 23)
    assert calendar.nth_open_day(sunday, -1) == date(2026, 11, 20)
    with pytest.raises(ValueError, match="must not be 0"):
        calendar.nth_open_day(sunday, 0)


@each(
    ("after", "day", "rank"),
    [
        ("2026-11-18", "2026-11-26", 5),
        ("2026-11-18", "2026-11-19", 1),
        ("2026-11-18", "2026-11-18", 0),
        ("2026-11-19", "2026-11-18", 0),
        ("2026-11-20", "2026-11-22", 0),
        ("2026-01-01", "2036-01-01", 2607),
    ],
)
def test_rank(after, day, rank):
    calendar = Calendar(WEEKEND, [GURU])
    assert calendar.rank(date.fromisoformat(after), date.fromisoformat(day)) == rank


def test_horizon():
    calendar = Calendar(NO_WEEKLY_OFF, horizon=(2026, 2027))
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    assert calendar.is_open(first)
    assert calendar.is_open(last)
    for outside in (first - timedelta(1), last + timedelta(1), date.min, date.max):
        assert not calendar.is_open(outside)
        assert calendar.why_shut(outside) is DateReason.OUT_OF_RANGE
    assert calendar.rank(date.min, date.max) == 730
    assert calendar.nth_open_day(date.min, 1) == first
    assert calendar.nth_open_day(date.max, -1) == last
    assert calendar.nth_open_day(date.min, 730) == last
    assert calendar.nth_open_day(date.min, 731) is None
    assert calendar.nth_open_day(date.max, 1) is None
    assert calendar.nth_open_day(date.min, -1) is None


def test_days_outside_the_horizon_do_no_harm():
    days = [Holiday(date(1950, 1, 2), "Before"), GURU, Holiday(date(2050, 1, 3), "After")]
    calendar = Calendar(NO_WEEKLY_OFF, days, horizon=(2026, 2026))
    assert calendar.rank(date.min, date.max) == 364


def test_nothing_open_ends_at_once():
    calendar = Calendar(ALL_OFF)
    calendar.nth_open_day(TODAY, 1)  # the first time lists the blocks
    start = process_time()
    assert calendar.nth_open_day(TODAY, 1) is None
    assert calendar.nth_open_day(TODAY, -1) is None
    assert calendar.rank(date.min, date.max) == 0
    assert process_time() - start < 0.5


def test_one_open_day_in_a_shut_world():
    calendar = Calendar(ALL_OFF, own=own(("2090-01-01", "open")))
    assert calendar.nth_open_day(TODAY, 1) == date(2090, 1, 1)
    assert calendar.nth_open_day(TODAY, 2) is None


def test_bank_saturdays_begin_in_september_2015():
    banks = Calendar(read_off_days("Sunday"), ShutDays(bank_saturdays=True))
    second = [date(2015, 8, 8), date(2015, 9, 12), date(2026, 11, 14), date(2026, 11, 28)]
    assert [banks.is_open(day) for day in second] == [True, False, False, False]
    assert banks.is_open(date(2026, 11, 21))
    assert banks.why_shut(date(2026, 11, 28)) is DateReason.WEEKLY_OFF
    early = Calendar(NO_WEEKLY_OFF, ShutDays(bank_saturdays=True), horizon=(2016, 2016))
    assert not early.is_open(date(2016, 1, 9))


def test_calendars_are_compiled_once_per_combination():
    shut = ShutDays.of([GURU])
    first = compiled(WEEKEND, shut, NO_OWN_DATES)
    assert compiled(read_off_days("sat, sun"), shut, NO_OWN_DATES) is first
    assert compiled(WEEKEND, shut, OwnDates()) is not first
    assert compiled(WEEKEND, NO_SETS, NO_OWN_DATES) is not first
    assert compiled.cache_info().maxsize


def test_two_holidays_on_one_day_become_one():
    day = date(2025, 10, 2)
    both = ShutDays.of(
        [Holiday(day, "Dussehra", "दशहरा"), Holiday(day, "Gandhi"), Holiday(day, "Dussehra")]
    )
    assert both.holidays[day].name == "Dussehra and Gandhi"
    assert both.holidays[day].name_hi == "दशहरा और Gandhi"
    plain = ShutDays.of([Holiday(day, "A"), Holiday(day, "B")])
    assert plain.holidays[day].name_hi == ""
