"""A list judged before it is called."""

import sys

from rules.outbound import RowVerdict, load_rules, preview
from tests.outbound.made import NOW, clock, settings
from tests.rows import each

COLUMNS = ("contact", "purpose", "starttime")
ROWS = [
    ("9876543210", "", "", "allowed", "", "10:30", "no purpose: as requested"),
    ("9876543210;+1 415 555 0123", "", "", "allowed", "", "10:30", "alternates"),
    ("98765XX", "", "", "invalid", "MASKED_NUMBER", "", "no usable number"),
    ("", "", "", "invalid", "MISSING_NUMBER", "", "no number at all"),
    ("98765XX;9876543210", "", "", "allowed", "MASKED_NUMBER", "10:30", "one is left out"),
    ("9876543210", "Promotional", "", "allowed", "", "10:30", "inside the hours"),
    ("9876543210", "recovery", "2026-11-18T19:30:00+05:30", "deferred", "R11",
     "2026-11-19T08:00:00+05:30", "after seven"),
    ("9876543210", "promotional", "2026-11-18 09:30:00", "allowed", "", "10:30",
     "gone by today: at once"),
    ("9876543210", "", "2026-11-18T18: 07: 40.142 +05: 30", "allowed", "",
     "18:07:40", "a damaged moment"),
    ("9876543210", "", "2026-11-19T07:00:00Z", "allowed", "", "2026-11-19T12:30:00+05:30",
     "another offset"),
    ("9876543210", "", "2026-11-17T23:59:00+05:30", "invalid", "START_DATE_PASSED", "",
     "the dialler would refuse it"),
    ("9876543210", "", "tomorrow", "invalid", "INVALID_START_TIME", "", "words are not read"),
    ("9876543210", "", "2026-11-19", "invalid", "INVALID_START_TIME", "", "a day has no hour"),
    ("9876543210", "marketing", "", "invalid", "INVALID_PURPOSE", "", "no such purpose"),
    ("+14155550123", "promotional", "2026-11-18T23:30:00+05:30", "allowed", "", "23:30",
     "no rules for that country"),
]  # fmt: skip


def judge(rows, *, now=NOW, **given):
    judged = preview(rows, now=now, settings=settings(**given), rules=load_rules())
    return list(judged), judged.totals


@each("row", ROWS)
def test_row(row):
    (found,), totals = judge([dict(zip(COLUMNS, row[:3], strict=True))])
    assert (found.verdict.value, found.reason) == row[3:5]
    assert found.when == (clock(row[5]) if row[5] else None)
    assert totals.total == 1
    assert totals.valid == (row[3] != "invalid")


def test_telephone_columns_are_alternates_in_order():
    row = {"contact": None, "tel1": "9876543210", "tel2": "", "tel10": "9876500001"}
    (found,), _ = judge([row])
    assert found.number == "919876543210,919876500001"


def test_an_invalid_row_shows_what_was_written():
    (found,), _ = judge([{"tel1": "98XX", "tel2": "163"}])
    assert (found.number, found.reason) == ("98XX,163", "MASKED_NUMBER,INVALID_NUMBER")


def test_a_number_again_is_a_duplicate():
    rows, totals = judge([{"contact": "9876543210"}, {"contact": "+91 98765 43210"}])
    assert [row.verdict for row in rows] == [RowVerdict.ALLOWED, RowVerdict.DUPLICATE]
    assert (totals.total, totals.valid) == (2, 1)


def test_totals_and_rules():
    numbers = [{"contact": f"98765000{n:02}", "purpose": "promotional"} for n in range(5)]
    rows, totals = judge(numbers, now=clock("09:30"), call_hours="09:00-20:00")
    assert {row.when for row in rows} == {clock("10:00")}
    assert totals.verdicts == {RowVerdict.DEFERRED: 5}
    assert totals.rules == {"R5b": 5}


def test_blocked_rows_name_their_rules():
    row = {"contact": "9876543210", "purpose": "promotional"}
    (found,), totals = judge([row], caller_id="9876543210")
    assert (found.verdict, found.reason, found.when) == (RowVerdict.BLOCKED, "R8a", None)
    (found,), _ = judge([row], call_hours="22:00-23:00")
    assert found.reason == "ACCOUNT,NO_ALLOWED_HOUR"
    assert totals.rules == {"R8a": 1}


def test_the_purpose_of_the_account_holds_where_a_row_has_none():
    (found,), _ = judge([{"contact": "9876543210"}], now=clock("19:30"), purpose="recovery")
    assert found.verdict is RowVerdict.DEFERRED


def test_rows_are_judged_when_they_are_reached():
    judged = preview(
        ({"contact": str(9876500000 + n)} for n in range(10**9)),
        now=NOW,
        settings=settings(),
        rules=load_rules(),
    )
    assert next(iter(judged)).number == "919876500000"
    assert judged.totals.total == 1


def test_many_different_starts(monkeypatch):
    monkeypatch.setattr(sys.modules["rules.outbound.preview"], "_MOST_KEPT", 3)
    rows = [
        {
            "contact": str(9876500000 + second),
            "purpose": "recovery",
            "starttime": f"2026-11-18T18:59:{second}+05:30",
        }
        for second in range(50, 60)
    ]
    _, totals = judge(rows)
    assert totals.verdicts == {RowVerdict.ALLOWED: 10}


@each(
    ("first", "second", "verdict", "why"),
    [
        ("9876543210;9876500001", "9876500001;9876543210", "duplicate", "in another order"),
        ("9876543210;9876500001", "9876543210", "duplicate", "the same first number"),
        ("9876543210;9876500001", "9876500001", "allowed", "only an alternate before"),
        ("9876543210;98XX", "9876543210", "duplicate", "what cannot be called does not count"),
    ],
)
def test_what_makes_a_row_a_duplicate(first, second, verdict, why):
    (_, found), _ = judge([{"contact": first}, {"contact": second}])
    assert found.verdict.value == verdict, why
