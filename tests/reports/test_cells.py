"""P3: cells of a CSV report."""

import csv
import io

import pytest

from rules.reports import csv_cell, csv_line, csv_lines, plain_cell
from rules.reports.cells import is_plain, joined
from tests._cases import cases
from tests.rows import each


def written(cell):
    text = io.StringIO(newline="")
    csv.writer(text).writerow([cell, "x"])
    return text.getvalue().removesuffix(",x\r\n")


@each("row", cases("report_cells"))
def test_p3_cell(row):
    assert csv_cell(row["value"]) == row["cell"]
    assert written(row["cell"]) == row["written"]


@each(
    ("value", "cell", "why"),
    [
        ("\tx", "'\tx", "a tab in front is guarded"),
        ("\rx", "'\rx", "a carriage return in front"),
        ("\n=1", "'\n=1", "a line feed in front"),
        ("a\tb\r\nc", "a\tb\r\nc", "inside they stay"),
        ("a\x00b\x1fc\x7fd\x85e", "a b c d e", "control characters become blanks"),
        ("\x00=1", " =1", "a blank in front, so no formula"),
    ],
)
def test_p3_control_characters(value, cell, why):
    assert csv_cell(value) == cell, why


def test_p3_line_breaks_inside_are_quoted():
    assert written(csv_cell("a\nb")) == '"a\nb"'
    assert written(csv_cell("a\rb")) == '"a\rb"'


@each("value", ["=1", "@x", "+91 9", "-5", "x", "", "'", "'x", "＝1", "+5"])
def test_p3_a_guarded_cell_gives_its_value_back(value):
    assert plain_cell(csv_cell(value)) == value


@each(
    ("values", "line"),
    [
        (["a", "b", ""], "a,b,"),
        (["x-y", " =1", "12*"], "x-y, =1,12*"),
        (["a", "=b"], None),
        (["-5", "b"], None),
        (["a\nb", "c"], None),
        (["a,b", "c"], None),
        (['a"', "c"], None),
        (["a\x1e", "b"], None),
        (["a\x00b", "c"], None),
        (["a", "\tb"], None),
        ([""], None),
        ([], None),
    ],
)
def test_p3_quick_way(values, line):
    assert joined(values) == line
    assert line is None or csv_lines([values]).decode() == f"{line}\r\n"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (["call", "1"], b"call,1\r\n"),
        (["call", "=1", 'a"b'], b'call,\'=1,"a""b"\r\n'),
        (["पुणे", "a\nb"], '"पुणे","a\nb"\r\n'.replace('"पुणे"', "पुणे").encode()),
    ],
)
def test_p3_line(values, line):
    assert csv_line(values) == line


@each(
    ("values", "plain"),
    [
        (["a", "b,c", 'd"', ""], True),
        (["a", "=b"], False),
        (["=a"], False),
        (["a", "\tb"], False),
        (["a\x00"], False),
        (["a\x1eb"], False),
        (["\x1e", "a"], False),
        ([], True),
    ],
)
def test_p3_quick_look_at_many(values, plain):
    assert is_plain(values) is plain
    assert not plain or [csv_cell(value) for value in values] == values
