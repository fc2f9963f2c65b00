"""Chunks of lists: whatever the text, cutting changes no row, and rows stay as they stand."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.gateways.list_csv import CsvList, Rows, quoted
from rules.gateways.list_text import Chunk, cut

TEXTS = st.text(alphabet='ab,;"\n\r 1\t|é', max_size=60).map(str.encode)
BYTES = st.lists(
    st.sampled_from([b"a", b",", b'"', b"\n", b"\r\n", b"\xff", b"\x01", b"1", "é".encode()])
).map(b"".join)


def pieces(data, size):
    """Data cut into chunks of about `size`, as `read_chunks` does."""
    while data:
        want = size
        end = 0
        while not end:
            end, damaged = cut(data[:want], final=want >= len(data))
            want *= 2
        yield data[:end], damaged
        data = data[end:]


@given(TEXTS | BYTES, st.integers(1, 20))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_chunks_are_the_text_and_each_has_all_its_quotes(data, size):
    found = list(pieces(data, size))
    assert b"".join(piece for piece, _ in found) == data
    for piece, damaged in found:
        assert damaged or piece.count(b'"') % 2 == 0


def rows_of(data, size, columns):
    source = CsvList(None, "utf-8", b"", tuple("abc"[:columns]), ",", 0, b"")
    good, bad = [], []
    line = 0
    for piece, damaged in pieces(data, size):
        rows = Rows(source, Chunk(piece, 0, damaged))
        good += rows.lines().to_series().to_list()
        bad += [(line + reject.line, reject.text) for reject in rows.rejects]
        assert rows.cells(source.columns).height == len(rows)
        line += rows.lines_read
    return good, sorted(bad)


@given(TEXTS | BYTES, st.integers(1, 20), st.integers(1, 3))
@example(b'a,"b\r\n,"\r\n1,2', 3, 2)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_rows_do_not_depend_on_where_the_text_is_cut(data, size, columns):
    good, bad = rows_of(data, size, columns)
    assert (good, bad) == rows_of(data, 10_000, columns)
    assert len(good) + len(bad) <= data.count(b"\n") + 1
    kept = sum(len(row.encode()) for row in good) + sum(len(text) for _, text in bad)
    breaks = len(good) + len(bad)
    assert kept >= len(data) - 2 * breaks - data.count(b"\r")


CELLS = st.text(alphabet='ab,;"\n 1é', max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12), st.integers(1, 30))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_what_a_spreadsheet_writes_is_read_back(table, size):
    data = "".join(",".join(map(quoted, row)) + "\n" for row in table).encode()
    source = CsvList(None, "utf-8", b"", ("a", "b", "c"), ",", 0, b"")
    found = []
    for piece, damaged in pieces(data, size):
        rows = Rows(source, Chunk(piece, 0, damaged))
        assert not rows.rejects
        found += rows.cells(("a", "b", "c")).rows()
    assert found == table
