"""The judgement: `appointments.csv`, and what a row cannot hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from rules.dates import (
    DateRequest,
    HolidayData,
    Kind,
    judge,
    next_valid_slots,
    validate_date_and_time,
)
from tests._cases import cases
from tests.dates.judging import now_of, request_of, settings_of, short
from tests.rows import each

INDIA = timezone(timedelta(hours=5, minutes=30))
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=INDIA)
SETTINGS = settings_of()


@each("row", cases("appointments"))
def test_judgement(row):
    settings = settings_of(row["settings"])
    now = now_of(row["now"], settings)
    request = request_of(row)
    result, slots = judge(request, now=now, settings=settings)
    assert (
        f"{result.date_valid} {result.time_valid}".lower(),
        f"{result.date_reason.value} {result.time_reason.value}",
        short(result.output) if result.output else "",
    ) == (row["flags"], row["reasons"], row["output"])
    found = [short(slot) for slot in slots]
    assert not row["slots"] or found == row["slots"].split()
    assert validate_date_and_time(request, now=now, settings=settings) == result
    assert next_valid_slots(request, now=now, settings=settings) == slots


def ask(text, kind=Kind.CALLBACK, now=NOW, settings=SETTINGS, **more):
    return validate_date_and_time(DateRequest(text, kind, **more), now=now, settings=settings)


OWN = [
    ("2026-12-24..2026-12-26", "closed", "", "Year-end break"),
    ("2026-11-29", "open", "10:00-13:00", "Sunday drive"),
    ("2026-12-31", "hours", "09:00-13:00"),
]


@each(
    ("day", "reason", "holiday", "output"),
    [
        ("2026-11-21", "OK", None, "2026-11-21T08:00"),  # third Saturday
        ("2026-11-28", "WEEKLY_OFF", None, "2026-11-29T10:00"),  # fourth Saturday
        ("2026-11-29", "OK", None, "2026-11-29T10:00"),  # Sunday, own open
        ("2026-11-24", "HOLIDAY", "Guru Nanak's Birthday", "2026-11-25T08:00"),
        ("2026-12-24", "CLOSED", "Year-end break", "2026-12-28T08:00"),  # to Monday
        ("2026-12-31", "OK", None, "2026-12-31T09:00"),
    ],
)
def test_the_worked_account(day, reason, holiday, output):
    settings = settings_of("holiday_sets=IN,bank-saturdays;weekly_off=Sunday", OWN)
    result = ask(day, settings=settings)
    assert result.date_reason.value == reason
    assert (result.holiday and result.holiday.name) == holiday
    assert short(result.output) == output
    assert result.window == settings.calendar().hours(result.output.date()) or (
        result.window == settings.callback_hours
    )


def test_own_hours_of_today_end_today():
    settings = settings_of("", [("2026-11-18", "hours", "09:00-10:00")])
    assert ask("today", settings=settings).date_reason.value == "SAME_DAY"
    assert ask("today", settings=settings, now=NOW.replace(hour=9)).date_valid


def test_what_else_a_result_says():
    result = ask("next Friday 5 o'clock", max_days=3)
    assert (result.requested_date, result.requested_time) == (date(2026, 11, 27), time(17))
    assert result.ambiguous
    assert result.alternate == date(2026, 11, 20)
    assert result.time_ambiguous
    assert result.valid_until == date(2026, 11, 21)
    assert not result.corrected
    assert result.output.utcoffset() == timedelta(hours=5, minutes=30)


@each(
    ("text", "corrected"),
    [
        ("19 November", False),  # filling in a time is no correction
        ("today", False),
        ("19 November 9 am", False),
        ("19 November 7 am", True),
        ("24 November", True),
        ("1 January 2020", False),  # unmoved
        ("hello", False),
    ],
)
def test_corrected(text, corrected):
    assert ask(text).corrected is corrected


def test_window_of_the_output_and_of_the_request():
    settings = settings_of("", [("2026-11-25", "hours", "09:00-13:00")])
    result = ask("24 November", settings=settings)
    assert result.window.end == time(13)
    assert result.requested_window.end == time(20)


@each(
    ("text", "sets", "max_days", "verdict"),
    [
        ("24 November 2026", "IN", None, HolidayData.COMPLETE),
        ("24 November 2036", "IN", None, HolidayData.INCOMPLETE),  # the tables end with 2035
        ("31 December 2035", "IN", None, HolidayData.COMPLETE),
        ("24 November 2026", "IN", 3400, HolidayData.INCOMPLETE),  # the limit lies in 2036 or later
        ("24 November 2036", "", None, HolidayData.COMPLETE),  # without sets
        ("24 November 2036", "bank-saturdays", None, HolidayData.COMPLETE),
        ("24 November 2026", "GB", None, HolidayData.UNKNOWN),
        ("24 November 2036", "IN,GB", None, HolidayData.INCOMPLETE),
        ("24 November 2036", "GB", None, HolidayData.UNKNOWN),
        ("hello", "IN", None, HolidayData.COMPLETE),
        ("1 December 2014", "IN", None, HolidayData.INCOMPLETE),
    ],
)
def test_holiday_data(text, sets, max_days, verdict):
    settings = settings_of(f"holiday_sets={sets}")
    assert ask(text, settings=settings, max_days=max_days).holiday_data is verdict


def test_a_result_cannot_be_changed():
    with pytest.raises(AttributeError):
        ask("today").date_valid = False
    with pytest.raises(AttributeError):
        DateRequest("today", Kind.CALLBACK).text = "tomorrow"


@pytest.mark.parametrize(
    "more", [{"max_days": -1}, {"increment": 3661}, {"increment": -3661}], ids=str
)
def test_numbers_without_meaning_are_refused(more):
    with pytest.raises(ValueError, match="must"):
        DateRequest("today", Kind.CALLBACK, **more)


def test_now_must_be_aware():
    with pytest.raises(ValueError, match="aware"):
        ask("today", now=datetime(2026, 11, 18, 10, 30))  # noqa: DTZ001  the point of the test


def test_now_in_any_zone_is_the_same_moment():
    assert ask("today", now=NOW.astimezone(UTC)) == ask("today", now=NOW)
    late = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)  # 01:30 on the 19th in India
    assert ask("today", now=late).requested_date == date(2026, 11, 19)


def test_the_second_of_two_equal_hours():
    """In the repeated hour a wall time ahead of the clock may be read as one that has gone by."""
    settings = settings_of("zone=America/New_York;holiday_sets=;callback_hours=00:00-23:59")
    now = datetime(2026, 11, 1, 1, 10, fold=1, tzinfo=settings.zone).astimezone(UTC)
    result = ask("today 1:45", now=now, settings=settings)
    assert result.time_reason.value == "PAST"
    assert result.output > now
    assert ask("today", now=now, settings=settings).output > now


def test_count_of_slots():
    request = DateRequest("today", Kind.CALLBACK)
    assert len(next_valid_slots(request, now=NOW, settings=SETTINGS, count=7)) == 7
    assert next_valid_slots(request, now=NOW, settings=SETTINGS, count=0) == ()


def test_no_slot_is_offered_that_could_not_be_booked():
    far = settings_of("weekly_off=all", [("2036-12-01", "open")])
    request = DateRequest("20 November 2026", Kind.APPOINTMENT)
    assert next_valid_slots(request, now=NOW, settings=far) == ()


def test_one_open_day_beyond_ten_years_is_none():
    far = [("2036-12-01", "open")]
    settings = settings_of("weekly_off=all", far)
    assert ask("1 December 2036", settings=settings).date_reason.value == "NO_WORKING_DAYS"
    near = settings_of("weekly_off=all", [("2036-11-20", "open")])
    assert ask("20 November 2036", settings=near).date_valid


def test_today_may_be_the_only_open_day():
    settings = settings_of("weekly_off=all", [("2026-11-18", "open")])
    assert short(ask("today 5 pm", settings=settings).output) == "2026-11-18T17:00"
    assert ask("tomorrow", settings=settings).date_reason.value == "WEEKLY_OFF"


@pytest.mark.parametrize("text", ["1 January 1900", "31 December 1905 9 am", "1 January 2101"])
def test_offsets_of_long_ago_come_back(text):
    """Before 1906 the clocks of India stood at +05:21:10; an output with it can be read again."""
    output = ask(text).output
    assert ask(output.isoformat()).output == output
