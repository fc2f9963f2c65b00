"""pullreport: what a request writes."""

from __future__ import annotations

from dataclasses import replace

from rules.errors import StoreUnavailable
from rules.methods import answer
from rules.prefs import contact_hash
from rules.reports import REPORTS
from rules.services.reports import Query
from rules.testing import at, make_services
from tests.reports.rows import NOW, row

FIELDS = {
    "reportType": "call",
    "dtmf": "1",
    "flowid": "8657",
    "accountID": "293",
    "dnis": "9848012345",
    "starttime": "2026-11-18T09:00:00.000+5:30",
}


def send(services, **fields):
    given = {name: value for name, value in (FIELDS | fields).items() if value is not None}
    keys = [{"name": name, "value": value} for name, value in given.items()]
    return answer({"keys": keys}, services, method="pullreport")


def rows(services, account="293"):
    place = services.accounts().settings(REPORTS, account).place
    return list(services.reports.at(place).rows(Query(account, "call")))


class Counted:
    """Metrics that remember what was counted."""

    def __init__(self):
        self.names = []

    def count(self, name, *_):
        self.names.append(name)

    def time(self, *_):
        """Nothing is timed here."""


def test_p1_worked_example():
    services = make_services(now=NOW)
    reply = send(services)
    assert (reply.status, reply.body) == (200, {"keys": []})
    assert rows(services) == [row()]


def test_p4_an_unreadable_start_is_kept_and_counted():
    counted = Counted()
    services = replace(make_services(now=NOW), metrics=counted)
    send(services, starttime="yesterday")
    send(services)
    assert [one.start_time for one in rows(services)] == [
        "yesterday",
        "2026-11-18T09:00:00.000+05:30",
    ]
    assert counted.names.count("report_unreadable_starttime") == 1


def test_p1_blank_and_missing_keys_pressed():
    services = make_services(now=NOW)
    for dtmf in ("", None, " ", "null", "12*#"):
        send(services, dtmf=dtmf)
    assert [one.dtmf for one in rows(services)] == ["", "", "", "", "12*#"]


def test_p1_appended_columns():
    accounts = {"account": {"293": {"report_columns": ["city", "City2", "plan"]}}}
    services = make_services(now=NOW, accounts=accounts)
    send(services, **{"$flow.key.city": "पुणे", "$flow.key.plan": None, "$user.key.City2": "x"})
    assert rows(services)[0].extra == (("city", "पुणे"), ("City2", ""), ("plan", ""))


def test_p5_a_repeated_request_is_written_once():
    services = make_services(now=NOW, accounts={"default": {"report_sink": "sql"}})
    for _ in range(3):
        send(services, **{"$flow.syskey.phonon_uuid": "5b0c7a3e"})
    assert len(rows(services)) == 1


def test_p1_moment_of_writing_in_the_zone_of_the_account():
    accounts = {"account": {"293": {"zone": "Asia/Dubai"}}}
    services = make_services(now=NOW, accounts=accounts)
    send(services, starttime="2026-11-18T09:00")
    (found,) = rows(services)
    assert found.written_at.isoformat() == "2026-11-18T09:00:00+04:00"
    assert found.start_time == "2026-11-18T09:00:00.000+04:00"


def test_p1_settings_are_those_of_the_report():
    accounts = {"account": {"293": {"report_columns": ["city"]}, "5": {"report_columns": ["x"]}}}
    services = make_services(now=NOW, accounts=accounts)
    send(services, **{"$user.syskey.accountID": "5", "$flow.key.city": "Goa"})
    assert rows(services)[0].extra == (("city", "Goa"),)


def test_p1_a_row_that_cannot_be_written_is_a_failure():
    class Broken:
        def at(self, _):
            raise StoreUnavailable("disk full")

    services = replace(make_services(now=NOW), reports=Broken())
    reply = send(services)
    assert (reply.status, reply.body["keys"]) == (500, [])
    assert reply.body["error"]["code"] == "INTERNAL"
    assert "disk" not in str(reply.body)


def test_p1_without_a_place_for_reports_it_is_a_failure():
    services = at(replace(make_services(now=NOW), reports=None), NOW)
    assert send(services).status == 500


def erase(services, **fields):
    given = {"$user.syskey.contactNumber": "098480-12345", "$user.syskey.accountID": "293"}
    keys = [{"name": name, "value": value} for name, value in (given | fields).items()]
    return answer({"keys": keys}, services, method="eraseUserPreferences")


def test_erasing_a_customer_reaches_the_reports():
    services = make_services(now=NOW, hash_key="h")
    for fields in ({}, {"dnis": "+91 98480 12345"}, {"dnis": "7000000000"}, {"accountID": "5"}):
        send(services, **fields)
    assert erase(services, prefsNames="city").status == 200
    assert rows(services)[0].dnis == "9848012345", "only some values were meant"
    assert erase(services).status == 200
    first, second, third = (one.dnis for one in rows(services))
    assert first == second == contact_hash("h", "919848012345")
    assert third == "7000000000"
    assert rows(services, "5")[0].dnis == "9848012345"
    assert erase(replace(services, reports=None)).status == 200
