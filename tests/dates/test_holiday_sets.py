"""The holiday tables: shape, age and content; bank Saturdays; other countries."""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter, defaultdict
from datetime import UTC, date, datetime

import pytest

from rules.dates import HolidayData, HolidayTable, shipped_holidays
from rules.dates.holiday_sets import COLUMNS, SET_COLUMNS, UnknownHolidaySet
from rules.tables import read_table
from tests.rows import each

ROWS = read_table("holidays_in", COLUMNS)
SETS = read_table("holiday_sets", SET_COLUMNS)
STATUSES = {"gazetted", "computed", "estimated"}
FIXED = ("01-26", "08-15", "10-02")


DATES = defaultdict(set)
for row in ROWS:
    DATES[row[0], int(row[1][:4])].add(row[1])


def test_shape():
    assert sorted(ROWS) == ROWS
    assert len({row[:3] for row in ROWS}) == len(ROWS)
    assert {row[4] for row in ROWS} == STATUSES
    assert all(date.fromisoformat(row[1]).isoformat() == row[1] for row in ROWS)
    assert all(row[2] and row[2] == row[2].strip() for row in ROWS)
    assert all(not row[6] or date.fromisoformat(row[6]) for row in ROWS)
    assert not any(";" in row[2] or "estimated" in row[2] for row in ROWS)


def test_sets():
    names = [row[0] for row in SETS]
    assert names == sorted(names)
    assert len(names) == 37
    assert set(names) == {row[0] for row in ROWS}
    assert all(re.fullmatch(r"IN(-[A-Z]{2})?", name) for name in names)
    assert {row[2:4] for row in SETS} == {("2015", "2035")}
    assert [row[4] for row in SETS if row[4]] == ["2026"]  # only the central list is official


def test_every_year_has_the_three_national_days():
    for name, _, first, last, *_ in SETS:
        for year in range(int(first), int(last) + 1):
            assert {f"{year}-{day}" for day in FIXED} <= DATES[name, year], (name, year)


def test_no_rows_outside_the_years_that_are_stated():
    years = {name: range(int(first), int(last) + 1) for name, _, first, last, *_ in SETS}
    assert all(int(row[1][:4]) in years[row[0]] for row in ROWS)


@pytest.mark.parametrize(
    ("year", "count", "some"),
    [
        (2024, 17, "03-25 Holi, 04-17 Ram Navami, 10-31 Diwali, 11-15 Guru Nanak's Birthday"),
        (2025, 16, "02-26 Maha Shivaratri, 03-14 Holi, 10-02 Dussehra, 10-20 Diwali"),
        (2026, 17, "03-04 Holi, 03-26 Ram Navami, 11-08 Diwali, 11-24 Guru Nanak's Birthday"),
    ],
)
def test_the_official_lists_of_the_central_government(year, count, some):
    rows = [row for row in ROWS if row[0] == "IN" and row[1][:4] == str(year)]
    assert {row[4] for row in rows} == {"gazetted"}
    assert {row[1] for row in rows if row[5] == "central-order"} == {f"{year}-04-14"}
    assert len({row[1] for row in rows if row[5] == f"central-{year}"}) == count
    assert {tuple(f"{year}-{fact}".split(" ", 1)) for fact in some.split(", ")} <= {
        row[1:3] for row in rows
    }


def test_moon_sighted_days_of_years_to_come_are_estimated():
    moon = {"Eid al-Fitr", "Eid al-Adha", "Ashura", "Prophet's Birthday"}
    later = [row for row in ROWS if row[0] == "IN" and row[1] > "2027" and row[2] in moon]
    assert len(later) >= 4 * 9
    assert {row[4] for row in later} == {"estimated"}
    fixed = [row for row in ROWS if row[0] != "IN" and row[2] == "Republic Day"]
    assert {row[4] for row in fixed} == {"computed"}


def test_central_days_have_hindi_names():
    named = {row[2]: row[3] for row in ROWS if row[0] == "IN"}
    assert all(named.values())
    assert named["Guru Nanak's Birthday"] == "गुरु नानक जयंती"
    assert Counter(bool(row[3]) for row in ROWS)[False] == 0


def test_states_are_sets_of_their_own():
    assert ("IN-MH", "2026-03-03", "Holi") in {row[:3] for row in ROWS}
    assert "2026-03-04" not in DATES["IN-MH", 2026]
    assert "2026-03-04" in DATES["IN", 2026]
    assert len(DATES["IN-AP", 2026]) == 27  # both lists, not 18


def too_old(today, sets=SETS):
    """What a person must renew by this day."""
    old = [f"{row[0]}: known through {row[3]}" for row in sets if int(row[3]) < today.year + 5]
    if today.month == 12:
        official = next(row[4] for row in sets if row[0] == "IN")
        if int(official) <= today.year:
            old.append(f"IN: gazetted through {official}; the list of next year is out by now")
    return old


def test_the_tables_are_young_enough():
    found = too_old(datetime.now(UTC).date())
    if os.environ.get("RULES_ALLOW_OLD_DATA") == "1":
        found = []
    assert found == []


@each(
    ("today", "count"),
    [
        ("2026-11-30", 0),
        ("2026-12-01", 1),
        ("2027-01-01", 0),
        ("2031-01-01", 37),
        ("2030-12-31", 1),
    ],
)
def test_when_they_grow_old(today, count):
    assert len(too_old(date.fromisoformat(today))) == count


def test_the_end_of_the_tables_is_known():
    shut = shipped_holidays().shut_days(("IN", "IN-MH", "bank-saturdays"))
    assert shut.bank_saturdays
    for year, verdict in (
        (2014, HolidayData.INCOMPLETE),
        (2015, HolidayData.COMPLETE),
        (2035, HolidayData.COMPLETE),
        (2036, HolidayData.INCOMPLETE),
    ):
        assert shut.coverage.judge(date(year, 6, 1), None) is verdict
    nothing = shipped_holidays().shut_days(())
    assert nothing.coverage.judge(date(2090, 1, 1)) is HolidayData.COMPLETE
    assert nothing is shipped_holidays().shut_days(())


@each(
    ("name", "day", "holiday"),
    [
        ("GB", date(2026, 12, 28), "Boxing Day (observed)"),  # the 26th is a Saturday
        ("US", date(2026, 7, 3), "Independence Day (observed)"),
        ("US", date(2026, 7, 4), "Independence Day"),
        ("US-CA", date(2026, 3, 31), "Cesar Chavez Day"),
        ("AE", date(2026, 12, 2), "National Day"),
    ],
)
def test_other_countries(name, day, holiday):
    shut = shipped_holidays().shut_days((name,))
    assert shut.holidays[day].name == holiday
    assert shut.holidays[day].source == "holidays"
    assert shut.coverage.judge(day) is HolidayData.UNKNOWN


def test_other_countries_do_not_depend_on_the_locale(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "th")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    named = shipped_holidays().shut_days(("DE",)).holidays[date(2026, 12, 25)].name
    assert named == "Christmas Day"


def test_estimated_days_abroad_are_marked():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        holidays = shipped_holidays().holidays("AE")
    assert {holiday.status for holiday in holidays} == {"computed", "estimated"}
    assert not any("estimated" in holiday.name for holiday in holidays)


@each("name", ["IN-ZZ", "IND", "in", "XX", "US-ZZ", "", "bank saturdays", "ZZ-1"])
def test_unknown_sets(name):
    with pytest.raises(UnknownHolidaySet, match=f"no holiday set '{name}'"):
        shipped_holidays().shut_days((name,))


def test_a_near_name_is_suggested():
    with pytest.raises(UnknownHolidaySet, match="did you mean 'bank-saturdays'"):
        shipped_holidays().shut_days(("bank-saturday",))


def test_rows_of_ones_own():
    rows = [
        {"set": "IN-MH", "date": "2030-05-01", "name": "Our day", "status": "estimated"},
        ("IN-MH", "2032-05-01", "Our day"),
    ]
    table = HolidayTable.from_rows(rows)
    shut = table.shut_days(("IN-MH",))
    assert shut.holidays[date(2030, 5, 1)].status == "estimated"
    assert shut.coverage.judge(date(2031, 1, 1)) is HolidayData.COMPLETE
    assert shut.coverage.judge(date(2033, 1, 1)) is HolidayData.INCOMPLETE
    assert table.shut_days(("IN",)).coverage.judge(date(2031, 1, 1)) is HolidayData.UNKNOWN
    assert table.shut_days(("bank-saturdays",)).bank_saturdays
