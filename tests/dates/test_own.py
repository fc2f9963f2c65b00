"""Own dates of an account: rows (`own_dates.csv`), files, and which row wins."""

from __future__ import annotations

from datetime import date

import pytest

from rules.dates import Window, own_dates, read_own_dates
from rules.dates.own import OwnDatesMistake, _recurrences, days_of
from tests._cases import cases
from tests.rows import each

HEADER = "date,status,hours,name,name_hi\n"
SPEC_EXAMPLE = HEADER + (
    "2026-12-24..2026-12-26,closed,,Year-end break,\n"
    "2026-11-29,open,10:00-13:00,Sunday drive,\n"
    "2026-12-31,hours,09:00-13:00,,\n"
)


@each("row", cases("own_dates"))
def test_rows(row):
    cells = {name: row[name] for name in ("date", "status", "hours")}
    if row["says"]:
        with pytest.raises(OwnDatesMistake, match=r"^line 2: ") as refused:
            own_dates([cells])
        assert row["says"] in str(refused.value)
        return
    own = own_dates([cells])
    days = [date.fromisoformat(day) for day in row["days"].split()]
    held = {"closed": own.closed, "open": own.opened, "hours": own.hours}
    assert sorted(held[row["status"].lower()]) == days
    assert sorted(own.hours) == (days if row["hours"] else [])


def test_the_example_of_the_documents():
    own = read_own_dates(SPEC_EXAMPLE)
    assert [day.day for day in own.closed] == [24, 25, 26]
    assert own.closed[date(2026, 12, 25)].name == "Year-end break"
    assert own.opened == {date(2026, 11, 29)}
    assert own.hours == {
        date(2026, 11, 29): Window.read("10:00-13:00"),
        date(2026, 12, 31): Window.read("09:00-13:00"),
    }


def test_a_rule_gives_no_more_than_two_thousand_dates():
    own = own_dates([("RRULE:DTSTART=19000101;FREQ=DAILY", "closed")])
    assert len(own.closed) == 2000


@each("rule", ["FREQ=DAILY;BYSETPOS=2", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"])
def test_a_rule_that_meets_no_day_is_not_followed_for_ever(rule):
    assert days_of(f"RRULE:DTSTART=20260401;{rule}") == []
    assert _recurrences().datetime.MAXYEAR == 2100


def test_the_library_itself_keeps_its_calendar():
    from dateutil import rrule

    days_of("RRULE:DTSTART=20260401;FREQ=YEARLY")
    assert rrule.datetime.MAXYEAR == 9999


def test_the_last_hours_win_and_a_name_is_not_lost():
    own = own_dates(
        [
            ("2026-12-24", "hours", "09:00-10:00"),
            ("2026-12-24", "open", "11:00-12:00"),
            ("2026-12-25", "closed", "", "Break", "छुट्टी"),
            ("2026-12-25", "closed"),
        ]
    )
    assert own.hours[date(2026, 12, 24)] == Window.read("11:00-12:00")
    named = own.closed[date(2026, 12, 25)]
    assert (named.name, named.name_hi, named.status) == ("Break", "छुट्टी", "own")


def test_files_may_have_a_mark_in_front_and_empty_lines():
    own = read_own_dates("\ufeff" + HEADER + "\n2026-12-24,closed,,,\n,,,,\n")
    assert list(own.closed) == [date(2026, 12, 24)]


def test_the_same_text_is_the_same_version():
    assert read_own_dates(SPEC_EXAMPLE) is read_own_dates(str(SPEC_EXAMPLE))


@each(
    ("text", "says"),
    [
        ("", "line 1: the header must be date,status,hours,name,name_hi"),
        ("date,name\n", "line 1: the header"),
        (HEADER + "2026-12-24,closed\n", "line 2: 2 cells, expected 5"),
        (HEADER + "2026-12-24,closed,,,,\n", "line 2: 6 cells"),
        (HEADER + "\n2026-12-24,closed,,,\n2026-12-32,closed,,,\n", "line 4: "),
        (HEADER + '2026-12-24,closed,,"a"b,\n', "no CSV"),
    ],
)
def test_bad_files_are_refused_with_their_line(text, says):
    with pytest.raises(OwnDatesMistake) as refused:
        read_own_dates(text)
    assert says in str(refused.value)
