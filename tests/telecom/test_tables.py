"""Tables with a word that is not known are refused with file and line."""

from __future__ import annotations

import shutil

import pytest

import rules.tables
from rules.errors import BadTable
from rules.telecom import names, tables
from tests.rows import each

DATA = rules.tables.table_path("circles").parent


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder of the test's own; what was read before is forgotten."""
    for path in DATA.glob("*.*"):
        if path.suffix in {".csv", ".json"}:
            shutil.copy(path, tmp_path)
    monkeypatch.setattr(rules.tables, "_PLACES", (tmp_path,))
    tables.plan.cache_clear()
    yield tmp_path
    tables.plan.cache_clear()


def replace_line(path, number, line):
    lines = path.read_text("utf-8").splitlines()
    lines[number - 1] = line
    path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("number_types.csv", "112000,117999,pager", r"number_types\.csv, line 2: no range"),
        ("number_types.csv", "x,117999,fixed", r"number_types\.csv, line 2: no range"),
        ("circles.csv", "6000,Reliance Jio,,sure,,lpn2019,2019", r"circles\.csv, line 2: a grade"),
        ("circles.csv", "6000,Reliance Jio", r"circles\.csv, line 2: 2 cells"),
        ("landlines.csv", "11,Delhi,Delhi,Delhi,sure", r"landlines\.csv, line 2: a grade"),
        ("number_classes.csv", "FAX,^1$,1,no", r"number_classes\.csv, line 2: 'FAX'"),
        ("number_classes.csv", "M2M,^1$,1,perhaps", r"number_classes\.csv, line 2: 'perhaps'"),
    ],
)
def test_a_bad_table_is_refused(data, name, line, message):
    replace_line(data / name, 2, line)
    with pytest.raises(BadTable, match=message):
        tables.plan()


def test_the_last_good_plan_stays(data):
    before = tables.plan()
    replace_line(data / "circles.csv", 2, "spoilt")
    assert tables.plan() is before


def test_every_circle_and_operator_of_the_tables_is_known():
    circles = {row.circle for row in tables.plan().series.values()} - {""}
    circles |= {row.circle for row in tables.plan().landlines.values()}
    assert circles == set(names.areas())
    operators = {row.operator for row in tables.plan().series.values()} - {""}
    assert operators <= set(names.operator_names())


def test_no_prefix_of_four_digits_hides_one_of_five():
    series = tables.plan().series
    assert [prefix for prefix in series if len(prefix) == 5 and prefix[:4] in series] == []


def test_every_language_of_a_circle_has_its_name():
    for circle, spoken in names.circle_languages().items():
        assert spoken.default in spoken.ranked, circle
        assert [names.language_name(name) for name in spoken.ranked] == list(spoken.ranked)


@each(
    ("text", "name"),
    [
        ("Bombay", "Mumbai"),
        ("up_west", "UP West"),
        ("UP (East)", "UP East"),
        ("J&K", "Jammu and Kashmir"),
        ("CH", "Tamil Nadu"),
        ("OR", "Odisha"),
        ("Chhattisgarh", "Madhya Pradesh"),
        ("", None),
        ("Atlantis", None),
    ],
)
def test_names_of_circles(text, name):
    assert names.circle_name(text) == name


@each(
    ("text", "name"),
    [
        ("telgu", "TELUGU"),
        ("TE", "TELUGU"),
        ("te-IN", "TELUGU"),
        ("pa-Guru-IN", "PUNJABI"),
        (" oriya ", "ODIA"),
        ("xx-IN", "XX IN"),
        ("Hindi-Extra", "HINDI EXTRA"),
        ("tulu", "TULU"),
    ],
)
def test_names_of_languages(text, name):
    assert names.language_name(text) == name


def test_present_operators():
    assert names.present_operator("Vodafone") == "Vi"
    assert names.present_operator("MTNL") == "MTNL"
    assert names.present_operator("Aircel") == ""
    assert names.present_operator("New Telco") == "New Telco"


@each(
    ("mcc", "mnc", "network"),
    [
        ("404", "07", ("Idea", "Andhra Pradesh")),
        ("404", "7", ("Idea", "Andhra Pradesh")),
        ("310", "410", None),
        ("", "", None),
    ],
)
def test_networks(mcc, mnc, network):
    assert names.find_network(mcc, mnc) == network
