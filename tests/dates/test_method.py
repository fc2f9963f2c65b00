"""The method on hostile values, and own dates that change while the service runs."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from rules.dates import DATES, EXTRA_NAMES, REPLY_NAMES, REQUEST_NAMES
from rules.gateways.accounts import AccountsFile
from rules.methods import answer
from rules.testing import make_services
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
SERVICES = make_services(now=NOW)
GOOD = {
    "inputDate": "kal",
    "type": "Appointment",
    "workingDaysOff": "Sat,Sun",
    "appointmentStartTime": "09:00",
    "appointmentEndTime": "18:00",
    "validMAxDays": "5",
    "incrementDays": "0",
}
HOSTILE = [
    "x" * 1_000_000,
    "9" * 1_000_000,
    "-" * 100_000,
    "Sunday, " * 50_000,
    "2nd " * 50_000,
    "\x00\x1b[31m\r\n\u202e",
    "{date} %s {0.__class__}",
    "$flow.key.inputDate $user.key.x",
    "٣١/١٢/٢٠٢٦",
    "9" * 4301,
    10**400,
    -(10**30),
    5.0,
    True,
    [1, [2, {"a": None}]],
    {"a": "b"},
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "0000-00-00",
    "'; DROP TABLE holidays; --",
]


@each("name", REQUEST_NAMES)
@each("value", HOSTILE)
def test_hostile_values_are_answered(name, value):
    keys = [{"name": key, "value": text} for key, text in {**GOOD, name: value}.items()]
    reply = answer({"keys": keys}, SERVICES, method="validatedateandtime")
    assert reply.status in {200, 400}
    found = {key["name"].removeprefix("$flow.key."): key["value"] for key in reply.body["keys"]}
    names = [*REPLY_NAMES, *(EXTRA_NAMES if reply.status == 200 else ())]
    assert list(found) == names
    assert all(len(text) < 1000 for text in found.values())
    messages = [field["message"] for field in reply.body.get("error", {"fields": []})["fields"]]
    assert all(len(message) < 200 and message.isprintable() for message in messages)


def test_own_dates_change_without_a_restart(tmp_path):
    """The moon was sighted a day late: one `open` and one `closed` row, in force in seconds."""
    elapsed = [0.0]
    (tmp_path / "accounts.toml").write_text('[account."163"]\nown_dates = "163.csv"\n')
    own = tmp_path / "163.csv"
    own.write_text("date,status,hours,name,name_hi\n")
    accounts = AccountsFile(str(tmp_path / "accounts.toml"), monotonic=lambda: elapsed[0])
    days = [NOW.date().replace(year=2027, month=3, day=day) for day in (10, 11)]

    def opens():
        elapsed[0] += 6
        calendar = accounts().settings(DATES, "163").calendar()
        return [calendar.is_open(day) for day in days]

    assert opens() == [False, True]
    own.write_text(
        "date,status,hours,name,name_hi\n2027-03-10,open,,,\n2027-03-11,closed,,Eid al-Fitr,ईद\n"
    )
    later = NOW.timestamp() + timedelta(hours=1).total_seconds()
    os.utime(own, (later, later))
    assert opens() == [True, False]
    own.write_text("date,status\n")  # a mistake: the last good file stays in force
    os.utime(own, (later + 60, later + 60))
    assert opens() == [True, False]
