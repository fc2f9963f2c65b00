"""The draft of the Indian tables, and the difference a newer package would make."""

from __future__ import annotations

from datetime import date

from rules.dates import Holiday, shipped_holidays
from rules.dates.drafting import FIRST, LAST, compare, draft, hindi_names, set_titles


def test_sets():
    titles = set_titles()
    assert len(titles) == 37
    assert titles["IN-MH"] == "Maharashtra"
    assert titles["IN-TS"] == "Telangana"
    assert all(title.isascii() for title in titles.values())


def test_both_lists_of_a_state_are_drafted():
    days = {day.date for day in draft("IN-AP") if day.date.year == 2026}
    assert len(days) == 27
    years = {day.date.year for day in draft("IN")}
    assert years == set(range(FIRST, LAST + 1))


def test_estimates_are_marked_and_their_names_are_plain():
    later = {day.name: day.status for day in draft("IN") if day.date.year == 2030}
    assert later["Eid al-Fitr"] == "estimated"
    assert later["Republic Day"] == "computed"


def test_hindi_names_are_learned():
    names = hindi_names()
    assert names["Guru Nanak's Birthday"] == "गुरु नानक जयंती"
    assert names["Republic Day"] == "गणतंत्र दिवस"


def test_the_table_is_the_draft_it_was_built_from():
    table = shipped_holidays()
    assert [
        change
        for name in table.sets
        for change in compare(table.sets[name].holidays(), draft(name))
    ] == []


def test_differences():
    old = [Holiday(date(2026, 1, 1), "A"), Holiday(date(2026, 1, 2), "B")]
    new = [
        Holiday(date(2026, 1, 1), "A"),
        Holiday(date(2026, 1, 1), "C"),
        Holiday(date(2026, 1, 3), "D"),
    ]
    assert compare(old, new) == [
        ("~", date(2026, 1, 1), "A -> A; C"),
        ("-", date(2026, 1, 2), "B"),
        ("+", date(2026, 1, 3), "D"),
    ]
    assert compare(old, reversed(old)) == []
