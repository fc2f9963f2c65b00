from __future__ import annotations

import os
import warnings
from datetime import date
from pathlib import Path

import pytest
from building import age
from building.files import read_sources

SOURCES = Path(__file__).parents[2] / "data" / "sources"


def complain(lines):
    """Fail, or only warn where the environment allows old data."""
    if lines and os.environ.get(age.ALLOW_OLD) == "1":
        warnings.warn("\n".join(lines), stacklevel=2)
    else:
        assert lines == []


@pytest.mark.filterwarnings("default::UserWarning")
def test_no_source_is_older_than_its_review_date():
    complain(age.overdue(read_sources(SOURCES).values(), age.today()))


def test_a_source_past_its_review_date_is_named_with_the_steps(monkeypatch):
    sources = read_sources(SOURCES)
    assert age.overdue([sources["tcf2021"]], date(2027, 5, 20)) == []
    lines = age.overdue([sources["tcf2021"]], date(2027, 5, 21))
    assert len(lines) == 1
    for words in ("'tcf2021'", "state 2021-06", "by 2027-05-20", "make data", "sources.csv"):
        assert words in lines[0]
    monkeypatch.delenv(age.ALLOW_OLD, raising=False)
    with pytest.raises(AssertionError, match="tcf2021"):
        complain(lines)
    monkeypatch.setenv(age.ALLOW_OLD, "1")
    with pytest.warns(UserWarning, match="tcf2021"):
        complain(lines)


def test_a_source_of_unknown_state_says_so():
    assert "state unknown" in age.overdue([read_sources(SOURCES)["seed"]], date(2030, 1, 1))[0]
