"""Reading reports back: from files and from the table, the same rows in the same order."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest

from rules.gateways import report_files
from rules.gateways.report_files import find_files, list_files, read_batches
from rules.gateways.report_sinks import ReportSinks, report_folder
from rules.reports import COLUMNS, Place
from rules.services.reports import Listed, Query
from rules.storage.memory.reports import MemoryReports
from tests.reports.rows import EXAMPLE, HEADER, KOLKATA, NOW, row

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CALLS = Query("293", "call")
TEMPLATES = [
    "{accountID}/{reportType}/{date}.csv",
    "{accountID}/{reportType}.csv",
    "{reportType}/{month}-{accountID}.csv",
    "{month}/{accountID}/{reportType}/{flowid}.csv",
    "all.csv",
]


@pytest.fixture(params=["csv", "sql", "both"])
def kind(request):
    return request.param


@pytest.fixture
def sinks(tmp_path):
    return ReportSinks(tmp_path / "reports", MemoryReports())


def written(sinks, rows, **place):
    sink = sinks.at(Place(**place))
    for one in rows:
        sink.append(one)
    return sink


def flows(sink, query=CALLS):
    return [one.flow_id for one in sink.rows(query)]


def test_rows_come_back_as_they_were(sinks, kind):
    given = [
        row(dtmf="=1+1", dnis="+91 98480", start_time="yesterday"),
        row(dtmf='a,"b"\nc', flow_id="'x", dnis="-5"),
        row(extra=(("city", "पुणे"),), written_at=NOW + MINUTE),
    ]
    sink = written(sinks, given, sink=kind)
    assert list(sink.rows(CALLS)) == given
    assert sink.columns(CALLS) == (*COLUMNS, "city")


@pytest.mark.parametrize("template", TEMPLATES)
def test_rows_of_one_report_by_moment_of_writing(sinks, template):
    moments = [NOW + n * timedelta(hours=5) for n in range(12)]
    rows = [row(flow_id=str(n), written_at=moment) for n, moment in enumerate(moments)]
    others = [row(account_id="29"), row(report_type="cal"), row(account_id="2933")]
    shuffled = [*rows, *others]
    random.Random(1).shuffle(shuffled)
    sink = written(sinks, shuffled, path=template)
    assert flows(sink) == [str(n) for n in range(12)]
    day = moments[5].date()
    one_day = Query("293", "call", day, day)
    assert flows(sink, one_day) == [str(n) for n, m in enumerate(moments) if m.date() == day]
    assert flows(sink, Query("293", "call", since=day)) == [
        str(n) for n, m in enumerate(moments) if m.date() >= day
    ]
    assert flows(sink, Query("293", "call", until=day)) == [
        str(n) for n, m in enumerate(moments) if m.date() <= day
    ]
    assert flows(sink, Query("293", "nothing")) == []


def test_rows_of_equal_moment_by_order_of_writing(sinks, kind):
    rows = [row(flow_id=str(n), extra=(("city", "x"),) if n % 2 else ()) for n in range(6)]
    sink = written(sinks, rows, sink=kind)
    found = flows(sink)
    assert sorted(found) == [str(n) for n in range(6)]
    assert [n for n in found if int(n) % 2] == ["1", "3", "5"]


def test_days_are_those_of_the_account(sinks, kind):
    moments = ["2026-11-18T23:59:59.999+05:30", "2026-11-19T00:00:00.000+05:30"]
    rows = [row(flow_id=m[8:10], written_at=datetime.fromisoformat(m)) for m in moments]
    sink = written(sinks, rows, sink=kind)
    for day in (18, 19):
        query = Query("293", "call", date(2026, 11, day), date(2026, 11, day))
        assert flows(sink, query) == [str(day)]


def test_files_in_order_are_handed_on_as_they_are(sinks):
    sink = written(sinks, [row(flow_id=str(n), written_at=NOW + n * MINUTE) for n in range(50)])
    (batch,) = sink.batches(CALLS)
    assert batch.count == 50
    assert batch.lines().startswith(b"call,1,0,")


def test_large_files_come_in_blocks(sinks, monkeypatch):
    monkeypatch.setattr(report_files, "_BLOCK", 1000)
    sink = written(sinks, [row(flow_id=str(n), written_at=NOW + n * MINUTE) for n in range(50)])
    batches = list(sink.batches(CALLS))
    assert len(batches) > 3
    assert flows(sink) == [str(n) for n in range(50)]


def test_files_out_of_order_are_sorted_in_batches(sinks, monkeypatch):
    monkeypatch.setattr(report_files, "_BATCH", 7)
    numbers = list(range(50))
    random.Random(2).shuffle(numbers)
    rows = [row(flow_id=str(n), dtmf='"' * (n % 2), written_at=NOW + n * MINUTE) for n in numbers]
    assert flows(written(sinks, rows)) == [str(n) for n in range(50)]


def test_many_files_need_few_open_at_once(sinks, monkeypatch):
    monkeypatch.setattr(report_files, "_MOST_OPEN", 2)
    rows = [row(flow_id=str(n % 9), written_at=NOW + n * MINUTE) for n in range(30)]
    sink = written(sinks, rows, path="{accountID}/{reportType}/{flowid}.csv")
    assert flows(sink) == [str(n % 9) for n in range(30)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("call,1,86\r\n", "cut off early"),
        ("call\r\n", "after the first cell"),
        (EXAMPLE[:-14] + "\r\n", "in the moment of writing: still a moment to a lenient reader"),
        (EXAMPLE.replace("10:30:00.000", "99:30:00.000") + "\r\n", "no such hour"),
        (EXAMPLE.replace("10:30:00.000", "aa:30:00.000") + "\r\n", "no moment at all"),
        (f'"{EXAMPLE[:4]}"' + EXAMPLE[4:].replace("T10", "T99") + "\r\n", "the same in quotes"),
        ('call,"a,"\r\n', "quotes that were closed later"),
    ],
)
def test_torn_lines_are_passed_over(sinks, tmp_path, line, why, caplog):
    sink = written(sinks, [row()])
    path = tmp_path / "reports/293/call/2026-11-18.csv"
    path.write_bytes(path.read_bytes() + line.encode())
    sink.append(row(flow_id="9", written_at=NOW + MINUTE))
    assert flows(sink) == ["8657", "9"], why
    assert "passed over" in caplog.text
    assert "9848012345" not in caplog.text


def test_a_line_without_an_end_is_not_read(sinks, tmp_path):
    sink = written(sinks, [row()])
    path = tmp_path / "reports/293/call/2026-11-18.csv"
    path.write_bytes(path.read_bytes() + EXAMPLE.encode())
    assert flows(sink) == ["8657"]
    path.write_bytes(path.read_bytes() + b'"')
    assert flows(sink) == ["8657"]


def test_moments_of_two_offsets_are_compared_as_moments(sinks):
    sink = written(sinks, [row(flow_id="2")])
    path = sink._sinks[0].root / "293/call/2026-11-18.csv"
    early = EXAMPLE.replace("8657", "1").replace("T10:30:00.000+05:30", "T10:00:00.000+06:00")
    path.write_bytes(path.read_bytes() + early.encode() + b"\r\n")
    assert flows(sink) == ["1", "2"]


def test_other_files_in_the_folder_are_left_alone(sinks, tmp_path):
    sink = written(sinks, [row()])
    folder = tmp_path / "reports/293/call"
    (folder / "2026-11-19.csv").write_bytes(b"notes\r\n")
    (folder / "notes.csv").write_bytes(f"{HEADER}\r\n{EXAMPLE}\r\n".encode())
    (folder / "2026-11-18.x.csv").write_bytes(f"{HEADER}\r\n{EXAMPLE}\r\n".encode())
    (folder / "2026-11-20.csv").write_bytes(b"")
    assert flows(sink) == ["8657"]
    assert [one.rows for one in sink.reports()] == [1]


def test_a_link_that_leads_out_is_not_read(sinks, tmp_path):
    sink = written(sinks, [row()])
    outside = tmp_path / "outside.csv"
    outside.write_bytes(f"{HEADER}\r\n{EXAMPLE}\r\n".encode())
    (tmp_path / "reports/293/call/2026-11-19.csv").symlink_to(outside)
    assert flows(sink) == ["8657"]
    assert [one.rows for one in sink.reports()] == [1]


def test_columns_of_all_files(sinks):
    rows = [
        row(),
        row(extra=(("city", "Pune"),)),
        row(extra=(("plan", "x"), ("city", "Goa")), written_at=NOW + DAY),
    ]
    sink = written(sinks, rows)
    assert sink.columns(CALLS) == (*COLUMNS, "city", "plan")
    assert sink.columns(Query("293", "call", until=NOW.date())) == (*COLUMNS, "city")
    assert [len(batch.header) for batch in sink.batches(CALLS)] == [7, 8, 9]


def test_a_wide_span_is_looked_up_by_what_is_there(sinks):
    sink = written(sinks, [row()])
    query = Query("293", "call", date(2020, 1, 1), date(2030, 1, 1))
    assert flows(sink, query) == ["8657"]
    assert flows(sink, Query("293", "call", date(2026, 11, 19), date(2030, 1, 1))) == []
    assert flows(sink, Query("293", "call", date(2026, 12, 1), date(2026, 11, 1))) == []


def test_the_table_in_pages(sinks, monkeypatch):
    monkeypatch.setattr("rules.gateways.report_sinks._PAGE", 4)
    rows = [row(flow_id=str(n), written_at=NOW + n * MINUTE) for n in range(10)]
    sink = written(sinks, rows, sink="sql")
    assert [batch.count for batch in sink.batches(CALLS)] == [4, 4, 2]
    assert flows(sink) == [str(n) for n in range(10)]


def test_reports_there_are(sinks, kind):
    rows = [row(), row(written_at=NOW + DAY), row(account_id="294", report_type="other")]
    found = list(written(sinks, rows, sink=kind).reports())
    days = (NOW.date(), (NOW + DAY).date())
    assert [(one.account, one.report_type, one.rows, one.first, one.last) for one in found] == [
        ("293", "call", 2, *days),
        ("294", "other", 1, days[0], days[0]),
    ]
    assert [one.account for one in sinks.at(Place(sink=kind)).reports("294")] == ["294"]


def test_reports_in_one_file_for_all(sinks, tmp_path):
    written(sinks, [row(), row(account_id="294")], path="all.csv")
    assert list_files(tmp_path / "reports", "all.csv", None) == [
        Listed("", "", 2, None, None, len(f"{HEADER}\r\n{EXAMPLE}\r\n") + len(EXAMPLE) + 2)
    ]


@pytest.mark.parametrize(
    ("database", "folder"),
    [
        ("rules.sqlite3", "reports"),
        ("/srv/rules/rules.sqlite3", "/srv/rules/reports"),
        ("postgresql://u:p@host/db", "reports"),
    ],
)
def test_p2_folder_beside_the_database(database, folder):
    assert str(report_folder(database)) == folder


def test_p2_roots_of_places(tmp_path):
    sinks = ReportSinks(tmp_path / "reports", MemoryReports())
    assert sinks.root(Place()) == tmp_path / "reports"
    assert sinks.root(Place(root="archive")) == tmp_path / "archive"
    assert sinks.root(Place(root="/srv/x")).as_posix() == "/srv/x"
    assert sinks.root(Place(sink="sql")) is None
    assert ReportSinks(None, MemoryReports()).root(Place()) is None


def test_without_a_folder_everything_is_in_the_table():
    sinks = ReportSinks(None, MemoryReports())
    assert flows(written(sinks, [row()])) == ["8657"]


def test_both_sinks_hold_every_row(sinks, tmp_path):
    sink = written(sinks, [row(), row()], sink="both")
    files = find_files(tmp_path / "reports", Place().path, CALLS)
    assert sum(batch.count for batch in read_batches(files, CALLS)) == 2
    assert flows(sink) == ["8657"] * 2


def test_both_sinks_know_a_repeat_only_in_the_table(sinks, tmp_path):
    sink = written(sinks, [row(call_id="u"), row(call_id="u")], sink="both")
    assert flows(sink) == ["8657"]
    files = find_files(tmp_path / "reports", Place().path, CALLS)
    assert sum(batch.count for batch in read_batches(files, CALLS)) == 2


def test_upsert_of_a_place(sinks):
    rows = [row(), row(dtmf="2", written_at=NOW + MINUTE)]
    assert [one.dtmf for one in written(sinks, rows, sink="sql", upsert=True).rows(CALLS)] == ["2"]


def test_moments_in_the_zone_of_the_account(sinks):
    (found,) = written(sinks, [row()], sink="sql", zone=KOLKATA).rows(CALLS)
    assert found.written_at.isoformat() == "2026-11-18T10:30:00+05:30"
