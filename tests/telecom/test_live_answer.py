from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rules.telecom import LiveAnswer, NumberClass, TelecomSettings, find_language, lookup
from rules.telecom.overrides import read_overrides
from tests.rows import each

ASKED = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
ANSWER = LiveAnswer("Airtel", "KA", True, "mobile", ASKED)
NOTHING = LiveAnswer(None, None, None, None, ASKED)


def test_a_live_answer_wins_over_the_tables():
    found = lookup("9848012345", live=ANSWER)
    assert (found.operator, found.operator_now, found.circle) == ("Airtel", "Airtel", "Karnataka")
    assert (found.operator_confidence, found.circle_confidence) == ("high", "high")
    assert (found.basis, found.as_of, found.ported) == ("live", "2026-11-18", True)
    assert find_language("9848012345", live=ANSWER).name == "KANNADA"


def test_a_member_that_is_missing_leaves_the_table_s_value():
    found = lookup("9848012345", live=replace(ANSWER, circle=None))
    assert (found.operator, found.circle) == ("Airtel", "Andhra Pradesh")
    found = lookup("9848012345", live=replace(NOTHING, ported=False))
    assert (found.operator, found.ported, found.basis) == ("Idea", False, "live")


def test_an_answer_without_anything_changes_nothing():
    found = lookup("9848012345", live=NOTHING)
    assert found.record == lookup("9848012345").record
    assert found.ported is None


def test_unknown_words_are_dropped():
    answer = LiveAnswer("Nobody Telecom", "Atlantis", None, "pigeon", ASKED)
    assert lookup("9848012345", live=answer).record == lookup("9848012345").record


def test_an_override_wins_over_a_live_answer_field_by_field():
    settings = TelecomSettings(overrides=read_overrides("number,circle\n98480,TN\n"))
    found = lookup("9848012345", settings=settings, live=ANSWER)
    assert (found.operator, found.circle, found.ported) == ("Airtel", "Tamil Nadu", True)
    assert found.basis == "override"


def test_unreadable_texts_take_no_answer():
    assert lookup("98480XXXXX", live=ANSWER).operator == ""


@each(
    ("word", "line"),
    [
        ("mobile", NumberClass.MOBILE),
        ("Cellular", NumberClass.MOBILE),
        ("wireless", NumberClass.MOBILE),
        ("FIXED_LINE", NumberClass.LANDLINE),
        ("landline", NumberClass.LANDLINE),
        ("wireline", NumberClass.LANDLINE),
        ("voip", None),
        ("", None),
        (None, None),
    ],
)
def test_kinds_of_line_of_live_sources(word, line):
    assert replace(NOTHING, line_type=word).number_class is line


def test_a_line_that_is_fixed_after_all():
    found = lookup("9848012345", live=replace(NOTHING, line_type="landline"))
    assert found.number_class is NumberClass.LANDLINE
    assert found.number.number_class is NumberClass.MOBILE
