"""Bad telecom sources stop the build with file and line; the good ones keep their promises."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import phonenumbers
import pytest
from building import telecom
from building.base import BuildError, Output, Table
from building.files import build_files, read_sources
from building.number_types import decided_by_six

from rules.tables import read_table

SOURCES = Path(__file__).parents[2] / "data" / "sources"
SERIES_HEADER = "prefix,operator,circle,confidence,sources,operator_confidence,circle_confidence"


@pytest.fixture
def sources(tmp_path):
    """A copy of the sources for a test to spoil, the two long lists cut: it is built each time."""
    folder = Path(shutil.copytree(SOURCES, tmp_path / "sources"))
    for name in ("mobile_series.csv", "landline_areas.csv"):
        lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join(lines[:200]), "utf-8")
    return folder


def build(folder):
    """All tables but the types of numbers, which have no source file."""
    return telecom.tables_from_sources(folder, read_sources(folder))


def add(folder, name, line):
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def spoil(folder, name, old, new):
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


GOOD = "lpn2019"
ADDED = [
    ("mobile_series.csv", f"123,Airtel,,low,{GOOD},low,", "no prefix of 4 or 5 digits"),
    ("mobile_series.csv", f"5999,Airtel,,low,{GOOD},low,", "no prefix of 4 or 5 digits"),
    ("mobile_series.csv", f"600000,Airtel,,low,{GOOD},low,", "no prefix of 4 or 5 digits"),
    ("mobile_series.csv", f"6000,Airtel,,low,{GOOD},low,", "prefix 6000 stands twice"),
    ("mobile_series.csv", f"60001,Airtel,,low,{GOOD},low,", "prefix 60001 lies under 6000"),
    ("mobile_series.csv", f"6999,Nobody,,low,{GOOD},low,", "operator 'Nobody' is not in its"),
    ("mobile_series.csv", f"6999,Airtel,Goa,low,{GOOD},low,low", "circle 'Goa' is not in its"),
    ("mobile_series.csv", f"6999,Airtel,,low,{GOOD},sure,", "'sure' does not fit operator"),
    ("mobile_series.csv", f"6999,Airtel,,low,{GOOD},,", "'' does not fit operator 'Airtel'"),
    ("mobile_series.csv", f"6999,,,low,{GOOD},low,", "'low' does not fit operator ''"),
    ("mobile_series.csv", "6999,Airtel,,low,gossip,low,", "source 'gossip' is not in sources.csv"),
    ("mobile_series.csv", f"6999,Aircel,Bihar,low,{GOOD},low,medium", "Aircel is closed"),
    ("mobile_series.csv", "6999,Airtel", "2 cells, expected 7"),
    ("mobile_series.csv", '6999,"Airtel', "unexpected end of data"),
    ("landline_areas.csv", "9,X,Goa,Maharashtra,high,", "no area code"),
    ("landline_areas.csv", "9123,X,Goa,Maharashtra,high,", "no area code"),
    ("landline_areas.csv", "11,X,Delhi,Delhi,high,", "area code 11 stands twice"),
    ("landline_areas.csv", "1000,X,Goa,,,", "circle '' is not in its table"),
    ("landline_areas.csv", "1000,X,Goa,Goa,high,", "circle 'Goa' is not in its table"),
    ("landline_areas.csv", "1000,X,Goa,Maharashtra,,", "'' does not fit circle"),
    ("networks.csv", "404,x,Airtel,Delhi,Airtel,yes,", "is no network code"),
    ("networks.csv", "404,01,Airtel,Delhi,Airtel,yes,", "stands twice"),
    ("networks.csv", "404,999,,Delhi,Airtel,yes,", "operator '' is not in its table"),
    ("networks.csv", "404,999,Airtel,Goa,Airtel,yes,", "circle 'Goa' is not in its table"),
    ("networks.csv", "404,999,Airtel,Delhi,Airtel,maybe,", "neither yes nor no"),
    ("number_classes.csv", "new,x,^1$,1,,no,,,high,", "class 'new' has no name"),
    ("circles.csv", "Goa,GA,G,A,,Goa,KONKANI,", "23 areas, not 22"),
    ("circles.csv", "Bihar,BX,G,A,,Bihar,HINDI,", "circle 'Bihar' is blank or stands twice"),
    ("circles.csv", "Goa,BR,G,A,,Goa,KONKANI,", "code 'BR' is blank or stands twice"),
    ("operator_lineage.csv", "Airtel,Airtel,active,,,,,", "operator 'Airtel' is blank or stands"),
    ("circle_languages.csv", "Bihar,99,TAMIL,ta,tam,,link,no,,", "ranks of Bihar are not 1 to"),
    ("circle_languages.csv", "Goa,1,KONKANI,kok,kok,,official,yes,,", "circle 'Goa' is not in"),
    ("language_aliases.csv", "TE,TAMIL,ta,tam", "'TE' is"),
    ("language_aliases.csv", "te lugu,TELUGU,te,tel", "not in capitals"),
    ("sources.csv", "lpn2019,x,x,x,2019,2026-11-20,2027-05-20,both", "'lpn2019' stands twice"),
    ("sources.csv", "new,x,x,x,June,2026-11-20,2027-05-20,both", "state 'June' is no date"),
    ("sources.csv", "new,x,x,x,2019,2026-11-20,soon,both", "'soon' is no day"),
]


@pytest.mark.parametrize(("name", "line", "message"), ADDED, ids=[row[2] for row in ADDED])
def test_a_bad_line_stops_the_build(sources, name, line, message):
    before = len((sources / name).read_text("utf-8").splitlines())
    add(sources, name, line)
    with pytest.raises(BuildError, match=f"{name}, line [0-9]+: .*") as caught:
        build(sources)
    assert message in str(caught.value)
    if name not in {"circles.csv", "circle_languages.csv"} and "lies under" not in message:
        assert f"line {before + 1}:" in str(caught.value)


CHANGED = [
    ("mobile_series.csv", "prefix,operator", "series,operator", "line 1: header is"),
    ("circle_languages.csv", "te,tel,84,official,yes", "te,tel,84,official,no", "one default"),
    ("circle_languages.csv", "hi,hin,3,link,no", "hi,hin,3,link,yes", "needs one default"),
    ("circle_languages.csv", "hi,hin,3,link,no", "hi,hin,3,link,perhaps", "neither yes nor no"),
    (
        "circle_languages.csv",
        "Andhra Pradesh,2,HINDI",
        "Andhra Pradesh,2,TELUGU",
        "'TELUGU' is blank or stands twice",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), CHANGED, ids=[r[3] for r in CHANGED])
def test_a_changed_line_stops_the_build(sources, name, old, new, message):
    spoil(sources, name, old, new)
    with pytest.raises(BuildError, match=name) as caught:
        build(sources)
    assert message in str(caught.value)


def test_a_circle_without_languages_stops_the_build(sources):
    path = sources / "circle_languages.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("Odisha,")), "utf-8")
    with pytest.raises(BuildError, match="Odisha has no languages"):
        build(sources)


def test_a_missing_file_stops_the_build(sources):
    (sources / "networks.csv").unlink()
    with pytest.raises(BuildError, match=r"networks\.csv, line 1: no such file"):
        build(sources)


def test_a_table_of_an_unknown_source_stops_the_build(sources):
    table = Table("x.csv", ("a",), [("1",)], "a table", ("gossip",))
    with pytest.raises(BuildError, match=r"x\.csv: no source"):
        build_files([lambda *_: Output("X", [table], "")], sources)


def test_rows_stand_in_the_order_of_their_texts():
    for table in build(SOURCES):
        if table.name != "circle_languages.csv":
            assert list(table.rows) == sorted(table.rows), table.name


def test_a_row_s_state_is_the_newest_of_its_sources():
    states = {name: source.state for name, source in read_sources(SOURCES).items()}
    for *_, used, state in read_table("circles", tuple(SERIES_COLUMNS)):
        assert state == max(states[name] for name in used.split(";"))


SERIES_COLUMNS = (
    "prefix",
    "operator",
    "circle",
    "operator_confidence",
    "circle_confidence",
    "sources",
    "state",
)


def test_coverage_does_not_fall():
    blocks = Counter()
    for prefix, operator, circle, _, grade, *_ in read_table("circles", SERIES_COLUMNS):
        size = 10 if len(prefix) == 4 else 1
        blocks["operator"] += size * bool(operator)
        blocks["circle"] += size * bool(circle)
        blocks["known circle"] += size * (grade in {"high", "medium"})
    assert blocks["operator"] >= 26_700
    assert blocks["circle"] >= 23_211
    assert blocks["known circle"] >= 18_843
    assert len(read_table("landlines", ("area_code",), exact=False)) >= 2_647


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("kind", ["mobile", "fixed_line"])
def test_six_digits_decide_the_type_of_a_number(kind, step):
    plan = phonenumbers.PhoneMetadata.metadata_for_region("IN")
    assert decided_by_six(getattr(plan, kind).national_number_pattern, step)


def test_a_pattern_that_looks_further_is_noticed():
    assert not decided_by_six(r"9848\d\d[0-4]\d{3}", 11)
