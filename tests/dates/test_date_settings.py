"""Settings of the date rule: names, texts, and what is refused at load."""

from __future__ import annotations

from datetime import date, time

import pytest

from rules.dates import DATES, DateSettings, shipped_holidays
from rules.errors import SettingMistake
from rules.settings import Accounts
from tests.rows import each

TABLE = shipped_holidays()


def test_built_in_values():
    settings = DateSettings.from_mapping({}, holidays=TABLE)
    assert settings.zone.key == "Asia/Kolkata"
    assert (settings.business_hours.start, settings.business_hours.end) == (time(9), time(18))
    assert (settings.callback_hours.start, settings.callback_hours.end) == (time(8), time(20))
    assert (settings.same_day_appointment, settings.same_day_callback) == (False, True)
    assert settings.max_days is None
    assert settings.roll
    assert not settings.title_flags
    calendar = settings.calendar()
    assert not calendar.is_open(date(2026, 11, 24))  # the central list
    assert calendar.is_open(date(2026, 11, 22))  # no weekly off


@each(
    ("name", "value", "field", "found"),
    [
        ("zone", "America/New_York", "zone", "America/New_York"),
        ("max_days", 5, "max_days", "5"),
        ("max_days", "7", "max_days", "7"),
        ("max_days", 0, "max_days", "0"),
        ("correction", "none", "roll", "False"),
        ("flag_style", "title", "title_flags", "True"),
        ("same_day_appointment", True, "same_day_appointment", "True"),
        ("same_day_callback", "False", "same_day_callback", "False"),
    ],
)
def test_values(name, value, field, found):
    settings = DateSettings.from_mapping({name: value}, holidays=())
    assert str(getattr(settings, field)) == found


@pytest.mark.parametrize(
    "sets", [["IN-MH", "bank-saturdays"], "IN-MH, bank-saturdays", ("IN-MH", "bank-saturdays")]
)
def test_sets_as_list_or_text(sets):
    calendar = DateSettings.from_mapping({"holiday_sets": sets}, holidays=TABLE).calendar()
    assert not calendar.is_open(date(2026, 3, 3))
    assert not calendar.is_open(date(2026, 11, 28))


@each("sets", [[], ["none"], "none", ""])
def test_no_sets(sets):
    settings = DateSettings.from_mapping({"holiday_sets": sets}, holidays=TABLE)
    assert settings.calendar().is_open(date(2026, 11, 24))


@pytest.mark.parametrize("off", ["Sunday, 2nd Saturday", ["Sunday", "2nd Saturday"]])
def test_weekly_off_as_list_or_text(off):
    settings = DateSettings.from_mapping({"weekly_off": off}, holidays=())
    assert [settings.calendar().is_open(date(2026, 11, day)) for day in (14, 15, 21)] == [
        False,
        False,
        True,
    ]


@each(
    ("name", "value", "says"),
    [
        ("zone", "Asia/Kolkatta", "no zone 'Asia/Kolkatta' in the zone database"),
        ("zone", "/etc/passwd", "/etc/passwd"),
        ("zone", "", "no zone ''"),
        ("zone", 5, ""),
        ("holiday_sets", ["IN-ZZ"], "no holiday set 'IN-ZZ'"),
        ("holiday_sets", ["IN", "none"], "'none' stands beside other sets"),
        ("holiday_sets", 5, ""),
        ("weekly_off", "Funday", "'funday' is no weekday; did you mean 'sunday'?"),
        ("weekly_off", "", "names no weekday"),
        ("weekly_off", [0], ""),
        ("business_hours", "09:00-09:00", "start and end must differ"),
        ("business_hours", "9 to 5", "write hours as 09:00-18:00"),
        ("callback_hours", None, ""),
        ("same_day_appointment", "maybe", "must be one of true, false"),
        ("max_days", -1, "must be a whole number, 0 or more"),
        ("max_days", True, "must be a whole number, 0 or more"),
        ("max_days", "five", "must be a whole number, 0 or more"),
        ("correction", "push", "must be one of roll, none"),
        ("flag_style", "UPPER", "must be one of lower, title"),
        ("callback_hour", "08:00-20:00", "no such setting; did you mean 'callback_hours'?"),
    ],
)
def test_mistakes_name_the_setting(name, value, says):
    with pytest.raises(SettingMistake) as refused:
        DateSettings.from_mapping({name: value}, holidays=TABLE)
    assert refused.value.key == name
    assert says in refused.value.message


def test_own_rows():
    rows = [{"date": "2026-12-24", "status": "closed", "name": "Break"}]
    settings = DateSettings.from_mapping({}, holidays=TABLE, own_dates=rows)
    assert settings.calendar().holiday(date(2026, 12, 24)).name == "Break"
    with pytest.raises(SettingMistake, match="own_dates: line 2"):
        DateSettings.from_mapping({}, holidays=TABLE, own_dates=[{"date": "x"}])


@pytest.mark.parametrize("rows", [[("IN", "2026-13-01", "Day")], [{"set": "IN"}], [5]])
def test_bad_holiday_rows(rows):
    with pytest.raises(SettingMistake, match="holidays: "):
        DateSettings.from_mapping({}, holidays=rows)


def test_from_an_accounts_file():
    text = "date,status,hours,name,name_hi\n2026-12-24,closed,,Break,\n"
    accounts = Accounts(
        {
            "default": {"zone": "Asia/Dubai", "extra_keys": True},
            "account": {"163": {"own_dates": "163.csv", "weekly_off": "Friday"}},
            "flow": {"58": {"weekly_off": "none"}},
        },
        {"163.csv": text},
    )
    both = accounts.settings(DATES, "163", "58")
    assert both.zone.key == "Asia/Dubai"
    assert both.calendar().is_open(date(2026, 11, 20))  # Friday: the flow's word
    assert not both.calendar().is_open(date(2026, 12, 24))
    account = accounts.settings(DATES, "163")
    assert not account.calendar().is_open(date(2026, 11, 20))
    assert account.own is both.own


@pytest.mark.parametrize("text", ["", "date,status,hours,name,name_hi\n2026-12-24,shut,,,\n"])
def test_a_bad_file_of_own_dates_is_a_mistake_of_the_setting(text):
    accounts = Accounts({"account": {"163": {"own_dates": "163.csv"}}}, {"163.csv": text})
    with pytest.raises(SettingMistake, match=r"own_dates: line \d"):
        accounts.settings(DATES, "163")


def test_a_file_that_is_not_there_is_a_mistake_of_the_setting():
    accounts = Accounts({"account": {"163": {"own_dates": "163.csv"}}})
    with pytest.raises(SettingMistake, match="own_dates: there is no such file"):
        accounts.settings(DATES, "163")
