"""`docs/dates.md`: its examples are true, its tables name every reason, its code runs."""

from __future__ import annotations

import re
from pathlib import Path

from rules.dates import DateReason, TimeReason, judge, read_off_days, read_own_dates
from tests.dates.judging import now_of, request_of, settings_of, short
from tests.rows import each

PAGE = (Path(__file__).parents[2] / "docs" / "dates.md").read_text("utf-8")
SETTINGS = settings_of()


def table(title):
    """Cells of the first table under a heading."""
    part = PAGE.split(f" {title}\n", 1)[1]
    lines = re.findall(r"(?:^\|.*\n)+", part, re.MULTILINE)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@each("cells", table("The same in examples"))
def test_examples(cells):
    said, flags, reasons, output = cells
    row = {"input": said.strip("`"), "kind": "A", "off": "Sat,Sun", "hours": "09:00-18:00"}
    request = request_of({**row, "max": "5", "increment": ""})
    result, _ = judge(request, now=now_of("", SETTINGS), settings=SETTINGS)
    assert f"{result.date_valid}, {result.time_valid}".lower() == flags
    assert f"{result.date_reason.value}, {result.time_reason.value}" == reasons
    assert (short(result.output) if result.output else "") == output


def test_every_reason_is_explained_in_order():
    assert [cells[0].strip("`") for cells in table("How it decides")] == [
        reason.value for reason in DateReason
    ]
    times = PAGE.split("| `timeReason` |", 1)[1].split("The next valid moment")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", times, re.MULTILINE)) == {
        reason.value for reason in TimeReason
    }


def test_the_lists_of_weekdays_can_be_read():
    part = PAGE.split("A list of weekdays is written as people do:", 1)[1].split(".\n")[0]
    examples = re.findall(r"`([^`]+)`", part)
    assert len(examples) == 8
    assert all(read_off_days(text) is not None for text in examples)


def test_the_file_of_own_dates_can_be_read():
    text = PAGE.split("    date,status", 1)[1].split("\n\n")[0]
    lines = [line.strip() for line in f"date,status{text}".splitlines()]
    own = read_own_dates("\n".join(lines))
    assert len(own.opened) == 1
    assert len(own.closed) == 3 + 75


def test_the_code_runs(capsys):
    code = PAGE.split("```python\n", 1)[1].split("```", 1)[0]
    exec(compile(code, "docs/dates.md", "exec"), {})  # noqa: S102  the page's own example
    assert capsys.readouterr().out == (
        "2026-11-19 17:00:00+05:30 OK\nThat is Thursday 19 November 2026 at 5:00 PM.\n"
    )
