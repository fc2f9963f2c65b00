"""`GET /v1/reports/breaks`: the report as CSV."""

import csv
import io
import json
from datetime import datetime

import pytest

from rules.methods import answer
from rules.prefs.breaks import COLUMNS
from rules.testing import at, make_services
from tests.doors import client_of
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
TOKEN = {"Authorization": "Bearer t0ken"}


@pytest.fixture
def services():
    services = make_services(now=NOW, admin_token="t0ken")
    for cli, account, reason in [
        ("9879912345", "293", "=HYPERLINK(1)"),
        ("9800000001", "294", "TEA"),
    ]:
        for minute, pause in ((0, "true"), (15, "false")):
            keys = {"pause": pause, "cli": cli, "accountID": account, "pauseReason": reason}
            body = {"keys": [{"name": name, "value": value} for name, value in keys.items()]}
            moment = NOW.replace(hour=9, minute=minute)
            assert (
                answer(body, at(services, moment), method="updatePauseStatusForCLI").status == 200
            )
    return services


def get(services, query="", headers=TOKEN):
    return client_of(services).get(f"/v1/reports/breaks{query}", headers=headers)


def table(reply):
    assert reply.status_code == 200
    assert reply.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(reply.text)))


def test_rows_of_today(services):
    reply = get(services)
    assert reply.text.splitlines()[0] == ",".join(COLUMNS)
    first, second = table(reply)
    assert first == {
        "cli": "919800000001",
        "name": "",
        "account": "294",
        "date": "2026-11-18",
        "reason": "TEA",
        "start": "2026-11-18T09:00:00+05:30",
        "end": "2026-11-18T09:15:00+05:30",
        "minutes": "15.0",
        "planned_end": "",
        "overrun_minutes": "0.0",
        "ended_by": "agent",
    }
    assert second["reason"] == "'=HYPERLINK(1)", "a reason must not become a formula"


@each(
    ("query", "count", "why"),
    [
        ("?account=293", 1, "one account"),
        ("?cli=98000+00001", 1, "one agent in any spelling"),
        ("?reason=TEA", 1, "one reason"),
        ("?reason=tea", 1, "in any case"),
        ("?from=2026-11-17&to=2026-11-18", 2, "two days"),
        ("?from=2026-11-17&to=2026-11-17", 0, "the day before"),
        ("?from=", 2, "a blank parameter is none"),
    ],
)
def test_filters(services, query, count, why):
    assert len(table(get(services, query))) == count, why


def test_token_is_needed(services):
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        reply = get(services, headers=headers)
        assert (reply.status_code, reply.json["error"]["code"]) == (403, "ADMIN_ONLY")


def test_bad_parameters_are_named_as_in_the_address(services):
    reply = get(services, "?from=31/11/2026&to=x&cli=98799XXXXX")
    assert reply.status_code == 400
    assert [(f["name"], f["code"]) for f in json.loads(reply.data)["error"]["fields"]] == [
        ("from", "NOT_A_CALENDAR_DATE"),
        ("to", "UNPARSEABLE"),
        ("cli", "MASKED_NUMBER"),
    ]


def test_days_at_the_ends_of_the_calendar_are_refused(services):
    reply = get(services, "?from=0001-01-01&to=9999-12-31")
    assert reply.status_code == 400
    assert [(f["name"], f["code"]) for f in json.loads(reply.data)["error"]["fields"]] == [
        ("from", "OUT_OF_RANGE"),
        ("to", "OUT_OF_RANGE"),
    ]


def test_many_rows_are_all_there(services):
    moment = NOW.replace(hour=0, minute=0)
    for second in range(1_100):
        for offset, pause in ((0, "true"), (1, "false")):
            keys = [{"name": "pause", "value": pause}, {"name": "cli", "value": "9811111111"}]
            start = moment.replace(minute=second // 30, second=second % 30 * 2 + offset)
            answer({"keys": keys}, at(services, start), method="updatePauseStatusForCLI")
    assert len(table(get(services, "?cli=9811111111"))) == 1_100
    keys = [{"name": "cli", "value": "9811111111"}]
    reply = answer({"keys": keys}, services, method="pullBreakReport").body["keys"]
    found = {key["name"]: key["value"] for key in reply}
    assert found["$flow.key.breakCount"] == "1100"
    assert found["$flow.key.breakTruncated"] == "true"
    assert len(json.loads(found["$flow.key.breakReport"])) == 1_000
