"""From named texts to requests (`date_requests.csv`), and rows in bulk."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from rules.dates import (
    EXTRA_NAMES,
    REPLY_NAMES,
    REQUEST_NAMES,
    Kind,
    Unit,
    Window,
    read_request,
    validate_rows,
)
from rules.errors import BadParameters
from tests._cases import cases
from tests.dates.judging import settings_of
from tests.rows import each

INDIA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=INDIA)
SETTINGS = settings_of()


@each("row", cases("date_requests"))
def test_problems(row):
    texts = {name: row[name] or None for name in REQUEST_NAMES}
    if not row["problems"]:
        assert read_request(texts, zone=INDIA).text == row["inputDate"]
        return
    with pytest.raises(BadParameters) as refused:
        read_request(texts, zone=INDIA)
    found = "; ".join(f"{problem.name} {problem.code}" for problem in refused.value.fields)
    assert found == row["problems"]
    assert all(problem.message for problem in refused.value.fields)


def test_every_field_arrives():
    request = read_request(
        {
            "inputDate": "kal",
            "type": "Appointment",
            "workingDaysOff": "Sunday",
            "appointmentStartTime": "10:00",
            "appointmentEndTime": "16:00",
            "validMAxDays": "5",
            "incrementDays": "-2",
            "incrementUnit": "business",
        },
        zone=INDIA,
    )
    assert request.kind is Kind.APPOINTMENT
    assert request.weekly_off.whole
    assert request.window == Window.read("10:00-16:00")
    assert (request.max_days, request.increment) == (5, -2)
    assert request.increment_unit is Unit.BUSINESS


@each(
    ("name", "text", "says"),
    [
        ("type", "callbak", "did you mean 'Callback'?"),
        ("type", "x" * 1000, "x" * 60 + "...'"),
        ("type", "a\x00b\n", "'a b '"),
        ("workingDaysOff", "Sunday, Sarturday", "'sarturday' is no weekday; did you mean"),
        ("incrementDays", "two", "'two' is not a whole number"),
    ],
)
def test_messages_help(name, text, says):
    with pytest.raises(BadParameters) as refused:
        read_request({"inputDate": "kal", "type": "Callback", name: text}, zone=INDIA)
    assert says in refused.value.fields[0].message


def run(*rows, settings=SETTINGS):
    return list(validate_rows(rows, now=NOW, settings=settings))


def test_rows_keep_their_columns_and_gain_the_reply():
    (row,) = run({"id": 7, "inputDate": "kal shaam 5 baje", "type": "Callback"})
    assert list(row) == ["id", "inputDate", "type", *REPLY_NAMES, *EXTRA_NAMES]
    assert row["id"] == 7
    assert row["outputDate"] == "2026-11-19T17:00:00+05:30"
    assert (row["smsDate"], row["outputDay"], row["dateReason"]) == ("19-11-2026", "Thursday", "OK")


def test_bad_rows_say_why_and_do_not_stop_the_run():
    rows = run(
        {"inputDate": "kal", "type": "visit", "incrementDays": "x"},
        {},
        {"inputDate": "kal", "type": "Callback"},
    )
    assert [row["dateReason"] for row in rows] == [
        "INVALID_TYPE,INVALID_INCREMENT_DAYS",
        "MISSING_PARAMETER",
        "OK",
    ]
    assert (rows[0]["outputDate"], rows[0]["dateIsValid"], rows[0]["timeIsValid"]) == (
        "",
        "false",
        "false",
    )


@pytest.mark.parametrize("column", ["inputdate", " INPUTDATE ", "$flow.key.inputDate"])
def test_columns_are_matched_like_names_in_a_request(column):
    assert run({column: "kal", "TYPE": "callback"})[0]["dateReason"] == "OK"


@each("value", [None, "", "  ", "null", "Undefined", "$flow.key.askedDate"])
def test_what_counts_as_missing(value):
    assert run({"inputDate": value, "type": "Callback"})[0]["dateReason"] == "MISSING_PARAMETER"


def test_values_need_not_be_text():
    (row,) = run({"inputDate": 1796729400, "type": "Callback", "validMAxDays": 30})
    assert row["outputDate"] == "2026-12-08T17:00:00+05:30"


def test_flags_in_titles():
    settings = settings_of("flag_style=title")
    good, bad = run({"inputDate": "kal", "type": "Callback"}, {}, settings=settings)
    assert (good["dateIsValid"], good["timeIsValid"], good["dateCorrected"]) == (
        "True",
        "True",
        "false",
    )
    assert (bad["dateIsValid"], bad["timeIsValid"]) == ("False", "False")


def test_rows_are_judged_one_by_one():
    def endless():
        while True:
            yield {"inputDate": "kal", "type": "Callback"}

    found = validate_rows(endless(), now=NOW, settings=SETTINGS)
    assert next(found)["dateReason"] == next(found)["dateReason"] == "OK"


def test_from_a_csv_file_and_back():
    text = "inputDate,type\n31 April,Callback\nआज शाम 5 बजे,Callback\n"
    out = io.StringIO()
    rows = run(*csv.DictReader(io.StringIO(text)))
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    again = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["dateReason"] for row in again] == ["NOT_A_CALENDAR_DATE", "OK"]
