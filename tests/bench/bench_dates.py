"""Judging dates: open days, the n-th of them, the whole call, a new list of off days, import."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from functools import partial
from statistics import median

import holidays
import numpy as np
from dateutil.parser import parse

from rules.dates import (
    DateRequest,
    DateSettings,
    Kind,
    read_off_days,
    shipped_holidays,
    validate_date_and_time,
    validate_rows,
)
from rules.dates.calendar import compiled
from tests.bench._row import Row, in_turn, seconds

__all__ = ["BENCHES"]

REPEATS = 11
INDIA = timezone(timedelta(hours=5, minutes=30))
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=INDIA)
SETTINGS = DateSettings.from_mapping(
    {"weekly_off": "Saturday, Sunday"}, holidays=shipped_holidays()
)
CALENDAR = SETTINGS.calendar()
SHUT = sorted(SETTINGS.shut.holidays)
DAYS = [NOW.date() + timedelta(days) for days in range(1_000)]
PACKAGE = holidays.country_holidays("IN", years=range(2015, 2036), language="en_US")
NUMPY = np.busdaycalendar(weekmask="1111100", holidays=SHUT)


def each(call, days):
    """Call once for every day."""
    for day in days:
        call(day)


def open_day() -> list[Row]:
    """Is this an open day?"""
    ours, theirs = in_turn(
        partial(each, CALENDAR.is_open, DAYS),
        partial(each, PACKAGE.is_working_day, DAYS),
        repeats=REPEATS,
        number=20,
        yardstick_number=2,
    )
    mine, yardstick = ours / len(DAYS) * 1e6, theirs / len(DAYS) * 1e6
    name = "is this an open day, 1,000 days"
    return [
        Row(name, mine, "µs", wanted="<= 0.15", note="the bound"),
        Row(name, mine, "µs", yardstick, "holidays is_working_day", yardstick / mine, ">= 5"),
    ]


def numpy_offset(n, day):
    """Numpy's answer, from a date to a date."""
    return np.busday_offset(day, n, roll="backward", busdaycal=NUMPY).item()


def nth_open_day() -> list[Row]:
    """The n-th open day from each of 50 days, near and far."""
    days = DAYS[:50]

    def measured(n, yardstick, number):
        ours, theirs = in_turn(
            partial(each, lambda day: CALENDAR.nth_open_day(day, n), days),
            partial(each, yardstick, days),
            repeats=REPEATS,
            number=100,
            yardstick_number=number,
        )
        return ours / len(days) * 1e6, theirs / len(days) * 1e6

    five, near = measured(5, partial(numpy_offset, 5), 100)
    far, numpy_far = measured(250, partial(numpy_offset, 250), 100)
    _, package = measured(250, lambda day: PACKAGE.get_nth_working_day(day, 250), 1)
    numpy_name = "numpy busday_offset, date in and out"
    return [
        Row("5th open day", five, "µs", wanted="<= 2.0", note="the bound"),
        Row("250th open day", far, "µs", wanted="<= 2.0", note="the bound"),
        Row("250th open day", far, "µs", five, "the 5th", far / five, "<= 1.5", "flat in n"),
        Row("5th open day", five, "µs", near, numpy_name, near / five, ">= 1"),
        Row("250th open day", far, "µs", numpy_far, numpy_name, numpy_far / far, ">= 1"),
        Row(
            "250th open day",
            far,
            "µs",
            package,
            "holidays get_nth_working_day",
            package / far,
            ">= 150",
        ),
    ]


def whole_call() -> list[Row]:
    """An Appointment with hours, off days and a limit; every text is another one."""
    start = NOW.replace(hour=9, minute=0)
    moments = [start + timedelta(days=1 + at % 300, minutes=at) for at in range(500)]
    texts = {
        "ISO": [moment.isoformat() for moment in moments],
        "`4 November 2019`": [f"{moment.day} {moment:%B} {moment.year}" for moment in moments],
        "ISO after closing time": [f"{moment:%Y-%m-%dT19:%M:%S}+05:30" for moment in moments],
    }
    return [row for name, of in texts.items() for row in judging(name, of)]


def judging(name, texts) -> list[Row]:
    """The whole call for texts of one form."""
    off, hours = read_off_days("Saturday, Sunday"), SETTINGS.business_hours
    requests = [DateRequest(text, Kind.APPOINTMENT, off, hours, 250) for text in texts]
    judge = partial(validate_date_and_time, now=NOW, settings=SETTINGS)
    ours, theirs = in_turn(
        partial(each, judge, requests),
        partial(each, parse, texts),
        repeats=REPEATS,
        number=4,
        yardstick_number=2,
    )
    mine, yardstick = ours / len(texts) * 1e6, theirs / len(texts) * 1e6
    name = f"validate_date_and_time, {name}"
    against = "dateutil.parser.parse of the same text"
    return [
        Row(name, mine, "µs", wanted="<= 12", note="the bound"),
        Row(name, mine, "µs", yardstick, against, yardstick / mine),
    ]


def new_list() -> list[Row]:
    """From the text of a list never seen before to its first answer."""

    def first_use(text):
        read_off_days.cache_clear()
        compiled.cache_clear()
        calendar = SETTINGS.calendar(read_off_days(text))
        return calendar.nth_open_day(NOW.date(), 5)

    def numpy_first():
        return np.busdaycalendar(weekmask="1111110", holidays=SHUT)

    rows = []
    for text in ("Sunday", "Sunday, 2nd and 4th Saturday"):
        ours, theirs = in_turn(
            partial(first_use, text), numpy_first, repeats=REPEATS, number=200, yardstick_number=50
        )
        mine, yardstick = ours * 1e6, theirs * 1e6
        name = f"first use of `{text}`"
        against = "numpy busdaycalendar of Sundays"
        rows += [
            Row(name, mine, "µs", wanted="<= 100", note="the bound"),
            Row(name, mine, "µs", yardstick, against, yardstick / mine),
        ]
    return rows


def in_bulk() -> Row:
    """Rows with their replies and prompts."""
    row = {
        "inputDate": "kal shaam 5 baje",
        "type": "Appointment",
        "workingDaysOff": "Sat,Sun",
        "appointmentStartTime": "09:00",
        "appointmentEndTime": "18:00",
    }
    rows = [row] * 1_000
    taken = seconds(lambda: list(validate_rows(rows, now=NOW, settings=SETTINGS)), number=3)
    return Row("validate_rows", len(rows) / taken, "rows/s", note="slots and prompts included")


def import_time() -> Row:
    """A new process that imports the package, less one that imports nothing."""
    script = "import time; start = time.process_time(); {}; print(time.process_time() - start)"

    def taken(what):
        done = [sys.executable, "-c", script.format(what)]
        environ = {name: text for name, text in os.environ.items() if "BYTECODE" not in name}
        runs = [
            subprocess.run(done, capture_output=True, check=True, env=environ) for _ in range(8)
        ]
        return median(float(run.stdout) for run in runs[1:]) * 1e3  # the first may compile

    ours, yardstick = taken("import rules.dates"), taken("import dateutil.parser")
    return Row(
        "import rules.dates",
        ours,
        "ms",
        yardstick,
        "import dateutil.parser",
        None,
        "<= 60",
        "CPU time in a new process",
    )


def last_day() -> Row:
    """The farthest step there is: ten years of single Sundays."""
    calendar = SETTINGS.calendar(read_off_days("Mon-Sat"))
    calendar.nth_open_day(date(2026, 11, 18), 3660)
    taken = seconds(lambda: calendar.nth_open_day(date(2026, 11, 18), 3660), number=2000)
    return Row("3660th open day of a week with one", taken * 1e6, "µs", note="70 years ahead")


BENCHES = [open_day, nth_open_day, whole_call, new_list, last_day, in_bulk, import_time]
