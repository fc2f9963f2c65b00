"""Rows of a table of customers: what they ask for, why they are refused, and back again."""

from datetime import datetime, timedelta

import pytest

from rules.prefs import (
    LONG,
    Preference,
    PrefSettings,
    RowRefused,
    columns_problem,
    export_rows,
    read_row,
    visible,
)
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
DAY = timedelta(days=1)
PLAIN = PrefSettings()
STRICT = PrefSettings(names=PrefSettings().names.from_setting({"strict": True, "city": "text"}))


def read(row, settings=PLAIN):
    return read_row(row, now=NOW, settings=settings)


def test_column_per_variable_leaves_out_blank_cells():
    row = read({"contact": "080003-74123", "city": "Pune", "plan": " ", "note": " kept "})
    assert row.contact == "918000374123"
    assert row.values == {"city": "Pune", "note": " kept "}


def test_variable_per_row_stores_empty_values():
    row = read({"contact": "CUST-1", "name": "city", "value": "", "expires": ""})
    assert (row.values, row.expires) == ({"city": ""}, None)


@each(
    ("row", "reason", "why"),
    [
        ({"contact": "8000374XXX", "city": "x"}, "MASKED_NUMBER", "nobody in particular"),
        ({"contact": "98765O4321", "city": "x"}, "LETTERED_NUMBER", "the letter O"),
        ({"contact": "  ", "city": "x"}, "contact is missing", "a blank contact"),
        ({"contact": "a\0", "city": "x"}, "contact is missing", "a NUL character"),
        ({"contact": "c" * 201, "city": "x"}, "TOO_LONG", "a long contact"),
        ({"contact": "1", "city": "x" * 4_001}, "city: a value has at most", "a long value"),
        ({"contact": "1", "name": " ", "value": "x"}, "name is missing", "a blank name"),
        (
            {"contact": "1", "name": "a", "value": "x", "expires": "soon"},
            "no moment ahead",
            "no moment",
        ),
        (
            {"contact": "1", "name": "a", "value": "x", "expires": "2026-11-18T10:30:00+05:30"},
            "no moment ahead",
            "a value that has ended already",
        ),
    ],
)
def test_refused(row, reason, why):
    with pytest.raises(RowRefused) as caught:
        read(row)
    assert reason in str(caught.value), why
    assert "8000374" not in str(caught.value)


def test_strict_names_hold_for_rows():
    with pytest.raises(RowRefused, match="UNKNOWN_NAME"):
        read({"contact": "1", "town": "Pune"}, STRICT)
    assert read({"contact": "1", "city": "Pune"}, STRICT).values == {"city": "Pune"}


@each(
    ("columns", "problem"),
    [
        (["contact", "city"], ""),
        (list(LONG), ""),
        (["number", "city"], "must name a column 'contact'"),
        (["contact"], "no column with values"),
        (["contact", "city", "city"], "a name of its own"),
        (["contact", ""], "a name of its own"),
        (["contact", "name", "value", "expires", "city"], "no place for a column 'city'"),
        (["contact", "name", "city"], ""),
    ],
)
def test_columns(columns, problem):
    assert problem in columns_problem(columns)
    assert bool(problem) == bool(columns_problem(columns))


@each(
    ("expires", "days", "table", "expected", "why"),
    [
        ("2026-12-01T00:00:00+05:30", 5, 9, "2026-12-01T00:00:00+05:30", "the table's own end"),
        ("", 5, 9, "2026-11-23T10:30:00+05:30", "else the days asked for"),
        ("", None, 9, "2026-11-27T10:30:00+05:30", "else the account's term"),
        ("", None, None, None, "else never"),
    ],
)
def test_which_term_holds(expires, days, table, expected, why):
    settings = PrefSettings(ttl_days={"otp": table} if table else {})
    row = read({"contact": "1", "name": "otp", "value": "7", "expires": expires}, settings)
    new, changes = row.apply({}, now=NOW, days=days, settings=settings)
    assert new == {"otp": Preference("7", expected and datetime.fromisoformat(expected))}, why
    assert [change.new for change in changes] == ["7"]


@each("contact", ["918000374123", "CUST-1", "163", "14155550123", "6581234567"])
def test_export_reads_back_as_the_same(contact):
    stored = {
        "plan": Preference(" gold ", NOW + DAY),
        "city": Preference(""),
        "otp": Preference("1", NOW),
    }
    found = {}
    for cells in export_rows(contact, stored, now=NOW):
        row = read(dict(zip(LONG, cells, strict=True)))
        assert row.contact == contact
        found, _ = row.apply(found, now=NOW, days=None, settings=PrefSettings())
    assert found == {name: stored[name] for name in visible(stored, now=NOW)}
