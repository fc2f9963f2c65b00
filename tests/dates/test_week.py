"""Lists of weekdays: `off_days.csv`, against the days of November 2026 (the 1st is a Sunday)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.dates.week import (
    NO_WEEKLY_OFF,
    OffDaysUnreadable,
    WeekPattern,
    read_off_days,
    read_working_days,
)
from tests._cases import cases
from tests.rows import each

READERS = {"off": read_off_days, "working": read_working_days}
ROWS = cases("off_days")


@each("row", [row for row in ROWS if row.values[0]["kind"] != "refused"])
def test_off_days(row):
    pattern = READERS[row["kind"]](row["text"])
    off = [day for day in range(1, 31) if pattern.is_off(date(2026, 11, day))]
    assert off == [int(day) for day in row["days"].split()]


@each("row", [row for row in ROWS if row.values[0]["kind"] == "refused"])
@each("read", READERS.values())
def test_refused_words(row, read):
    with pytest.raises(OffDaysUnreadable, match=r"^'") as refused:
        read(row["text"])
    assert refused.value.word == row["days"]
    assert refused.value.code == "INVALID_WORKING_DAYS_OFF"


def test_a_long_word_is_cut_in_the_message():
    with pytest.raises(OffDaysUnreadable) as refused:
        read_off_days("x" * 1_000_000)
    assert len(str(refused.value)) < 100


@each(
    ("day", "off"),
    [
        (date(2026, 2, 28), True),  # Saturday, 4th and last
        (date(2026, 2, 21), False),
        (date(2024, 2, 29), True),  # Thursday, 5th and last
        (date(2024, 2, 22), False),  # 4th, not last
        (date(2026, 10, 31), True),  # Saturday, 5th and last
        (date(2026, 10, 24), False),  # Saturday, 4th, not last
    ],
)
def test_last_of_months_of_every_length(day, off):
    assert read_off_days("last Saturday, last Thursday").is_off(day) is off


def test_complement_is_its_own_opposite():
    pattern = read_off_days("Sunday, 2nd and 4th Saturday")
    start = date(2026, 1, 1)
    for day in (start + timedelta(n) for n in range(730)):
        assert pattern.is_off(day) is not pattern.complement().is_off(day)
    assert pattern.complement().complement() == pattern


def test_whole_patterns_say_so():
    assert NO_WEEKLY_OFF.whole
    assert read_off_days("Saturday, Sunday").whole
    assert not read_off_days("Sunday, 2nd Saturday").whole
    assert WeekPattern() == NO_WEEKLY_OFF
