"""Every row of every table of `docs/dates_spoken.md` is true, and its example runs."""

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rules.dates import DateUnreadable, read_date
from tests.rows import each

PAGE = (Path(__file__).parents[2] / "docs" / "dates_spoken.md").read_text("utf-8")
ROWS = [
    pytest.param(text, said, id=text)
    for texts, said in re.findall(r"^\| (`.+`) \| (.+) \|$", PAGE, re.MULTILINE)
    for text in re.findall(r"`([^`]+)`", texts)
]


def answer(text):
    prefix = ""
    try:
        found = read_date(text, today=date(2026, 11, 18), zone=ZoneInfo("Asia/Kolkata"))
    except DateUnreadable as refused:
        if refused.reading is None:
            return refused.code
        prefix, found = f"{refused.code}: ", refused.reading
    said = f"{prefix}{found.date:%A} {found.date.day} {found.date:%B %Y}"
    if found.time:
        said += f", {found.time:%H:%M}"
    if found.ambiguous:
        said += "; ambiguous" + (f", or {found.alternate}" if found.alternate else "")
    return said + ("; time ambiguous" if found.time_ambiguous else "")


@each(("text", "said"), ROWS)
def test_a_row_of_the_page_is_true(text, said):
    assert answer(text) == said


def test_the_page_has_its_tables():
    assert len(ROWS) > 80


def test_the_example_of_the_page_runs():
    (example,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(example, "dates_spoken.md", "exec"), {})  # noqa: S102  the page's own example
