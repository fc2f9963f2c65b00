"""Rows on their way out, from the database and from files."""

from datetime import datetime

from rules.reports import COLUMNS, LineBatch, ReportRow, RowBatch

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
SEVEN = ["call", "1", "8657", "293", "9848012345", "", "2026-11-18T10:30:00.000+05:30"]


def row(dtmf="1", **extra):
    return ReportRow("call", dtmf, "8657", "293", "9848012345", "", NOW, tuple(extra.items()))


def test_rows_of_equal_columns():
    batch = RowBatch([row(), row("=1")])
    assert batch.header == COLUMNS
    assert batch.cells() == [SEVEN, ["call", "=1", *SEVEN[2:]]]
    assert batch.lines().split(b"\r\n")[1].startswith(b"call,'=1,")


def test_rows_of_different_columns():
    batch = RowBatch([row(city="Pune"), row(), row(plan="gold", city="Goa")])
    assert batch.header == (*COLUMNS, "city", "plan")
    assert [cells[7:] for cells in batch.cells()] == [["Pune", ""], ["", ""], ["Goa", "gold"]]


def test_no_rows():
    assert (RowBatch([]).header, RowBatch([]).lines()) == (COLUMNS, b"")


def test_lines_stay_as_they_are_and_cells_lose_their_guard():
    raw = b"call,'=1,\"a\nb\"\r\ncall,'x,\r\n"
    batch = LineBatch(("a", "b", "c"), raw)
    assert batch.lines() is raw
    assert batch.cells() == [["call", "=1", "a\nb"], ["call", "'x", ""]]
    assert LineBatch(("a", "b"), b"1,2\r\n").cells() == [["1", "2"]]
    assert "call" not in repr(batch)
