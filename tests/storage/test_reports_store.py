"""Contract of the report table, on memory, SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.reports import ReportRow
from rules.services.reports import Query
from rules.storage.memory.reports import MemoryReports
from rules.storage.reports import SqlReports
from tests.reports.rows import KOLKATA, NOW, row
from tests.stores import three_stores

CALLS = Query("293", "call")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
table = three_stores(MemoryReports, SqlReports)


def rows(table, query=CALLS):
    """Every row, read in pages of two."""
    found, mark = [], None
    while True:
        page, mark = table.page(query, zone=KOLKATA, after=mark, limit=2)
        found += [one for batch in page for one in batch.read()]
        if mark is None:
            return found


def keys(table, **days):
    return [one.dtmf for one in rows(table, Query("293", "call", **days))]


def test_p5_a_row_comes_back_as_given(table):
    given = row(
        dtmf="=1+1",
        flow_id="a,b\n'\"",
        dnis="+91 98480",
        start_time="yesterday",
        extra=(("city", "पुणे"), ("plan", "=x")),
    )
    table.append(given, upsert=False)
    (found,) = rows(table)
    assert found == given
    assert found.written_at.tzinfo is not None


def test_p5_nul_is_a_blank(table):
    table.append(row(dtmf="1\x002", extra=(("city", "a\x00b"),)), upsert=False)
    (found,) = rows(table)
    assert found.dtmf in ("1 2", "1\x002")
    assert found.extra == (("city", "a\x00b"),)


def test_p5_each_request_is_a_row(table):
    for _ in range(3):
        table.append(row(), upsert=False)
    assert len(rows(table)) == 3


def test_p5_upsert_keeps_one_row_a_call(table):
    table.append(row(dtmf="1"), upsert=True)
    table.append(row(dtmf="2", written_at=NOW + MINUTE), upsert=True)
    table.append(row(dtmf="3", flow_id="other"), upsert=True)
    assert [(one.dtmf, one.written_at) for one in rows(table)] == [
        ("3", NOW),
        ("2", NOW + MINUTE),
    ]


def test_p5_upsert_is_not_undone_by_an_older_row(table):
    table.append(row(dtmf="2", written_at=NOW + MINUTE), upsert=True)
    table.append(row(dtmf="1"), upsert=True)
    assert keys(table) == ["2"]


@pytest.mark.parametrize("name", ["account_id", "report_type", "flow_id", "dnis", "start_time"])
def test_p5_upsert_key(table, name):
    table.append(row(), upsert=True)
    other = row(**{name: "other"})
    table.append(other, upsert=True)
    reports = {("293", "call"), (other.account_id, other.report_type)}
    assert sum(len(rows(table, Query(*report))) for report in reports) == 2


@pytest.mark.parametrize(
    ("second", "minutes", "count", "why"),
    [
        ({}, 0, 1, "the same request twice"),
        ({}, 9, 1, "within ten minutes"),
        ({}, 10, 1, "ten minutes to the moment"),
        ({}, 11, 2, "later it is a row of its own"),
        ({"dtmf": "2"}, 1, 2, "another row of the same call"),
        ({"extra": (("city", "Pune"),)}, 1, 2, "another column"),
        ({"call_id": "u2"}, 1, 2, "another call"),
        ({"call_id": ""}, 1, 2, "a call without a name is never a repeat"),
    ],
)
def test_p5_repeats(table, second, minutes, count, why):
    table.append(row(call_id="u1"), upsert=False)
    given = {"call_id": "u1", "written_at": NOW + minutes * MINUTE} | second
    table.append(row(**given), upsert=False)
    assert len(rows(table)) == count, why


def test_p5_repeats_after_the_window_start_a_new_one(table):
    for minutes in (0, 11, 12, 25):
        moment = NOW + minutes * MINUTE
        table.append(row(call_id="u1", written_at=moment), upsert=False)
    assert len(rows(table)) == 3


def test_p5_repeats_at_once_are_written_once(table):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: table.append(row(call_id="u1"), upsert=False), range(12)))
    assert len(rows(table)) == 1


def test_rows_by_moment_then_by_order_of_writing(table):
    for dtmf, days in (("c", 2), ("a", 0), ("d", 2), ("b", 1)):
        table.append(row(dtmf=dtmf, written_at=NOW + days * DAY), upsert=False)
    table.append(row(dtmf="x", account_id="294"), upsert=False)
    table.append(row(dtmf="x", report_type="other"), upsert=False)
    assert keys(table) == ["a", "b", "c", "d"]
    second = (NOW + DAY).date()
    assert keys(table, since=second) == ["b", "c", "d"]
    assert keys(table, until=second) == ["a", "b"]
    assert keys(table, since=second, until=second) == ["b"]


@pytest.mark.parametrize(("zone", "day"), [(KOLKATA, 19), (ZoneInfo("UTC"), 18)])
def test_days_and_moments_are_those_of_the_zone(table, zone, day):
    table.append(row(written_at=datetime(2026, 11, 18, 18, 30, tzinfo=UTC)), upsert=False)
    days = date(2026, 11, day)
    page, mark = table.page(Query("293", "call", days, days), zone=zone, after=None, limit=9)
    assert mark is None
    assert page[0].cells()[0][6].startswith(f"2026-11-{day}T")


def test_extra_names_in_the_order_met(table):
    assert table.extra_names("293", "call") == ()
    table.append(row(extra=(("city", "x"),)), upsert=False)
    table.append(row(), upsert=False)
    table.append(row(extra=(("plan", "x"), ("city", "y"))), upsert=False)
    assert table.extra_names("293", "call") == ("city", "plan")
    assert table.extra_names("293", "other") == ()


def test_reports_there_are(table):
    table.append(row(), upsert=False)
    table.append(row(written_at=NOW + MINUTE), upsert=False)
    table.append(row(account_id="294"), upsert=False)
    assert table.reports(None) == [
        ("293", "call", 2, NOW, NOW + MINUTE),
        ("294", "call", 1, NOW, NOW),
    ]
    assert table.reports("294") == [("294", "call", 1, NOW, NOW)]
    assert sorted(table.accounts()) == ["293", "294"]


def test_erase_replaces_the_number_in_rows_of_one_account(table):
    table.append(row(), upsert=True)
    table.append(row(dnis="+91 98480 12345", flow_id="2"), upsert=False)
    table.append(row(dnis="7000000000", flow_id="3"), upsert=False)
    table.append(row(account_id="294"), upsert=False)
    assert table.erase("293", lambda dnis: "98480" in dnis, "gone") == 2
    assert [one.dnis for one in rows(table)] == ["gone", "gone", "7000000000"]
    assert rows(table, Query("294", "call"))[0].dnis == "9848012345"
    assert table.erase("293", lambda dnis: "98480" in dnis, "gone") == 0
    table.append(row(dtmf="2"), upsert=True)
    assert len(rows(table)) == 4, "an erased call is not found again"


def test_sweep_in_portions(table):
    for minutes in range(5):
        table.append(row(written_at=NOW + minutes * MINUTE, call_id="u"), upsert=False)
        table.append(row(written_at=NOW + minutes * MINUTE), upsert=False)
    table.append(row(account_id="294"), upsert=False)
    before = NOW + 3 * MINUTE
    assert table.sweep("293", before=before, limit=3) == 3
    assert table.sweep("293", before=before, limit=3) == 1
    assert table.sweep("293", before=before, limit=3) == 0
    assert len(rows(table)) == 2
    assert isinstance(rows(table, Query("294", "call"))[0], ReportRow)
