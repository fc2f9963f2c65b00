"""Section 6: exports to CSV, XLSX and Parquet, by command line and over HTTP."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet
import pytest
from lxml import etree

from rules.cli import main
from rules.errors import BadParameters, StoreUnavailable
from rules.gateways import report_export
from rules.gateways.report_export import ExportUnavailable, export
from rules.gateways.report_request import read_job
from rules.gateways.report_sinks import ReportSinks
from rules.methods import answer
from rules.reports import COLUMNS, Place
from rules.services.reports import Query
from rules.storage.memory.reports import MemoryReports
from rules.testing import make_services
from tests.reports.rows import EXAMPLE, HEADER, KOLKATA, NOW, row
from tests.rows import each
from webapp import create_app

MINUTE = timedelta(minutes=1)
CALLS = Query("293", "call")
GIVEN = [
    row(),
    row(dtmf="=1+1", dnis="+91 98480", start_time="yesterday", written_at=NOW + MINUTE),
    row(
        dtmf='a,"b"\nc',
        flow_id="'x",
        start_time="1899-01-01T00:00:00.000+00:00",
        written_at=NOW + 2 * MINUTE,
        extra=(("city", "पुणे"), ("=link", "https://x.example")),
    ),
]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(params=["csv", "sql"])
def sink(request, tmp_path):
    found = ReportSinks(tmp_path / "reports", MemoryReports()).at(Place(sink=request.param))
    for one in GIVEN:
        found.append(one)
    return found


def exported(sink, path, form, query=CALLS, masked=()):
    count = export(sink, query, path, form=form, zone=KOLKATA, masked=masked)
    return count, path


def sheets(path):
    """Every sheet as rows of (type, style, text)."""
    with zipfile.ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if "worksheets/sheet" in name)
        trees = [etree.fromstring(book.read(name)) for name in names]
        others = [name for name in book.namelist() if "hyperlink" in book.read(name).decode()]
    found = []
    for tree in trees:
        rows = []
        for line in tree.iter(f"{SHEET}row"):
            cells = []
            for cell in line.iter(f"{SHEET}c"):
                assert cell.find(f"{SHEET}f") is None, "no formulas"
                text = "".join(cell.itertext())
                cells.append((cell.get("t"), cell.get("s"), text))
            rows.append(cells)
        found.append((tree, rows))
    assert not others, "no links"
    return found


def test_csv_is_as_the_files(sink, tmp_path):
    count, path = exported(sink, tmp_path / "out.csv", "csv")
    lines = path.read_bytes().decode().split("\r\n")
    assert count == 3
    assert lines[0] == f"{HEADER},city,'=link"
    assert lines[1] == f"{EXAMPLE},,"
    assert lines[2].startswith("call,'=1+1,8657,293,'+91 98480,yesterday,2026-11-18T10:31:00.000")
    assert lines[3].startswith('call,"a,""b""\nc",\'x,293,')
    assert lines[3].endswith("+05:30,पुणे,https://x.example")
    assert lines[4:] == [""]
    assert path.stat().st_mode & 0o777 == 0o600


def test_csv_of_equal_columns_is_copied(tmp_path):
    sinks = ReportSinks(tmp_path / "reports", MemoryReports())
    found = sinks.at(Place())
    found.append(row())
    _, path = exported(found, tmp_path / "out.csv", "csv")
    assert path.read_bytes() == (tmp_path / "reports/293/call/2026-11-18.csv").read_bytes()


def test_parquet_holds_values_as_given(sink, tmp_path):
    count, path = exported(sink, tmp_path / "out.parquet", "parquet")
    table = pyarrow.parquet.read_table(path)
    assert count == 3
    assert table.schema.names == [*COLUMNS, "starttimeText", "city", "=link"]
    kinds = [str(table.schema.field(name).type) for name in ("dnis", "starttime", "writtenAt")]
    assert kinds == ["string", "timestamp[ms, tz=UTC]", "timestamp[ms, tz=UTC]"]
    rows = table.to_pylist()
    assert [one["dtmf"] for one in rows] == ["1", "=1+1", 'a,"b"\nc']
    assert [one["starttimeText"] for one in rows] == [
        "2026-11-18T09:00:00.000+05:30",
        "yesterday",
        "1899-01-01T00:00:00.000+00:00",
    ]
    assert rows[0]["starttime"] == datetime(2026, 11, 18, 3, 30, tzinfo=UTC)
    assert rows[1]["starttime"] is None
    assert rows[0]["writtenAt"] == NOW
    assert (rows[2]["city"], rows[0]["city"]) == ("पुणे", "")
    column = pyarrow.parquet.ParquetFile(path).metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"


def test_parquet_in_groups(sink, tmp_path, monkeypatch):
    monkeypatch.setattr(report_export, "GROUP_ROWS", 1)
    _, path = exported(sink, tmp_path / "out.parquet", "parquet")
    assert pyarrow.parquet.read_table(path).num_rows == 3


def test_xlsx_is_text_and_dates(sink, tmp_path):
    _, path = exported(sink, tmp_path / "out.xlsx", "xlsx")
    ((tree, rows),) = sheets(path)
    texts = [[text for _, _, text in line] for line in rows]
    assert texts[0] == [*COLUMNS, "city", "'=link"]
    assert texts[1][:5] == ["call", "1", "8657", "293", "9848012345"]
    assert texts[2][1:6] == ["'=1+1", "8657", "293", "'+91 98480", "yesterday"]
    assert texts[3][1:3] == ['a,"b"\nc', "'x"]
    kinds = [kind for kind, _, _ in rows[1][:7]]
    assert kinds == ["inlineStr"] * 5 + [None, None], "moments are numbers, all else is text"
    days = (date(2026, 11, 18) - date(1899, 12, 30)).days
    assert float(texts[1][5]) == pytest.approx(days + 9 / 24)
    assert float(texts[1][6]) == pytest.approx(days + 10.5 / 24)
    assert texts[3][5] == "1899-01-01T00:00:00.000+00:00", "before the calendar of sheets: text"
    assert tree.find(f".//{SHEET}pane").get("state") == "frozen"
    assert tree.find(f"{SHEET}autoFilter").get("ref") == "A1:I4"
    with zipfile.ZipFile(path) as book:
        styles = book.read("xl/styles.xml").decode()
    assert 'formatCode="yyyy-mm-dd hh:mm:ss"' in styles


def test_xlsx_goes_on_to_another_sheet(sink, tmp_path, monkeypatch):
    monkeypatch.setattr(report_export, "SHEET_ROWS", 2)
    _, path = exported(sink, tmp_path / "out.xlsx", "xlsx")
    assert [len(rows) for _, rows in sheets(path)] == [3, 2]


def test_xlsx_survives_what_a_sheet_cannot_hold(tmp_path):
    found = ReportSinks(None, MemoryReports()).at(Place())
    found.append(row(dtmf="x" * 40_000, flow_id="a\ufffe\uffffb\x01c", dnis="http://x.example"))
    _, path = exported(found, tmp_path / "out.xlsx", "xlsx")
    ((_, rows),) = sheets(path)
    texts = [text for _, _, text in rows[1]]
    assert len(texts[1]) == 32_767
    assert texts[2] == "a\ufffd\ufffdb c"
    assert texts[4] == "http://x.example"


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_an_empty_report_is_a_whole_file(tmp_path, form):
    found = ReportSinks(tmp_path / "reports", MemoryReports()).at(Place())
    count, path = exported(found, tmp_path / f"out.{form}", form)
    assert count == 0
    if form == "parquet":
        assert pyarrow.parquet.read_table(path).num_rows == 0
    elif form == "csv":
        assert path.read_bytes() == f"{HEADER}\r\n".encode()
    else:
        assert [len(rows) for _, rows in sheets(path)] == [1]


def test_masked_columns_show_four_characters(sink, tmp_path):
    _, path = exported(sink, tmp_path / "out.csv", "csv", masked=("dnis", "flowid"))
    content = path.read_text("utf-8")
    assert "9848012345" not in content
    assert "call,1,****,293,******2345," in content
    _, path = exported(sink, tmp_path / "out.parquet", "parquet", masked=("dnis",))
    assert pyarrow.parquet.read_table(path)["dnis"].to_pylist()[1] == "*****8480"


def test_the_file_appears_only_when_it_is_complete(sink, tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    path.write_text("before")
    monkeypatch.setattr(type(sink), "batches", broken_batches)
    with pytest.raises(StoreUnavailable):
        exported(sink, path, "csv")
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []


def broken_batches(_, __):
    raise StoreUnavailable("gone")
    yield


def test_no_folder_is_a_failure(sink, tmp_path):
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        exported(sink, tmp_path / "missing" / "out.csv", "csv")


@pytest.mark.parametrize(("form", "package"), [("xlsx", "xlsxwriter"), ("parquet", "pyarrow")])
def test_a_missing_package_is_named(sink, tmp_path, monkeypatch, form, package):
    def import_module(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(report_export, "import_module", import_module)
    with pytest.raises(ExportUnavailable, match=rf"{package}.*flow-rules\[bulk\]"):
        exported(sink, tmp_path / "out", form)
    assert not (tmp_path / "out").exists()


def services(**accounts):
    return make_services(now=NOW, accounts=accounts or None, admin_token="t0ken")


def filled(**accounts):
    """Services with two rows of account 293."""
    found = services(**accounts)
    names = ("reportType", "dtmf", "flowid", "accountID", "dnis", "starttime")
    for dtmf in ("1", "2"):
        cells = ["call", dtmf, *EXAMPLE.split(",")[2:6]]
        keys = [{"name": n, "value": v} for n, v in zip(names, cells, strict=True)]
        assert answer({"keys": keys}, found, method="pullreport").status == 200
    return found


@each(
    ("asked", "fields"),
    [
        ({"account": "..", "type": ""}, ["account", "type"]),
        ({"since": "yesterday", "until": "2026-13-01"}, ["since", "until"]),
        ({"format": "doc"}, ["format"]),
        ({"location": "moon"}, ["location"]),
        ({"mask": "dnis,iban"}, ["mask"]),
        ({"since": "x", "location": "moon"}, ["since", "location"]),
    ],
)
def test_a_job_that_cannot_be(asked, fields):
    with pytest.raises(BadParameters) as caught:
        read_job(services(), {"account": "293", "type": "call"} | asked)
    assert [problem.name for problem in caught.value.fields] == fields


def test_a_job_and_its_name():
    asked = {"account": "293", "type": "call", "since": "2026-11-01", "format": "XLSX"}
    job = read_job(services(), asked | {"mask": "dnis, flowid"})
    assert job.name == "293_call_2026-11-01.xlsx"
    assert job.masked == ("dnis", "flowid")
    assert job.query == Query("293", "call", date(2026, 11, 1))


TOKEN = "t0ken"


def get(found, path, token=TOKEN):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return create_app(found).test_client().get(path, headers=headers, buffered=True)


def test_http_csv():
    reply = get(filled(), "/v1/reports/293/call?since=2026-11-18&until=2026-11-18")
    assert reply.status_code == 200
    assert reply.mimetype == "text/csv"
    assert reply.headers["Content-Disposition"] == (
        "attachment; filename=293_call_2026-11-18_2026-11-18.csv"
    )
    assert reply.data.decode() == f"{HEADER}\r\n{EXAMPLE}\r\n{EXAMPLE.replace(',1,', ',2,')}\r\n"


def test_http_other_formats_and_masks():
    reply = get(filled(), "/v1/reports/293/call?format=parquet&mask=dnis")
    table = pyarrow.parquet.read_table(io.BytesIO(reply.data))
    assert table["dnis"].to_pylist() == ["******2345"] * 2
    reply = get(filled(), "/v1/reports/293/call?format=xlsx")
    assert reply.data[:2] == b"PK"


def test_http_of_days_without_rows():
    reply = get(filled(), "/v1/reports/293/call?since=2026-11-19")
    assert reply.data.decode() == f"{HEADER}\r\n"


@pytest.mark.parametrize("token", ["", "wrong"])
def test_http_needs_the_admin_token(token):
    reply = get(filled(), "/v1/reports/293/call", token)
    assert reply.status_code == 403
    assert b"9848012345" not in reply.data


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/reports/293/call?since=x", "OUT_OF_RANGE"),
        ("/v1/reports/a.b/call", "INVALID_NAME"),
        ("/v1/reports/293/call?location=moon", "UNKNOWN_LOCATION"),
    ],
)
def test_http_of_a_job_that_cannot_be(path, code):
    reply = get(filled(), path)
    assert (reply.status_code, reply.json["error"]["fields"][0]["code"]) == (400, code)


def test_http_without_the_package(monkeypatch):
    monkeypatch.setattr(report_export, "import_module", missing)
    reply = get(filled(), "/v1/reports/293/call?format=xlsx")
    assert (reply.status_code, reply.json["error"]["code"]) == (501, "EXPORT_UNAVAILABLE")


def missing(name):
    raise ModuleNotFoundError(name)


def test_http_break_report_is_another_route():
    assert get(services(), "/v1/reports/breaks").status_code == 200
    reply = create_app(services()).test_client().post("/v1/reports/293/call")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET")


@pytest.fixture
def installation(tmp_path, monkeypatch):
    monkeypatch.setenv("RULES_DATABASE", str(tmp_path / "rules.sqlite3"))
    monkeypatch.delenv("RULES_ACCOUNTS", raising=False)
    values = zip(
        ("reportType", "dtmf", "flowid", "accountID", "dnis", "starttime"),
        EXAMPLE.split(","),
        strict=False,
    )
    words = [f"{name}={value}" for name, value in values]
    assert main(["call", "pullreport", *words, "--now", NOW.isoformat()]) == 0
    return tmp_path


def test_cli_worked_example_is_in_its_file(installation):
    content = (installation / "reports/293/call/2026-11-18.csv").read_bytes().decode()
    assert content == f"{HEADER}\r\n{EXAMPLE}\r\n"


@pytest.mark.parametrize("group", ["reports", "report"])
def test_cli_export(installation, group, capsys):
    out = installation / "out.csv"
    arguments = ["--account", "293", "--type", "call", "--since", "2026-11-18"]
    assert main([group, "export", *arguments, "--format", "csv", str(out)]) == 0
    assert out.read_bytes().decode() == f"{HEADER}\r\n{EXAMPLE}\r\n"
    assert "1 rows written" in capsys.readouterr().err


def test_cli_list(installation, capsys):
    capsys.readouterr()
    assert main(["reports", "list"]) == 0
    size = (installation / "reports/293/call/2026-11-18.csv").stat().st_size
    assert capsys.readouterr().out == f"293\tcall\t\t1\t2026-11-18\t2026-11-18\t{size}\n"
    assert main(["reports", "list", "--account", "5"]) == 0
    assert capsys.readouterr().out == ""


def test_cli_wrong_use(installation, capsys):
    out = installation / "out.csv"
    arguments = ["--account", "293", "--type", "call", "--since", "x", "--format", "doc"]
    assert main(["reports", "export", *arguments, str(out)]) == 2
    words = capsys.readouterr().err
    assert re.search(r"--since: must be a day.*\n.*--format: must be one of", words)
    assert not out.exists()


def test_cli_lists_places_of_accounts(installation, monkeypatch, capsys):
    accounts = installation / "accounts.toml"
    accounts.write_text(
        '[account."293"]\nreport_locations = {table = {sink = "sql"}, again = {sink = "sql"}}\n'
    )
    monkeypatch.setenv("RULES_ACCOUNTS", str(accounts))
    words = ["reportType=t", "flowid=1", "accountID=293", "dnis=1", "starttime=x"]
    assert main(["call", "pullreport", *words, "location=table", "--now", NOW.isoformat()]) == 0
    capsys.readouterr()
    assert main(["reports", "list"]) == 0
    lines = [line.split("\t")[:4] for line in capsys.readouterr().out.splitlines()]
    assert lines == [["293", "call", "", "1"], ["293", "t", "table", "1"]]
    out = installation / "t.csv"
    arguments = ["--account", "293", "--type", "t", "--location", "table", str(out)]
    assert main(["reports", "export", *arguments]) == 0
    assert len(Path(out).read_text().splitlines()) == 2
