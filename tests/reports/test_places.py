"""P2: where a row goes, and what cannot be part of a path."""

from datetime import UTC, date, datetime

import pytest

from rules.reports import COLUMNS, InvalidName, day_patterns, is_name, mask, read_path
from rules.reports import report_path as path_of
from rules.reports.places import last_day, template_problem
from tests.reports.rows import KOLKATA, row
from tests.rows import each

DEFAULT = "{accountID}/{reportType}/{date}.csv"
BAD_NAMES = [
    "..",
    ".",
    "a/b",
    "a\\b",
    "x" * 65,
    "",
    " ",
    "a b",
    "a\x00b",
    "a\n",
    "ä",
    "a.b",
    "-" * 65,
]


@each(
    ("template", "path"),
    [
        (DEFAULT, "293/call/2026-11-18.csv"),
        ("{accountID}/{month}/{reportType}-{flowid}.csv", "293/2026-11/call-8657.csv"),
        ("all.csv", "all.csv"),
        ("a b/{date}/{date}.csv", "a b/2026-11-18/2026-11-18.csv"),
    ],
)
def test_p2_path(template, path):
    assert path_of(template, row(), KOLKATA) == path
    assert template_problem(template) == ""


@each("name", BAD_NAMES)
def test_p2_names_that_lead_out_are_refused(name):
    assert not is_name(name)
    for field in ("account_id", "report_type"):
        with pytest.raises(InvalidName):
            path_of(DEFAULT, row(**{field: name}), KOLKATA)
    with pytest.raises(InvalidName):
        day_patterns(DEFAULT, name, "call", None)
    assert path_of("{flowid}.csv", row(flow_id=name), KOLKATA) == "_.csv"


@each("name", ["a", "A-b_9", "x" * 64, "-", "_"])
def test_p2_names_that_may_be_used(name):
    assert is_name(name)


@each(
    ("moment", "zone", "day", "why"),
    [
        ("2026-11-18T23:59:59.999+05:30", KOLKATA, "2026-11-18", "Wednesday, the last moment"),
        ("2026-11-19T00:00:00.000+05:30", KOLKATA, "2026-11-19", "Thursday, the first"),
        ("2026-11-18T18:30:00.000+00:00", KOLKATA, "2026-11-19", "the account's day counts"),
        ("2026-11-18T18:30:00.000+00:00", UTC, "2026-11-18", "the account's day counts"),
    ],
)
def test_p2_day_of_writing(moment, zone, day, why):
    found = path_of("{date}.csv", row(written_at=datetime.fromisoformat(moment)), zone)
    assert found == f"{day}.csv", why


@each(
    ("template", "words"),
    [
        ("{account}/x.csv", "none of {accountID}"),
        ("{}.csv", "none of"),
        ("{date}", "must end in .csv"),
        ("/abs/{date}.csv", "inside the report folder"),
        ("../{date}.csv", "inside the report folder"),
        ("a/./{date}.csv", "inside the report folder"),
        ("a/.. /{date}.csv", "inside the report folder"),
        ("a//{date}.csv", "inside the report folder"),
        ("a*/{date}.csv", "may hold letters"),
        ("{{date}}.csv", "may hold letters"),
        ("a\\b.csv", "may hold letters"),
    ],
)
def test_p2_template_that_cannot_be_used(template, words):
    assert words in template_problem(template)


def test_p2_patterns_of_days():
    days = [date(2026, 11, 30), date(2026, 12, 1)]
    assert day_patterns(DEFAULT, "293", "call", days) == [
        "293/call/2026-11-30.csv",
        "293/call/2026-11-30.[0-9]*.csv",
        "293/call/2026-12-01.csv",
        "293/call/2026-12-01.[0-9]*.csv",
    ]
    assert day_patterns("{month}-{flowid}.csv", "293", "call", days[:1] * 2) == [
        "2026-11-*.csv",
        "2026-11-*.[0-9]*.csv",
    ]
    assert day_patterns(DEFAULT, "293", "call", None)[0] == "293/call/????-??-??.csv"
    assert day_patterns(DEFAULT, "293", "call", []) == []


@each(
    ("template", "path", "names"),
    [
        (DEFAULT, "293/call/2026-11-18.csv", ("293", "call", "2026-11-18")),
        (DEFAULT, "293/call/2026-11-18.12.csv", ("293", "call", "2026-11-18")),
        (DEFAULT, "293/call/2026-11-18.x.csv", None),
        (DEFAULT, "293/call/2026-11-18.csv.uploaded", None),
        (DEFAULT, "293/2026-11-18.csv", None),
        (DEFAULT, "293/call/notes.csv", None),
        ("{accountID}/{accountID}-{reportType}-{date}.csv", "1/1-a-2026-11-18.csv", None),
        ("{accountID}/{accountID}-{date}.csv", "1/2-2026-11-18.csv", None),
    ],
)
def test_p2_path_read_back(template, path, names):
    found = read_path(template, path)
    if names:
        assert tuple(found.values()) == names
    elif path.startswith("1/1"):
        assert found == {"accountID": "1", "reportType": "a", "date": "2026-11-18"}
    else:
        assert found is None


@each(
    ("names", "day"),
    [
        ({"date": "2026-11-18"}, date(2026, 11, 18)),
        ({"month": "2026-02"}, date(2026, 2, 28)),
        ({"month": "2028-02"}, date(2028, 2, 29)),
        ({"month": "2026-13"}, None),
        ({"date": "2026-02-30"}, None),
        ({"accountID": "293"}, None),
    ],
)
def test_p2_last_day_of_a_file(names, day):
    assert last_day(names) == day


def test_p1_row_in_its_order():
    found = row(extra=(("city", "Pune"),))
    assert found.header() == (*COLUMNS, "city")
    assert found.values() == (
        "call",
        "1",
        "8657",
        "293",
        "9848012345",
        "2026-11-18T09:00:00.000+05:30",
        "2026-11-18T10:30:00.000+05:30",
        "Pune",
    )
    assert "9848012345" not in repr(found)
    assert "Pune" not in repr(found)


@each(
    ("value", "shown"),
    [
        ("+919848012345", "*********2345"),
        ("12345", "*2345"),
        ("1234", "****"),
        ("1", "*"),
        ("", ""),
    ],
)
def test_mask_leaves_four(value, shown):
    assert mask(value) == shown
