"""`flow-rules validate`, `holidays`, `holidays-diff` and `import-calendar`, on real files."""

from __future__ import annotations

import csv
import io
import os
import re
import sys

import pytest

from rules.cli import dates, main
from rules.dates import drafting
from rules.dates.own import read_own_dates
from rules.dates.values import Holiday

NOW = ("--now", "2026-11-18T10:30")
HEADER = "date,status,hours,name,name_hi\n"
ACCOUNTS = """
[account."163"]
own_dates = "own163.csv"
weekly_off = "Sunday"
[account."164"]
weekly_off = "Friday"
[flow."58"]
callback_hours = "10:00-19:00"
"""
ICS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
SUMMARY:Year-end break
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20261201T090000Z
SUMMARY:A meeting
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(autouse=True)
def _folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RULES_ACCOUNTS", str(tmp_path / "accounts.toml"))
    (tmp_path / "accounts.toml").write_text(ACCOUNTS)
    (tmp_path / "own163.csv").write_text(HEADER + "2026-11-20,closed,,Move,\n")
    (tmp_path / "leave.ics").write_text(ICS)


@pytest.fixture
def run(capsys):
    """Run a command; gives back exit code, output, errors."""

    def run(*arguments):
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def judged(tmp_path, run, text, **more):
    """The rows of OUT.csv for a text of IN.csv."""
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "in.csv").write_bytes(data)
    code, out, err = run("validate", "in.csv", "out.csv", *NOW)
    assert code == more.get("code", 0), err
    assert not (tmp_path / "out.csv.part").exists()
    if code:
        return out, err
    text = (tmp_path / "out.csv").read_bytes().decode("utf-8", "surrogateescape")
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_are_judged_in_order(tmp_path, run):
    rows = judged(
        tmp_path,
        run,
        "\ufeffid,InputDate,TYPE,note\n"
        '1,kal shaam 5 baje,Callback,"a, b"\n'
        "\n"
        "2,31 April,Callback,\n"
        "3,,visit,\n"
        "4,kal,Callback,x,y,z\n"
        "5,kal\n",
    )
    assert [(row["id"], row["note"], row["dateReason"]) for row in rows] == [
        ("1", "a, b", "OK"),
        ("2", "", "NOT_A_CALENDAR_DATE"),
        ("3", "", "MISSING_PARAMETER,INVALID_TYPE"),
        ("4", "x,y,z", "TOO_MANY_CELLS"),
        ("5", "", "MISSING_PARAMETER"),
    ]
    assert rows[0]["outputDate"] == "2026-11-19T17:00:00+05:30"
    assert rows[3]["dateIsValid"] == "false"


def test_columns_with_one_name_are_both_kept_and_old_replies_are_not(tmp_path, run):
    judged(tmp_path, run, "inputDate,,type,\nkal,a,Callback,b\n")
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0].startswith("inputDate,,type,,outputDate,smsDate,")
    assert lines[1].startswith("kal,a,Callback,b,2026-11-19T08:00:00+05:30,")
    (tmp_path / "out.csv").rename(tmp_path / "in.csv")
    again = judged(tmp_path, run, (tmp_path / "in.csv").read_text())
    assert (tmp_path / "out.csv").read_text().splitlines() == lines
    assert len(again) == 1


def test_a_summary_is_printed(tmp_path, run):
    (tmp_path / "in.csv").write_text("inputDate,type\nkal,Callback\nkal,Callback\nhello,Callback\n")
    code, out, err = run("validate", "in.csv", "out.csv", *NOW)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "date\tOK\t2",
        "date\tUNPARSEABLE\t1",
        "time\tNOT_GIVEN\t2",
        "time\tNO_DATE\t1",
    ]


def test_every_row_has_its_own_account(tmp_path, run):
    text = "inputDate,type,accountID,flowId\n" + "".join(
        f"{day},Callback,{account},{flow}\n"
        for day in ("2026-11-20", "2026-11-22")
        for account, flow in (("163", ""), ("163", "58"), ("164", ""), ("", ""))
    )
    rows = judged(tmp_path, run, text)
    assert [row["dateReason"] for row in rows] == [
        "CLOSED",  # own date of 163
        "CLOSED",
        "WEEKLY_OFF",  # a Friday, of 164
        "OK",
        "WEEKLY_OFF",  # a Sunday, of 163
        "WEEKLY_OFF",
        "OK",
        "OK",
    ]
    assert rows[1]["outputTime"] == "10:00 AM to 07:00 PM"


def test_bytes_that_are_no_text_come_back_as_they_were(tmp_path, run):
    judged(tmp_path, run, b"note,inputDate,type\n\xff\xfe,kal,Callback\n")
    assert b"\n\xff\xfe,kal,Callback," in (tmp_path / "out.csv").read_bytes()


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", 2, "has no column inputDate and none type"),
        ("inputDate\nkal\n", 2, "has no column type"),
        ("inputDate,type\n" + "x" * (1 << 24) + "y,Callback\n", 1, "is no CSV file"),
    ],
)
def test_files_that_cannot_be_judged(tmp_path, run, text, code, says):
    out, err = judged(tmp_path, run, text, code=code)
    assert says in err
    assert out == ""
    assert not (tmp_path / "out.csv").exists()


def test_files_that_cannot_be_opened(tmp_path, run):
    code, _, err = run("validate", "nowhere.csv", "out.csv")
    assert (code, "nowhere.csv: No such file" in err) == (1, True)
    (tmp_path / "in.csv").write_text("inputDate,type\n")
    code, _, err = run("validate", "in.csv", "no/folder/out.csv")
    assert (code, "out.csv.part: No such file" in err) == (1, True)
    code, _, err = run("validate", "in.csv", "./in.csv")
    assert (code, "another file" in err) == (2, True)
    code, _, err = run("validate", "in.csv", "out.csv", "--accounts", "nowhere.toml")
    assert (code, "cannot be read" in err) == (2, True)


@pytest.mark.parametrize(
    ("header", "cells", "reason"),
    [
        ("$user.syskey.accountID,accountID", "163,999", "CLOSED"),
        ("accountID,$user.syskey.accountID", "163,", "CLOSED"),
        ("accountID,$user.syskey.accountID", "163,null", "CLOSED"),
        ("accountID,$user.syskey.accountID", "999,163", "CLOSED"),
        ("$user.key.accountID,$call.flowId", "163,58", "OK"),
    ],
)
def test_the_column_that_names_the_account(tmp_path, run, header, cells, reason):
    rows = judged(tmp_path, run, f"inputDate,type,{header}\n2026-11-20,Callback,{cells}\n")
    assert rows[0]["dateReason"] == reason


def test_a_link_is_written_through(tmp_path, run):
    (tmp_path / "in.csv").write_text("inputDate,type\n2026-11-20,Callback\n", "utf-8")
    (tmp_path / "out.csv").symlink_to(tmp_path / "real.csv")
    assert run("validate", "in.csv", "out.csv")[0] == 0
    assert (tmp_path / "out.csv").is_symlink()
    assert "dateReason" in (tmp_path / "real.csv").read_text("utf-8")


def test_a_pipe_is_written_to_and_stays(tmp_path, run):
    (tmp_path / "in.csv").write_text("inputDate,type\n2026-11-20,Callback\n", "utf-8")
    pipe = tmp_path / "out.csv"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert run("validate", "in.csv", "out.csv")[0] == 0
    assert b"dateReason" in os.read(reader, 10_000)
    os.close(reader)
    assert pipe.is_fifo()


def test_without_accounts_the_defaults_hold(tmp_path, run, monkeypatch):
    monkeypatch.delenv("RULES_ACCOUNTS")
    rows = judged(tmp_path, run, "inputDate,type,accountID\n2026-11-20,Callback,163\n")
    assert rows[0]["dateReason"] == "OK"


def test_a_calendar_to_read(run):
    code, out, err = run("holidays", "in", "2026", *NOW)
    assert (code, err) == (0, "")
    lines = [line.split("\t") for line in out.splitlines()]
    assert len(lines) == 18
    assert lines[-2] == [
        "2026-11-24",
        "Tuesday",
        "Guru Nanak's Birthday",
        "गुरु नानक जयंती",
        "gazetted",
        "in 6 days",
    ]
    assert lines[0][-1] == "9 months ago"


@pytest.mark.parametrize(
    ("arguments", "count", "some"),
    [
        (("IN-MH", "2026"), 22, "2026-03-03\tTuesday\tHoli"),
        (("bank-saturdays", "2026"), 24, "2026-11-28\tSaturday\tBanks shut"),
        (("bank-saturdays", "2014"), 0, ""),
        (("bank-saturdays", "2100"), 24, "2100-12-25"),
        (("GB", "2026"), 7, "2026-12-28\tMonday\tBoxing Day (observed)"),
        (("none", "2026"), 0, ""),
        (("IN",), 18, "2026-11-24"),
        ((), 37, "IN-MH\tMaharashtra\t2015 to 2035"),
    ],
)
def test_sets_and_years(run, arguments, count, some):
    code, out, err = run("holidays", *arguments, *NOW)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == count
    assert some in out


def test_today_in_words(run):
    _, out, _ = run("holidays", "IN", "2026", "--now", "2026-11-24T23:00")
    assert "गुरु नानक जयंती\tgazetted\ttoday\n" in out


def test_years_the_tables_do_not_cover(run):
    code, out, err = run("holidays", "IN", "2036", *NOW)
    assert (code, out) == (0, "")
    assert "IN is complete from 2015 to 2035 only" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("IN-ZZ", "2026"), "did you mean 'IN-MZ'"),
        (("IN", "1899"), "between 1900 and 2100"),
        (("IN", "soon"), "invalid int value"),
    ],
)
def test_wrong_sets_and_years(run, arguments, says):
    code, _, err = run("holidays", *arguments)
    assert code == 2
    assert says in err


def test_no_difference_against_the_package_we_built_with(run):
    code, out, err = run("holidays-diff", "in", "IN-AP")
    assert (code, out) == (0, "")
    assert re.search(r"^0 differences against holidays \d", err)


def test_differences_are_printed(run, monkeypatch):
    first, *rest = drafting.draft("IN-AP")
    changed = [Holiday(first.date, "Another name"), *rest[1:]]
    changed.append(Holiday(first.date.replace(month=2, day=2), "New day"))
    monkeypatch.setattr(drafting, "draft", lambda _: changed)
    code, out, err = run("holidays-diff", "IN-AP")
    assert code == 3
    assert [line.split("\t")[1] for line in out.splitlines()] == ["~", "-", "+"]
    assert err.startswith("3 differences")


def test_unknown_sets_have_no_difference(run):
    code, _, err = run("holidays-diff", "GB")
    assert (code, "no Indian holiday set 'GB'" in err) == (2, True)


def test_a_calendar_file_becomes_own_dates(tmp_path, run):
    code, out, err = run("import-calendar", "leave.ics", "--account", "163", "--yes")
    assert code == 0
    assert out == "+\t2026-12-24..2026-12-26\tclosed\tYear-end break\n"
    assert "1 events with clock times pass by" in err
    text = (tmp_path / "own163.csv").read_text()
    assert text == (
        HEADER + "2026-11-20,closed,,Move,\n" + "2026-12-24..2026-12-26,closed,,Year-end break,\n"
    )
    assert len(read_own_dates(text).closed) == 4
    code, out, err = run("import-calendar", "leave.ics", "--account", "163", "--yes")
    assert (code, out) == (0, "")
    assert "nothing to change" in err


def test_a_table_of_dates_becomes_opened_days(tmp_path, run):
    (tmp_path / "fair.csv").write_text("date,name\n29/11/2026,Fair\n2026-11-20,Moved\n")
    (tmp_path / "own163.csv").unlink()
    arguments = ("import-calendar", "fair.csv", "--account", "163", "--as", "open", "--yes")
    code, out, _ = run(*arguments)
    assert (code, out) == (0, "+\t2026-11-29\topen\tFair\n+\t2026-11-20\topen\tMoved\n")
    assert "2026-11-29,open,,Fair,\n" in (tmp_path / "own163.csv").read_text()


@pytest.mark.parametrize(("said", "code"), [("y", 0), ("YES", 0), ("n", 1), ("", 1)])
def test_it_asks_before_it_writes(tmp_path, run, monkeypatch, said, code):
    terminal = os.openpty()
    with os.fdopen(terminal[1]) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(terminal[0], f"{said}\n".encode())
        found, _, err = run("import-calendar", "leave.ics", "--account", "163")
    os.close(terminal[0])
    assert found == code
    assert ("Year-end" in (tmp_path / "own163.csv").read_text()) is (code == 0)
    assert ("nothing was written" in err) is (code == 1)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("leave.ics", "--account", "163"), 2, "say --yes"),
        (("leave.ics", "--account", "164"), 2, 'add own_dates = "164.csv" to [account."164"]'),
        (("leave.ics", "--account", "1", "--accounts", "none.toml"), 2, "cannot be read"),
        (("leave.ics", "--account", "1", "--accounts", "leave.ics"), 2, "is no TOML"),
        (("leave.ics", "--account", "1", "--accounts", ""), 2, "account 1 names no file"),
        (("none.ics", "--account", "163"), 1, "none.ics cannot be read"),
        (("accounts.toml", "--account", "163"), 1, "no calendar file"),
        (("latin.csv", "--account", "163"), 1, "is not UTF-8"),
        (("bad.csv", "--account", "163"), 1, "line 2: write a date"),
    ],
)
def test_imports_that_cannot_be(tmp_path, run, monkeypatch, arguments, code, says):
    (tmp_path / "latin.csv").write_bytes(b"date,name\n2026-11-29,\xff\n")
    (tmp_path / "bad.csv").write_text("date,name\nsoon,Fair\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    found, _, err = run("import-calendar", *arguments)
    assert (found, says in err) == (code, True), err
    assert (tmp_path / "own163.csv").read_text() == HEADER + "2026-11-20,closed,,Move,\n"


def test_no_accounts_file_at_all(run, monkeypatch):
    monkeypatch.delenv("RULES_ACCOUNTS")
    code, _, err = run("import-calendar", "leave.ics", "--account", "163")
    assert (code, "name the accounts file" in err) == (2, True)


def test_a_bad_file_of_own_dates_is_not_written_over(tmp_path, run):
    (tmp_path / "own163.csv").write_text("date,what\n")
    code, _, err = run("import-calendar", "leave.ics", "--account", "163", "--yes")
    assert (code, "the header must be" in err) == (1, True)
    assert (tmp_path / "own163.csv").read_text() == "date,what\n"


def test_progress_counts_lines(tmp_path):
    (tmp_path / "many.csv").write_text("a\n" * 1000)
    assert dates._count_lines(str(tmp_path / "many.csv")) == 1000
