"""The builders of `data/`: what they write is what stands there, and bad sources are refused."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def build(monkeypatch):
    """The script `data/build.py`, imported as it would run."""
    monkeypatch.syspath_prepend(str(ROOT / "data"))
    spec = importlib.util.spec_from_file_location("build_tables", ROOT / "data" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_table_holds_what_its_sources_give():
    script = [sys.executable, str(ROOT / "data" / "build.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_unknown_topic_is_wrong_use(build, capsys):
    with pytest.raises(SystemExit) as refused:
        build.main(["no_such_topic"])
    assert refused.value.code == 2
    assert "no_such_topic" in capsys.readouterr().err


@pytest.fixture
def own_data(tmp_path):
    """A data folder of the test's own, with the one source of the words."""
    (tmp_path / "sources").mkdir()
    header = "id,what,address,licence,state,checked,review_by,gives\n"
    (tmp_path / "sources" / "sources.csv").write_text(header, "utf-8")
    return tmp_path


def write_words(folder, *rows):
    header = "kind,value,english,hindi_roman,devanagari,source"
    (folder / "sources" / "date_words.csv").write_text("\n".join([header, *rows]) + "\n", "utf-8")


def test_a_table_is_written_once_and_then_holds(build, own_data, capsys):
    write_words(own_data, "weekday,0,monday|mon,somwaar|somvar,सोमवार,agreed")
    assert build.main(["date_words", "--check"], data=own_data) == 1
    assert not (own_data / "date_words.csv").exists()
    assert build.main(["date_words"], data=own_data) == 0
    assert build.main(["date_words", "--check"], data=own_data) == 0
    assert capsys.readouterr().out.count("\n") == 2
    assert (own_data / "date_words.csv").read_text("utf-8").splitlines() == [
        "word,script,kind,value,source",
        "mon,en-Latn,weekday,0,agreed",
        "monday,en-Latn,weekday,0,agreed",
        "somvar,hi-Latn,weekday,0,agreed",
        "सोमवार,hi-Deva,weekday,0,agreed",
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("month,3,mon,,,agreed", "line 3: 'mon' is"),
        ("weekday,1,,samvaar|soomvar|somvaar,,agreed", "line 3: 'somvar' is"),
        ("weekday,1,,agreed", "line 3: 4 cells, expected 6"),
        ("weekday,1,,,,agreed,more", "line 3: 7 cells, expected 6"),
    ],
)
def test_a_bad_source_is_refused_with_its_line(build, own_data, capsys, row, says):
    write_words(own_data, "weekday,0,monday|mon,somvar,,agreed", row)
    assert build.main(["date_words"], data=own_data) == 1
    assert says in capsys.readouterr().err
    assert not (own_data / "date_words.csv").exists()
