"""Reading a table: another shape is refused with file and line."""

from datetime import date

import pytest

from rules import tables
from rules.errors import BadTable


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_PLACES", (tmp_path,))
    return tmp_path


def test_rows(folder):
    (folder / "t.csv").write_text("a,b\n1,2\n", "utf-8")
    assert tables.read_table("t", ("a", "b")) == [("1", "2")]
    assert tables.read_table("t", ("a",), exact=False) == [("1", "2")]


@pytest.mark.parametrize(
    ("text", "says"),
    [("a,c\n", "header"), ("", "header"), ("a,b,c\n", "header"), ("a,b\n1\n", "line 2: 1 cells")],
)
def test_refused(folder, text, says):
    (folder / "t.csv").write_text(text, "utf-8")
    with pytest.raises(BadTable, match=says):
        tables.read_table("t", ("a", "b"))


def test_the_manifest(folder):
    with pytest.raises(BadTable, match=r"manifest\.json not found"):
        tables.manifest()
    (folder / "manifest.json").write_text('{"t.csv": {"newest": "2026"}}', "utf-8")
    assert tables.manifest() == {"t.csv": {"newest": "2026"}}
    (folder / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(BadTable, match=r"manifest\.json"):
        tables.manifest()


def test_health_says_how_old_each_table_is(folder):
    (folder / "manifest.json").write_text(
        '{"a.csv": {"newest": "2021-06", "review_by": "2027-05-20"},'
        ' "b.csv": {"newest": "", "review_by": "", "known_through": 2030}}',
        "utf-8",
    )
    assert tables.tables_health(date(2027, 5, 20)) == {
        "ok": True,
        "tables": {
            "a": {"state": "2021-06", "review_by": "2027-05-20"},
            "b": {"state": "", "review_by": "", "known_through": 2030},
        },
    }
    assert tables.tables_health(date(2027, 5, 21))["ok"] is False


def test_the_shipped_tables_are_in_the_manifest():
    names = set(tables.tables_health(date(2026, 11, 24))["tables"])
    assert {"circles", "landlines", "number_types", "operators"} <= names
