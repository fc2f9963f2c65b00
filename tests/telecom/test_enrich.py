"""Rows and frames of lists, in every form they come in."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pyarrow as pa
import pytest

from rules.errors import BadColumns
from rules.telecom import enrich, enrich_rows, find_language
from rules.telecom.answers import ADDED
from tests.rows import each

ROWS = [
    {"id": 1, "phone": "98480 12345", "kind": "MOBILE", "menu": "TELGU,HINDI"},
    {"id": 2, "phone": "07229212345", "kind": "", "menu": ""},
    {"id": 3, "phone": "7229212345", "kind": "landline", "menu": "Marathi"},
    {"id": 4, "phone": None, "kind": None, "menu": None},
]
WANTED = {"source": "kind", "languages_column": "menu", "languages": ["HINDI"]}


def test_rows_are_enriched_as_they_are_asked_for():
    seen = []
    rows = enrich_rows((seen.append(row) or row for row in ROWS), number="phone", **WANTED)
    first = next(rows)
    assert len(seen) == 1
    assert first["id"] == 1
    assert list(first) == [*ROWS[0], *(f"tel_{name}" for name in ADDED)]
    assert [row["tel_language"] for row in (first, *rows)] == ["TELGU", "HINDI", "Marathi", "HINDI"]
    assert next(enrich_rows([{"n": 9848012345.0}], number="n"))["tel_e164"] == "+919848012345"
    assert next(enrich_rows([{"n": float("nan")}], number="n"))["tel_class"] == "WITHHELD"


def test_frames_and_rows_agree():
    frame = enrich(pl.DataFrame(ROWS), number="phone", **WANTED)
    assert frame.rows(named=True) == list(enrich_rows(ROWS, number="phone", **WANTED))


def test_arrow_in_arrow_out():
    table = pa.Table.from_pylist(ROWS)
    found = enrich(table, number="phone", **WANTED)
    assert found.to_pylist() == list(enrich_rows(ROWS, number="phone", **WANTED))
    assert found.schema.field("id").type == pa.int64()
    assert found.schema.field("tel_class").type == pa.string()
    batch = enrich(pa.RecordBatch.from_pylist(ROWS), number="phone", **WANTED)
    assert isinstance(batch, pa.RecordBatch)
    assert batch.to_pylist() == found.to_pylist()
    empty = enrich(pa.RecordBatch.from_pylist([], table.schema), number="phone")
    assert (len(empty), empty.schema.names[-1]) == (0, "tel_reason")


def test_a_stream_of_batches_is_worked_on_one_at_a_time():
    seen = []

    def batches():
        for row in ROWS:
            seen.append(row)
            yield pa.RecordBatch.from_pylist([row], pa.Table.from_pylist(ROWS).schema)

    found = enrich(batches(), number="phone")
    assert len(next(found)) == 1
    assert len(seen) == 1
    assert len(list(found)) == 3


def test_several_numbers_some_columns():
    frame = pl.DataFrame({"home": ["080 4123 4567"], "cell": ["9848012345"]})
    found = enrich(frame, number=["home", "cell"], columns=["circle", "class"])
    assert found.row(0, named=True) == {
        "home": "080 4123 4567",
        "cell": "9848012345",
        "home_class": "LANDLINE",
        "home_circle": "KARNATAKA",
        "cell_class": "MOBILE",
        "cell_circle": "ANDHRA PRADESH",
    }
    found = enrich(frame, number=["home", "cell"], columns=["class"], prefix="x_")
    assert found.columns[2:] == ["x_home_class", "x_cell_class"]
    assert enrich(frame, number="cell", columns=["class"], prefix="").columns[-1] == "class"


@each(
    ("options", "says"),
    [
        ({"number": "fax"}, "no column fax"),
        ({"number": "phone", "source": "nothing"}, "no column nothing"),
        ({"number": "phone", "columns": ["colour"]}, "no column to add: colour"),
        ({"number": "phone", "prefix": ""}, "already has a column class"),
    ],
)
def test_columns_that_do_not_fit(options, says):
    frame = pl.DataFrame({"phone": ["9848012345"], "class": ["7b"]})
    with pytest.raises(BadColumns, match=says) as caught:
        enrich(frame, **options)
    assert caught.value.code == "BAD_COLUMNS"


def test_only_frames_and_streams():
    for wrong in (7, "9848012345", {"phone": "9848012345"}):
        with pytest.raises(TypeError, match="cannot enrich"):
            enrich(wrong, number="phone")


def test_one_number_is_no_reason_to_load_polars():
    program = """
import sys
from rules.telecom import enrich_rows, find_language
find_language("9848012345")
list(enrich_rows([{"n": "9848012345"}], number="n"))
assert not {"polars", "pyarrow"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert find_language("9848012345").name == "TELUGU"
