"""Reading a table: another shape is refused with file and line."""

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
