"""Break rows: clipped, split at midnight, added up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.prefs import BreakSums, EndedBy, Interval, break_rows
from rules.prefs.breaks import in_minutes, in_zone
from tests.rows import each

INDIA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 11, 18)
NEXT = DAY + timedelta(days=1)


def at(text, zone=INDIA):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def interval(start, end=None, planned=None, *, cli="919879912345", zone=INDIA):
    return Interval(
        cli,
        "293",
        "TEA",
        at(start, zone),
        planned and at(planned, zone),
        end and at(end, zone),
        EndedBy.AGENT if end else EndedBy.OPEN,
    )


def rows(*intervals, start=DAY, end=DAY, now="2026-11-20T12:00", zone=INDIA):
    return break_rows(intervals, start=start, end=end, now=at(now, zone), zone=zone)


def spans(found):
    return [(f"{row.start:%d %H:%M}", f"{row.end:%d %H:%M}", row.minutes) for row in found]


def test_inside_the_range():
    (row,) = rows(interval("2026-11-18T10:30", "2026-11-18T11:15"))
    assert (row.date, row.minutes, row.overrun_minutes) == (DAY, "45.0", "0.0")
    assert (row.cli, row.account, row.reason) == ("919879912345", "293", "TEA")
    assert row.ended_by is EndedBy.AGENT
    assert row.name == ""


@each(
    ("start", "end", "expected", "why"),
    [
        (
            "2026-11-17T23:00",
            "2026-11-18T01:00",
            [("18 00:00", "18 01:00", "60.0")],
            "begins before",
        ),
        ("2026-11-18T23:00", "2026-11-19T01:00", [("18 23:00", "19 00:00", "60.0")], "ends after"),
        ("2026-11-17T23:00", "2026-11-19T01:00", [("18 00:00", "19 00:00", "1440.0")], "all day"),
        ("2026-11-17T23:00", "2026-11-18T00:00", [], "ends where the range begins"),
        ("2026-11-19T00:00", "2026-11-19T01:00", [], "begins where the range ends"),
        ("2026-11-18T10:00", "2026-11-18T10:00", [], "nothing lasts no time"),
    ],
)
def test_clipped(start, end, expected, why):
    assert spans(rows(interval(start, end))) == expected, why


def test_split_at_each_midnight():
    found = rows(interval("2026-11-18T23:50", "2026-11-20T00:20"), end=NEXT)
    assert spans(found) == [("18 23:50", "19 00:00", "10.0"), ("19 00:00", "20 00:00", "1440.0")]


def test_midnight_is_the_zones():
    late = interval("2026-11-18T18:20", "2026-11-18T18:50", zone=UTC)
    assert spans(rows(late, end=NEXT)) == [
        ("18 23:50", "19 00:00", "10.0"),
        ("19 00:00", "19 00:20", "20.0"),
    ]


def test_open_ends_now():
    assert spans(rows(interval("2026-11-18T10:00"), now="2026-11-18T10:07:30")) == [
        ("18 10:00", "18 10:07", "7.5")
    ]
    assert rows(interval("2026-11-18T10:00"), now="2026-11-18T09:00") == []


def test_overrun_is_what_lies_past_the_planned_end():
    late = interval("2026-11-18T23:30", "2026-11-19T00:20", "2026-11-18T23:45")
    found = rows(late, end=NEXT)
    assert [(row.minutes, row.overrun_minutes) for row in found] == [
        ("30.0", "15.0"),
        ("20.0", "20.0"),
    ]
    (early,) = rows(interval("2026-11-18T10:00", "2026-11-18T10:10", "2026-11-18T10:30"))
    assert early.overrun_minutes == "0.0"


@each("planned", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_a_planned_end_at_the_ends_of_the_calendar(planned):
    stored = replace(interval("2026-11-18T10:30", "2026-11-18T11:15"), planned_end=planned)
    for zone in (INDIA, NEW_YORK):
        (row,) = rows(stored, zone=zone)
        assert row.minutes == "45.0"
        assert row.overrun_minutes in ("0.0", "45.0")
        assert in_zone(planned, zone).year == planned.year


def test_a_day_when_clocks_go_back_has_25_hours():
    autumn = date(2026, 11, 1)
    whole = interval("2026-10-31T12:00", "2026-11-02T12:00", zone=NEW_YORK)
    (row,) = rows(whole, start=autumn, end=autumn, zone=NEW_YORK)
    assert row.minutes == "1500.0"


def test_sorted_by_start_then_number():
    found = rows(
        interval("2026-11-18T11:00", "2026-11-18T12:00", cli="2"),
        interval("2026-11-18T11:00", "2026-11-18T12:00", cli="1"),
        interval("2026-11-18T10:00", "2026-11-18T12:00", cli="3"),
    )
    assert [row.cli for row in found] == ["3", "1", "2"]


def test_sums_add_before_they_round():
    sums = BreakSums()
    for _ in range(2):
        sums.add(
            rows(interval("2026-11-18T10:00:00", "2026-11-18T10:00:02", "2026-11-18T10:00"))[0]
        )
    assert (sums.count, sums.minutes, sums.overrun_minutes) == (2, "0.1", "0.1")


@each(("seconds", "minutes"), [(0, "0.0"), (2.9, "0.0"), (3, "0.1"), (9, "0.2"), (3599, "60.0")])
def test_half_a_tenth_is_rounded_up(seconds, minutes):
    assert in_minutes(timedelta(seconds=seconds)) == minutes
