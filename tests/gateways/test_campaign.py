"""List files in every form: what is written, what is kept apart, what is refused."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from datetime import date

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rules.errors import BadColumns
from rules.gateways import list_sinks
from rules.gateways.list_errors import CannotResume, ListFault, ListRefused
from rules.telecom import enrich
from rules.telecom.enrich import Wanted
from tests.gateways.lists import (
    ANSWER,
    EXAMPLE,
    WANTED,
    cells_of,
    enriched,
    left_over,
    write_list,
)

TYPED = {
    "id": [1, 2, 3, 4],
    "phone": [9848012345, 7229212345, None, 1111111111],
    "day": [date(2026, 11, 18)] * 4,
    "tags": [["a"], [], None, ["b", "c"]],
}


@pytest.fixture
def example(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(EXAMPLE)
    return path


def test_the_worked_example(example, tmp_path):
    done = enriched(example, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == ANSWER
    assert (done.rows, done.rejected, done.whole) == (4, 0, True)
    assert left_over(tmp_path) == {"list.csv", "out.csv"}


@pytest.mark.parametrize("source", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("target", [".csv", ".csv.gz", ".parquet"])
def test_every_form_in_and_out(example, tmp_path, source, target):
    path, out = tmp_path / f"in{source}", tmp_path / f"out{target}"
    if source == ".csv.gz":
        path.write_bytes(gzip.compress(EXAMPLE))
    elif source == ".parquet":
        pl.read_csv(example, infer_schema=False).write_parquet(path)
    else:
        path.write_bytes(EXAMPLE)
    enriched(path, out, batch_rows=2)
    if target == ".parquet":
        found = pl.read_parquet(out).write_csv().encode()
        assert found.replace(b'""', b"") == ANSWER
    else:
        found = out.read_bytes()
        assert (gzip.decompress(found) if target == ".csv.gz" else found) == ANSWER


@pytest.mark.parametrize(("rows", "rows_in"), [(1, 12), (7, 110), (1000, 400)])
def test_what_is_passed_through_stays_as_it_stands(tmp_path, rows, rows_in):
    source = write_list(tmp_path / "in.csv", rows_in)
    enriched(source, tmp_path / "out.csv", batch_rows=rows)
    out = (tmp_path / "out.csv").read_bytes()
    enriched(source, tmp_path / "other.csv", batch_rows=50)
    assert out == (tmp_path / "other.csv").read_bytes()
    rejected = (tmp_path / "out.csv.rejects").read_bytes()
    assert rejected == (tmp_path / "other.csv.rejects").read_bytes()
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert [row[:3] for row in csv.reader(file)] == cells_of(source)
    number, _, text = rejected.partition(b"\t")
    assert text.startswith(source.read_bytes().split(b"\n")[int(number) - 1])
    assert rejected.count(b"one cell more") == (rows_in - 6) // 97 + 1


@pytest.mark.parametrize(
    ("text", "rows", "rejects", "why"),
    [
        (b"a,phone\n1,9848012345\n2\n3,9848012345,x\n", 1, b"3\t2\n4\t3,9848012345,x\n", "cells"),
        (b"a,phone\n\n1,9848012345\n\n", 1, b"2\t\n4\t\n", "blank lines have too few cells"),
        (b'a,phone\n"1\n2",9848012345\n3\n', 1, b"4\t3\n", "lines are counted in the file"),
        (b'a,phone\n5" x,1\n6,9848012345\n', 1, b'2\t5" x,1\n', "a stray quote"),
        (b"a,phone\n\xff,1\n6,9848012345\n", 1, b"2\t\xff,1\n", "no text"),
        (b'a,phone\n"\xff,\n",1\n6,9848012345', 1, b'2\t"\xff,\n",1\n', "no text in quotes"),
        (b"phone\n\n9848012345\n", 2, b"", "one column: a blank number is withheld"),
        (b"phone\n", 0, b"", "a header alone"),
        (b"phone", 0, b"", "a header without an end"),
    ],
)
def test_lines_that_cannot_be_told_apart(tmp_path, text, rows, rejects, why):
    (tmp_path / "in.csv").write_bytes(text)
    for batch in (1, 100):
        out = tmp_path / f"out{batch}.csv"
        done = enriched(tmp_path / "in.csv", out, batch_rows=batch)
        assert (done.rows, done.rejected) == (rows, rejects.count(b"\t"))
        found = out.with_name(f"{out.name}.rejects")
        assert (found.read_bytes() if found.exists() else b"") == rejects
        assert len(cells_of(out)) == rows + 1


@pytest.mark.parametrize(
    ("text", "options", "out"),
    [
        (b"a;phone\n1;9848012345\n", {}, b"a;phone;tel_class\n1;9848012345;MOBILE\n"),
        (b"a\tphone\n1\t9848012345\n", {}, b"a\tphone\ttel_class\n1\t9848012345\tMOBILE\n"),
        (b"a|phone\n1|9848012345\n", {}, b"a|phone|tel_class\n1|9848012345|MOBILE\n"),
        (b"a,phone\r\n1,9848012345\r\n", {}, b"a,phone,tel_class\r\n1,9848012345,MOBILE\r\n"),
        (b'"a,b";phone\n1;2\n', {}, b'"a,b";phone;tel_class\n1;2;INVALID\n'),
        (b"a,b;phone\n1,2;3\n", {"delimiter": ";"}, b"a,b;phone;tel_class\n1,2;3;INVALID\n"),
        (b"\xef\xbb\xbfphone\n112\n", {}, b"\xef\xbb\xbfphone,tel_class\n112,EMERGENCY\n"),
        ("a,phone\nअ,112\n".encode("utf-16"), {}, "a,phone,tel_class\nअ,112,EMERGENCY\n".encode()),
        (b"a,phone\n\x80,112\n", {"encoding": "cp1252"}, "a,phone,tel_class\n€,112,EMERGENCY\n"),
        (b'a,phone\n1,"112"\n', {}, b'a,phone,tel_class\n1,"112",EMERGENCY\n'),
        (b"a,phone\n 007 ,=1+1\n", {}, b"a,phone,tel_class\n 007 ,=1+1,INVALID\n"),
        (b"a,phone\n\x01\x02\x03,112\n", {}, b"a,phone,tel_class\n\x01\x02\x03,112,EMERGENCY\n"),
    ],
)
def test_spellings_of_csv(tmp_path, text, options, out):
    (tmp_path / "in.csv").write_bytes(text)
    wanted = replace(WANTED, columns=("class",))
    enriched(tmp_path / "in.csv", tmp_path / "out.csv", wanted, **options)
    assert (tmp_path / "out.csv").read_bytes() == (out if isinstance(out, bytes) else out.encode())


def test_several_numbers_and_a_list_for_each_row(tmp_path):
    (tmp_path / "in.csv").write_text(
        'home,cell,kind,menu\n0804123456,9848012345,,"Telgu;Hindi"\n'
        '7229212345,7229212345,LANDLINE,""\n'
    )
    wanted = Wanted(
        ("cell", "home"), source="kind", languages_column="menu", columns=("class", "language")
    )
    done = enriched(tmp_path / "in.csv", tmp_path / "out.csv", wanted)
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "home,cell,kind,menu,cell_class,cell_language,home_class,home_language",
        '0804123456,9848012345,,"Telgu;Hindi",MOBILE,Telgu,INVALID,Hindi',
        '7229212345,7229212345,LANDLINE,"",LANDLINE,MARATHI,LANDLINE,MARATHI',
    ]
    assert done.counts["cell"]["class"] == {"LANDLINE": 1, "MOBILE": 1}


def test_added_cells_are_quoted_where_needed(tmp_path):
    from rules.telecom import TelecomSettings

    (tmp_path / "in.csv").write_bytes(b"phone\n9848012345\n")
    labels = {"Idea": 'Idea, "old"'}
    wanted = replace(
        WANTED, columns=("operator",), settings=TelecomSettings(operator_labels=labels)
    )
    enriched(tmp_path / "in.csv", tmp_path / "out.csv", wanted)
    assert (tmp_path / "out.csv").read_bytes().endswith(b'\n9848012345,"Idea, ""old"""\n')
    enriched(tmp_path / "in.csv", tmp_path / "out.parquet", wanted)
    assert pl.read_parquet(tmp_path / "out.parquet")["tel_operator"].to_list() == ['Idea, "old"']


def typed(path, **more):
    table = pa.table(TYPED, metadata={"made": "by hand"})
    pq.write_table(table, path, **more)
    return table


def test_parquet_columns_keep_their_types(tmp_path):
    table = typed(tmp_path / "in.parquet", row_group_size=3)
    enriched(tmp_path / "in.parquet", tmp_path / "out.parquet", batch_rows=2)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.select(table.column_names).equals(table)
    assert found.schema.metadata[b"made"] == b"by hand"
    assert {found.schema.field(name).type for name in WANTED.names} == {pa.string()}
    assert set(pl.read_parquet_schema(tmp_path / "out.parquet").values()) >= {pl.String, pl.Date}
    assert found["tel_class"].to_pylist() == ["MOBILE", "MOBILE", "WITHHELD", "INVALID"]
    assert found.equals(enrich(table, number="phone", languages=list(WANTED.languages)))


def test_whole_floats_are_numbers(tmp_path):
    pq.write_table(pa.table({"phone": [9848012345.0, None]}), tmp_path / "in.parquet")
    enriched(tmp_path / "in.parquet", tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert ",+919848012345,IDEA," in lines[1]
    assert lines[2].startswith(",WITHHELD,")


@pytest.mark.parametrize("name", ["in.csv", "in.parquet"])
def test_segments_are_joined(tmp_path, monkeypatch, name):
    monkeypatch.setattr(list_sinks, "_SEGMENT_ROWS", 25)
    source = write_list(tmp_path / "in.csv", 90)
    if name == "in.parquet":
        header, *rows = cells_of(source)
        pl.DataFrame(rows, schema=header, orient="row").write_parquet(tmp_path / name)
    enriched(tmp_path / name, tmp_path / "out.parquet", batch_rows=12)
    enriched(source, tmp_path / "out.csv")
    assert pl.read_parquet(tmp_path / "out.parquet").equals(
        pl.read_csv(tmp_path / "out.csv", infer_schema=False).fill_null("")
    )
    assert pq.ParquetFile(tmp_path / "out.parquet").num_row_groups > 5
    assert not (tmp_path / "out.parquet.parts").exists()


def test_no_rows_at_all_in_parquet(tmp_path):
    (tmp_path / "in.csv").write_bytes(b"phone,a\n")
    enriched(tmp_path / "in.csv", tmp_path / "out.parquet")
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert (found.height, found.columns[:3]) == (0, ["phone", "a", "tel_class"])
    typed(tmp_path / "typed.parquet")
    pq.write_table(pq.read_table(tmp_path / "typed.parquet").slice(0, 0), tmp_path / "no.parquet")
    enriched(tmp_path / "no.parquet", tmp_path / "out2.parquet")
    assert pq.read_table(tmp_path / "out2.parquet").num_rows == 0


@pytest.mark.parametrize(
    ("name", "data", "out", "says"),
    [
        ("in.csv", b"", "out.csv", "must be a header"),
        ("in.csv", b"\n9848012345\n", "out.csv", "must be a header"),
        ("in.csv", b"ph\xffone\n1\n", "out.csv", "name its --encoding"),
        ("in.csv", EXAMPLE, "in.csv", "IN and OUT are one file"),
        ("in.csv", EXAMPLE, "there.csv", "--overwrite"),
        ("in.txt", EXAMPLE, "out.csv", "must end in"),
        ("in.csv", EXAMPLE, "out.txt", "must end in"),
        ("in.parquet", EXAMPLE, "out.csv", "is no Parquet file"),
        ("in.csv", b"a,a,phone\n1,2,3\n", "out.parquet", "Parquet cannot have"),
        ("in.csv", b'"phone\n' + b"x" * (5 << 20), "out.csv", "first line does not end"),
    ],
)
def test_what_is_refused_before_anything_is_begun(tmp_path, name, data, out, says):
    (tmp_path / name).write_bytes(data)
    (tmp_path / "there.csv").write_bytes(b"old")
    with pytest.raises(ListRefused, match=says):
        enriched(tmp_path / name, tmp_path / out)
    assert left_over(tmp_path) == {name, "there.csv"}


def test_nested_columns_are_no_text(tmp_path):
    typed(tmp_path / "in.parquet")
    with pytest.raises(ListRefused, match="column tags cannot be written"):
        enriched(tmp_path / "in.parquet", tmp_path / "out.csv")
    assert left_over(tmp_path) == {"in.parquet"}


def test_a_name_that_is_there_is_refused(tmp_path):
    (tmp_path / "in.csv").write_bytes(b"phone,tel_class\n1,2\n")
    with pytest.raises(BadColumns, match="already has a column tel_class"):
        enriched(tmp_path / "in.csv", tmp_path / "out.csv")
    (tmp_path / "in.csv").write_bytes(b"phone,phone\n1,2\n")
    with pytest.raises(BadColumns, match="more than one column phone"):
        enriched(tmp_path / "in.csv", tmp_path / "out.csv")
    assert left_over(tmp_path) == {"in.csv"}


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "in.csv").write_bytes(b"phone,a\n" + bytes(n for n in range(256) if n != 34))
    with pytest.raises(ListFault, match="is no text"):
        enriched(tmp_path / "in.csv", tmp_path / "out.csv")


def test_parquet_that_breaks_off(tmp_path):
    pl.DataFrame({"phone": [f"98480{n:05}" for n in range(20_000)]}).write_parquet(
        tmp_path / "in.parquet", row_group_size=5000, compression="uncompressed"
    )
    data = bytearray((tmp_path / "in.parquet").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 60_000] = b"\xff" * 60_000
    (tmp_path / "in.parquet").write_bytes(data)
    with pytest.raises((ListFault, OSError)):
        enriched(tmp_path / "in.parquet", tmp_path / "out.csv", batch_rows=1000)
    assert not (tmp_path / "out.csv").exists()


def stopping_after(chunks):
    """A function that stops a run after so many chunks."""
    left = iter(range(chunks - 1))
    return lambda: next(left, None) is None


@pytest.mark.parametrize("source", ["in.csv", "in.csv.gz", "in.parquet", "wide.csv"])
@pytest.mark.parametrize("out", ["out.csv", "out.csv.gz", "out.parquet"])
def test_a_stopped_run_goes_on(tmp_path, source, out):
    listed = write_list(tmp_path / "in.csv", 200)
    (tmp_path / "in.csv.gz").write_bytes(gzip.compress(listed.read_bytes()))
    (tmp_path / "wide.csv").write_bytes(listed.read_text("utf-8").encode("utf-16"))
    if source == "in.parquet":
        rows = {"phone": [f"9{n:09}" for n in range(200)], "n": list(range(200))}
        pl.DataFrame(rows).write_parquet(tmp_path / source, row_group_size=70)
    options = {"batch_rows": 30}
    whole = enriched(tmp_path / source, tmp_path / f"whole_{out}", **options)
    runs = 0
    done = None
    while done is None or not done.whole:
        done = enriched(tmp_path / source, tmp_path / out, is_stopped=stopping_after(2), **options)
        runs += 1
        assert (tmp_path / out).exists() == done.whole
    assert runs > 3
    assert (done.rows, done.rejected, done.counts) == (whole.rows, whole.rejected, whole.counts)
    if out == "out.parquet":
        found = [pl.read_parquet(tmp_path / name) for name in (out, f"whole_{out}")]
        assert found[0].equals(found[1])
    else:
        assert (tmp_path / out).read_bytes() == (tmp_path / f"whole_{out}").read_bytes()
    if done.rejected:
        rejects = [(tmp_path / f"{name}.rejects").read_bytes() for name in (out, f"whole_{out}")]
        assert rejects[0] == rejects[1]


@pytest.fixture
def stopped(tmp_path):
    """A run stopped after its first chunk; a function that goes on with it."""
    source = write_list(tmp_path / "in.csv", 60)

    def go(**options):
        return enriched(source, tmp_path / "out.csv", **{"batch_rows": 20, **options})

    assert not go(is_stopped=lambda: True).whole
    return go


def spoil_input(folder):
    with (folder / "in.csv").open("ab") as file:
        file.write(b"1,2,3\n")


def spoil_state(folder):
    (folder / "out.csv.progress.json").write_bytes(b"{")


def spoil_version(folder):
    path = folder / "out.csv.progress.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 0}))


def spoil_data(folder):
    path = folder / "out.csv.progress.json"
    document = json.loads(path.read_text())
    document["marks"]["the data"] = "older"
    path.write_text(json.dumps(document))


def spoil_output(folder):
    path = folder / "out.csv.partial"
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (spoil_input, "the input changed"),
        (spoil_state, "cannot be read"),
        (spoil_version, "another version"),
        (spoil_data, "the data changed"),
        (spoil_output, "shorter than it was"),
    ],
)
def test_what_cannot_go_on(tmp_path, stopped, spoil, says):
    spoil(tmp_path)
    with pytest.raises(CannotResume, match=says):
        stopped()
    assert stopped(restart=True).whole


def test_other_options_do_not_go_on(tmp_path, stopped):
    with pytest.raises(CannotResume, match="the options changed"):
        stopped(batch_rows=21)
    assert stopped().whole


def test_a_segment_that_is_gone(tmp_path):
    source = write_list(tmp_path / "in.csv", 100)
    options = {"batch_rows": 20, "is_stopped": lambda: True}
    enriched(source, tmp_path / "out.parquet", **options)
    (tmp_path / "out.parquet.parts" / "00000.parquet").unlink()
    with pytest.raises(CannotResume, match="not as it was"):
        enriched(source, tmp_path / "out.parquet", **options)
    assert enriched(source, tmp_path / "out.parquet", batch_rows=20, restart=True).whole


def test_what_was_written_after_the_last_save_is_cut_off(tmp_path, stopped):
    for name in ("out.csv.partial", "out.csv.rejects"):
        with (tmp_path / name).open("ab") as file:
            file.write(b"half a chu")
    assert stopped().whole
    enriched(tmp_path / "in.csv", tmp_path / "whole.csv", batch_rows=20)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_overwrite_leaves_the_old_file_until_the_new_is_whole(tmp_path, example):
    out = tmp_path / "out.csv"
    out.write_bytes(b"old")
    assert not enriched(example, out, overwrite=True, batch_rows=1, is_stopped=lambda: True).whole
    assert out.read_bytes() == b"old"
    with pytest.raises(ListRefused, match="--overwrite"):
        enriched(example, out, batch_rows=1)
    assert enriched(example, out, overwrite=True, batch_rows=1).whole
    assert out.read_bytes() == ANSWER


def test_what_is_seen_of_the_progress(tmp_path):
    source = write_list(tmp_path / "in.csv", 100)
    seen = []
    enriched(source, tmp_path / "out.csv", batch_rows=20, see=seen.append)
    assert [one.rows for one in seen] == sorted(one.rows for one in seen)
    assert seen[-1].done == seen[-1].total == source.stat().st_size
