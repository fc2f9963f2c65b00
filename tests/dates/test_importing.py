"""Calendar files: which events become which rows, what passes by, what a merge changes."""

from __future__ import annotations

import pytest

from rules.dates.importing import changes, from_ics, from_table, merged
from rules.dates.own import OwnDatesMistake
from tests.rows import each


def calendar(*events):
    """A calendar file with these events, each a text of `NAME:value` lines."""
    blocks = [f"BEGIN:VEVENT\nUID:{n}\n{event}\nEND:VEVENT" for n, event in enumerate(events)]
    body = "\n".join(blocks)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}\nEND:VCALENDAR\n".encode()


DAY, GONE, ALSO = "DTSTART;VALUE=DATE:", "EXDATE;VALUE=DATE:", "RDATE;VALUE=DATE:"


@each(
    ("event", "dates"),
    [
        (f"{DAY}20261224", ["2026-12-24"]),
        (f"{DAY}20261224\nDTEND;VALUE=DATE:20261225", ["2026-12-24"]),
        (f"{DAY}20261224\nDTEND;VALUE=DATE:20261224", ["2026-12-24"]),  # an end of no length
        (f"{DAY}20261224\nDTEND;VALUE=DATE:20261227", ["2026-12-24..2026-12-26"]),
        (f"{DAY}20261224\nDURATION:P2D", ["2026-12-24..2026-12-25"]),
        (f"{DAY}20260401\nRRULE:FREQ=YEARLY", ["RRULE:DTSTART=20260401;FREQ=YEARLY"]),
        (
            f"{DAY}20260401\nRRULE:FREQ=YEARLY;UNTIL=20281231T182959Z",
            ["RRULE:DTSTART=20260401;FREQ=YEARLY;UNTIL=20281231"],
        ),
        (
            f"{DAY}20260401\nRRULE:FREQ=YEARLY;COUNT=3\nEXDATE;VALUE=DATE:20270401",
            ["2026-04-01", "2028-04-01"],
        ),
        (
            f"{DAY}20260401\nRRULE:FREQ=YEARLY;COUNT=2\n{GONE}20260401\n{GONE}20270401\n{ALSO}20260501",
            ["2026-05-01"],
        ),
        (
            f"{DAY}20260401\nRRULE:FREQ=YEARLY;COUNT=2\nDURATION:P2D",
            ["2026-04-01..2026-04-02", "2027-04-01..2027-04-02"],
        ),
        (f"{DAY}20260401\nRDATE:20260501T000000", ["2026-04-01", "2026-05-01"]),
    ],
)
def test_events_become_rows(event, dates):
    found = from_ics(calendar(f"{event}\nSUMMARY:Break"), "closed")
    assert found.rows == [(date, "closed", "", "Break", "") for date in dates]
    assert not found.skipped


@each(
    ("event", "reason"),
    [
        ("DTSTART:20261224T090000Z", "with clock times"),
        ("SUMMARY:Some day", "without a date"),
        (f"{DAY}20261224\nSTATUS:CANCELLED", "cancelled"),
        (f"{DAY}20260401\nRRULE:FREQ=HOURLY", "not understood (a rule counts days"),
        (f"{DAY}18991231", "not understood (the year must lie"),
        (f"{DAY}20000101\nDURATION:P5000D", "not understood (a range must end"),
    ],
)
def test_events_that_pass_by(event, reason):
    found = from_ics(calendar(event, f"{DAY}20261224"), "closed")
    assert found.rows == [("2026-12-24", "closed", "", "", "")]
    (skipped,) = found.skipped
    assert skipped.startswith(reason)
    assert found.skipped.total() == 1


def test_one_day_of_a_series_moved():
    series = f"UID:s\n{DAY}20260401\nRRULE:FREQ=YEARLY;COUNT=2\nSUMMARY:Stock"
    moved = f"UID:s\nRECURRENCE-ID;VALUE=DATE:20270401\n{DAY}20270405\nSUMMARY:Stock"
    found = from_ics(calendar(series, moved).replace(b"UID:0\n", b"").replace(b"UID:1\n", b""), "x")
    assert [row[0] for row in found.rows] == ["2026-04-01", "2027-04-05"]


def test_several_calendars_in_one_file_and_equal_rows():
    data = calendar(f"{DAY}20261224") + calendar(f"{DAY}20261224", f"{DAY}20261225")
    assert [row[0] for row in from_ics(data, "open").rows] == ["2026-12-24", "2026-12-25"]


@each("data", [b"", b"hello", b"\x00\xff", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n"])
def test_no_calendar_gives_nothing_or_says_so(data):
    try:
        assert from_ics(data, "closed").rows == []
    except OwnDatesMistake as error:
        assert "no calendar file" in str(error)


def test_names_are_kept_in_one_line():
    found = from_ics(calendar(f"{DAY}20261224\nSUMMARY:Year-end\\,\\n break"), "closed")
    assert found.rows[0][3] == "Year-end, break"


@each(
    ("text", "dates"),
    [
        ("date,name\n2026-12-24,A\n", ["2026-12-24"]),
        ("\ufeffDate,Name,more\n2026-12-24..2026-12-26,A,x\n\n,,\n", ["2026-12-24..2026-12-26"]),
        ("date,name\n24/12/2026,A\n25 Dec 2026\n", ["2026-12-24", "2026-12-25"]),
        ("date,name\n", []),
    ],
)
def test_tables(text, dates):
    assert [row[0] for row in from_table(text, "open").rows] == dates


@each(
    ("text", "says"),
    [
        ("", "line 1: the header must be date,name"),
        ("name,date\n", "line 1: the header"),
        ("date,name\n2026-12-24,A\ntomorrow,B\n", "line 3: write a date"),
        ("date,name\n24 December,A\n", "line 2: write a date"),
        ("date,name\nyesterday 2026,A\n", "line 2: write a date"),
        ("date,name\n2026-02-30,A\n", "line 2: "),
    ],
)
def test_bad_tables(text, says):
    with pytest.raises(OwnDatesMistake) as refused:
        from_table(text, "closed")
    assert says in str(refused.value)


def test_a_merge_adds_and_renames_and_loses_nothing():
    old = [
        ("2026-12-24", "closed", "", "Break", "छुट्टी"),
        ("2026-12-25", "open", "10:00-11:00", "Fair", ""),
        ("2026-12-26", "closed", "", "Kept", ""),
    ]
    new = [
        ("2026-12-24", "closed", "", "Year-end break", ""),
        ("2026-12-25", "closed", "", "Shut", ""),
        ("2026-12-26", "closed", "", "", ""),
    ]
    after = merged(old, new)
    assert after == [
        ("2026-12-24", "closed", "", "Year-end break", "छुट्टी"),
        *old[1:],
        new[1],
    ]
    assert changes(old, after) == [("~", after[0]), ("+", new[1])]
    assert changes(after, merged(after, new)) == []


def test_changes_that_cannot_be_read_are_refused():
    with pytest.raises(OwnDatesMistake):
        changes([], [("soon", "closed", "", "", "")])
