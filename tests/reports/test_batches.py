"""Rows on their way out, from the database and from files."""

from rules.reports import COLUMNS, CellBatch, LineBatch, batches_of, csv_line

SEVEN = ["call", "1", "8657", "293", "9848012345", "", "2026-11-18T10:30:00.000+05:30"]


def test_values_of_the_database():
    batch = CellBatch(COLUMNS, [SEVEN, ["call", "=1", *SEVEN[2:]]])
    assert batch.count == 2
    assert batch.cells()[1][1] == "=1"
    assert batch.lines().split(b"\r\n")[1].startswith(b"call,'=1,")
    assert [one.dtmf for one in batch.read()] == ["1", "=1"]
    assert "9848012345" not in repr(batch)


def test_rows_of_different_columns_are_batches_of_their_own():
    extras = [(), (), (("city", "Pune"),), (("city", "Goa"),), (("plan", "x"), ("city", "y")), ()]
    found = batches_of((list(SEVEN), extra) for extra in extras)
    assert [(batch.header[7:], batch.count) for batch in found] == [
        ((), 2),
        (("city",), 2),
        (("plan", "city"), 1),
        ((), 1),
    ]
    assert [cells[7:] for cells in found[1].cells()] == [["Pune"], ["Goa"]]
    assert found[2].read()[0].extra == (("plan", "x"), ("city", "y"))
    assert batches_of([]) == []


def test_lines_stay_as_they_are_and_cells_lose_their_guard():
    raw = b"call,'=1,\"a\nb\"\r\ncall,'x,\r\n"
    batch = LineBatch(("a", "b", "c"), raw)
    assert batch.lines() is raw
    assert batch.cells() == [["call", "=1", "a\nb"], ["call", "'x", ""]]
    assert [one.written_at.year for one in LineBatch(COLUMNS, csv_line(SEVEN)).read()] == [2026]
    assert LineBatch(("a", "b"), b"1,2\r\n").cells() == [["1", "2"]]
    assert "call" not in repr(batch)
