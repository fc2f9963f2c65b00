"""Windows: reading them (`windows.csv`), what lies inside, how they are written."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from rules.dates import Window, format_window, read_window
from rules.dates.window import WindowUnreadable
from tests._cases import cases
from tests.rows import each

INDIA = ZoneInfo("Asia/Kolkata")


@each("row", cases("windows"))
def test_read_window(row):
    if row["window"] == "refused":
        with pytest.raises(WindowUnreadable):
            read_window(row["start"], row["end"], zone=INDIA)
        return
    window = read_window(row["start"], row["end"], zone=INDIA)
    assert (format_window(window) if window else "") == row["window"]


@each(
    ("hours", "clock", "inside"),
    [
        ("09:00-18:00", "08:59:59", False),
        ("09:00-18:00", "09:00:00", True),  # the start is inside (D32)
        ("09:00-18:00", "17:59:59", True),
        ("09:00-18:00", "18:00:00", False),  # the end is not
        ("22:00-06:00", "21:59:59", False),
        ("22:00-06:00", "22:00:00", True),
        ("22:00-06:00", "00:00:00", True),
        ("22:00-06:00", "05:59:59", True),
        ("22:00-06:00", "06:00:00", False),
        ("18:00-00:00", "23:59:59", True),  # until midnight
        ("18:00-00:00", "00:00:00", False),
    ],
)
def test_inside(hours, clock, inside):
    assert Window.read(hours).holds(time.fromisoformat(clock)) is inside


@each(
    ("hours", "clock", "over"),
    [
        ("09:00-18:00", "17:59:59", False),
        ("09:00-18:00", "18:00:00", True),
        ("22:00-06:00", "23:00:00", False),  # one past midnight is never over
        ("22:00-06:00", "12:00:00", False),
    ],
)
def test_over(hours, clock, over):
    assert Window.read(hours).over(time.fromisoformat(clock)) is over


@each(
    "hours", ["", "9-18", "9:00-18:00", "09:00-24:00", "09:60-18:00", "09:00", "09:00-18:00-20:00"]
)
def test_hours_of_settings_are_strict(hours):
    with pytest.raises(WindowUnreadable, match="write hours as 09:00-18:00"):
        Window.read(hours)


def test_equal_ends_are_refused():
    with pytest.raises(WindowUnreadable, match="differ"):
        Window.read("09:00-09:00")
    with pytest.raises(ValueError, match="two different ends"):
        Window(time(9), time(9))
