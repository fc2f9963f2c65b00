"""What happens to reports later: a customer erased, old days deleted, closed days uploaded."""

from __future__ import annotations

import logging
import os
import stat
import sys
from datetime import datetime, timedelta

import pytest

from rules.errors import StoreUnavailable
from rules.gateways import report_keeping
from rules.gateways.report_sinks import ReportSinks
from rules.reports import REPORTS, Place
from rules.services.reports import Query
from rules.settings import Accounts
from rules.storage.memory.reports import MemoryReports
from rules.telecom.contact import phone_digits
from tests.reports.rows import EXAMPLE, HEADER, NOW, row

DAY = timedelta(days=1)
CALLS = Query("293", "call")


@pytest.fixture
def sinks(tmp_path):
    return ReportSinks(tmp_path / "reports", MemoryReports())


def is_meant(dnis):
    return phone_digits(dnis) == "919848012345"


def fill(sinks, place=None):
    sink = sinks.at(place or Place(sink="both"))
    sink.append(row())
    sink.append(row(dnis="+91 98480 12345", dtmf='"'))
    sink.append(row(dnis="7000000000"))
    sink.append(row(account_id="294"))
    return sink


def numbers(sinks, query=CALLS, sink="csv", **place):
    return [one.dnis for one in sinks.at(Place(sink=sink, **place)).rows(query)]


def test_erase_in_table_and_files_of_one_account(sinks, tmp_path):
    fill(sinks)
    assert sinks.erase("293", [Place(sink="both")], is_meant, "gone") == 4
    for sink in ("csv", "sql"):
        assert numbers(sinks, sink=sink) == ["gone", "gone", "7000000000"]
        assert numbers(sinks, Query("294", "call"), sink=sink) == ["9848012345"]
    path = tmp_path / "reports/293/call/2026-11-18.csv"
    lines = path.read_bytes().split(b"\r\n")
    assert lines[0] == HEADER.encode()
    assert lines[2].startswith(b'call,"""",8657,293,gone,')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert sinks.erase("293", [Place(sink="both")], is_meant, "gone") == 0


def test_erase_leaves_a_file_without_such_a_row_as_it_is(sinks, tmp_path):
    sinks.at(Place()).append(row(dnis="7"))
    path = tmp_path / "reports/293/call/2026-11-18.csv"
    before = path.stat().st_ino
    assert sinks.erase("293", [Place()], is_meant, "gone") == 0
    assert path.stat().st_ino == before


def test_erase_in_one_file_for_all_accounts(sinks):
    place = Place(path="all.csv")
    fill(sinks, place)
    assert sinks.erase("293", [place, place], is_meant, "gone") == 2
    assert numbers(sinks, path="all.csv") == ["gone", "gone", "7000000000"]
    assert numbers(sinks, Query("294", "call"), path="all.csv") == ["9848012345"]


def test_erase_keeps_torn_lines_and_rows_that_come_later(sinks, tmp_path):
    sink = fill(sinks)
    path = tmp_path / "reports/293/call/2026-11-18.csv"
    path.write_bytes(path.read_bytes() + b"call,1,8")
    sinks.erase("293", [Place()], is_meant, "gone")
    assert path.read_bytes().endswith(b"call,1,8")
    sink.append(row(dnis="1"))
    assert numbers(sinks) == ["gone", "gone", "7000000000", "1"]


def test_erase_that_fails_says_so_and_leaves_the_file(sinks, tmp_path, monkeypatch):
    fill(sinks)
    path = tmp_path / "reports/293/call/2026-11-18.csv"
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(StoreUnavailable, match="cannot be rewritten"):
        sinks.erase("293", [Place()], is_meant, "gone")
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def full_disk(_):
    raise OSError(28, "No space left on device")


def keeping(sinks, **settings):
    accounts = Accounts({"default": {}, "account": {"293": settings}})
    return sinks.housekeeping(lambda: accounts)


def test_keep_days_deletes_whole_files_past_them(sinks, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    sink = sinks.at(Place())
    for days in (0, 1, 2, 3):
        sink.append(row(written_at=NOW - days * DAY))
        sink.append(row(written_at=NOW - days * DAY, account_id="294"))
    task = keeping(sinks, report_keep_days=2)["reports"]
    assert task(NOW) == 1
    names = sorted(p.name for p in (tmp_path / "reports/293/call").iterdir())
    assert names == ["2026-11-16.csv", "2026-11-17.csv", "2026-11-18.csv"]
    assert len(list((tmp_path / "reports/294/call").iterdir())) == 4, "kept for ever"
    assert task(NOW) == 0
    assert "report file deleted" in caplog.text


def test_keep_days_deletes_rows_past_them_in_portions(sinks, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(report_keeping, "_BATCH", 2)
    sink = sinks.at(Place(sink="sql"))
    for days in (0, 2, 3, 3, 3):
        sink.append(row(written_at=NOW - days * DAY))
        sink.append(row(written_at=NOW - days * DAY, account_id="294"))
    midnight = datetime.fromisoformat("2026-11-16T00:00:00+05:30")
    sink.append(row(written_at=midnight, dnis="first moment kept"))
    task = keeping(sinks, report_keep_days=2)["reports"]
    assert [task(NOW), task(NOW), task(NOW)] == [2, 1, 0]
    assert numbers(sinks, sink="sql") == ["first moment kept", "9848012345", "9848012345"]
    assert len(numbers(sinks, Query("294", "call"), sink="sql")) == 5
    assert "report rows deleted" in caplog.text


def test_keep_days_of_months_and_of_files_without_a_day(sinks):
    for template in ("{accountID}/{month}.csv", "{accountID}.csv"):
        sinks.at(Place(path=template)).append(row(written_at=NOW - 60 * DAY))
    for template, deleted in (("{accountID}/{month}.csv", 1), ("{accountID}.csv", 0)):
        task = keeping(sinks, report_keep_days=30, report_path=template)["reports"]
        assert task(NOW) == deleted


def test_keep_days_in_places_of_their_own(sinks, tmp_path):
    where = {"archive": {"root": str(tmp_path / "archive")}}
    settings = {"report_keep_days": 1, "report_locations": where}
    accounts = Accounts({"account": {"293": settings}})
    place = accounts.settings(REPORTS, "293").locations["archive"]
    sinks.at(place).append(row(written_at=NOW - 5 * DAY))
    assert sinks.housekeeping(lambda: accounts)["reports"](NOW) == 1


COPY = """
import pathlib, sys
path = pathlib.Path(sys.argv[1])
with open({log!r}, "a") as log:
    log.write(path.name + "\\n")
sys.exit(int(pathlib.Path({exit!r}).read_text()))
"""


@pytest.fixture
def uploader(tmp_path):
    """A command that notes the files it is given and ends with the code in a file."""
    log, code = tmp_path / "uploaded.log", tmp_path / "exit"
    code.write_text("0")
    script = tmp_path / "upload.py"
    script.write_text(COPY.format(log=str(log), exit=str(code)))
    return [sys.executable, str(script)], log, code


def test_upload_of_each_closed_day_once(sinks, tmp_path, uploader, caplog):
    caplog.set_level(logging.INFO)
    command, log, _ = uploader
    sink = sinks.at(Place())
    for days in (0, 1, 2):
        sink.append(row(written_at=NOW - days * DAY))
        sink.append(row(written_at=NOW - days * DAY, account_id="294"))
    tasks = keeping(sinks, report_upload=command, report_keep_days=1)
    for _ in range(2):
        assert tasks["report uploads"](NOW) == 0
    assert sorted(log.read_text().split()) == ["2026-11-16.csv", "2026-11-17.csv"]
    folder = tmp_path / "reports/293/call"
    assert (folder / "2026-11-17.csv.uploaded").read_bytes() == b"uploaded\n"
    assert "report uploaded" in caplog.text
    assert tasks["reports"](NOW) == 1
    assert not (folder / "2026-11-16.csv.uploaded").exists()
    assert numbers(sinks) == ["9848012345"] * 2


def test_upload_is_tried_again_until_it_succeeds(sinks, uploader, caplog):
    command, log, code = uploader
    sinks.at(Place()).append(row(written_at=NOW - DAY))
    task = keeping(sinks, report_upload=command)["report uploads"]
    code.write_text("3")
    task(NOW)
    assert "report not uploaded" in caplog.text
    code.write_text("0")
    task(NOW)
    task(NOW)
    assert log.read_text().split() == ["2026-11-17.csv"] * 2


def test_upload_command_that_cannot_run(sinks, caplog):
    sinks.at(Place()).append(row(written_at=NOW - DAY))
    keeping(sinks, report_upload=["/no/such/command"])["report uploads"](NOW)
    assert "FileNotFoundError" in str([vars(record) for record in caplog.records])


def test_upload_command_that_hangs(sinks, monkeypatch, caplog):
    monkeypatch.setattr(report_keeping, "UPLOAD_SECONDS", 0.2)
    sinks.at(Place()).append(row(written_at=NOW - DAY))
    command = [sys.executable, "-c", "import time; time.sleep(30)"]
    keeping(sinks, report_upload=command)["report uploads"](NOW)
    assert "TimeoutExpired" in str([vars(record) for record in caplog.records])


def test_upload_and_rows_do_not_meet(sinks, tmp_path):
    """The marks beside the files are no reports."""
    sinks.at(Place()).append(row(written_at=NOW - DAY))
    keeping(sinks, report_upload=["/bin/true"])["report uploads"](NOW)
    assert numbers(sinks) == ["9848012345"]
    content = (tmp_path / "reports/293/call/2026-11-17.csv").read_bytes().decode()
    assert content == f"{HEADER}\r\n{EXAMPLE.replace('-18T10:30', '-17T10:30')}\r\n"


def test_without_a_folder_there_are_no_files():
    sinks = ReportSinks(None, MemoryReports())
    fill(sinks)
    tasks = keeping(sinks, report_keep_days=1, report_upload=["/bin/true"])
    assert (tasks["reports"](NOW + 5 * DAY), tasks["report uploads"](NOW)) == (3, 0)
    assert sinks.erase("294", [Place()], is_meant, "gone") == 1
