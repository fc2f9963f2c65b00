import pytest

from rules.dates.wordlist import COLUMNS, ENGLISH, find_word, fold, weekday_of
from rules.tables import read_table
from tests._cases import cases
from tests.rows import each

KINDS = ["weekday", "month", "shift", "number", "part", "filler", "unit", "direction", "half"]
ROWS = read_table("date_words", COLUMNS)


@each("case", cases("date_words"))
def test_a_word_means(case):
    found = find_word(case["word"])
    assert (found.kind, found.value) if found else (case["kind"], case["value"]) == ("", "")


def test_only_weekdays_have_a_number_of_their_own():
    assert weekday_of("Sunday") == 6
    assert weekday_of("march") is None
    assert weekday_of("no such word") is None


@each("hostile", ["\ud800", "\x00", "a" * 1_000_000, "सोमवार" * 1000, "-1", "w"])
def test_hostile_words_are_unknown(hostile):
    assert find_word(hostile) is None


def test_no_word_has_two_meanings_in_one_script():
    keys = [(row[0], row[1] == ENGLISH) for row in ROWS]
    meanings = {(*row[0:1], row[1] == ENGLISH, *row[2:4]) for row in ROWS}
    assert len(set(keys)) == len(meanings)


def test_english_and_hindi_collide_only_where_it_is_meant():
    english = {row[0]: row[2:4] for row in ROWS if row[1] == ENGLISH}
    both = {
        row[0]: (english[row[0]], row[2:4])
        for row in ROWS
        if row[1] != ENGLISH and row[0] in english and english[row[0]] != row[2:4]
    }
    assert both == {"sat": (("weekday", "5"), ("number", "7"))}


def test_every_row_is_found_under_its_own_word():
    for word, script, kind, value, _ in ROWS:
        assert script == ENGLISH or fold(word) == word
        if (word, script) != ("sat", "hi-Latn"):
            assert find_word(word) == (kind, value)


def test_kinds_values_and_sources_are_known():
    assert {row[2] for row in ROWS} == set(KINDS)
    assert {row[1] for row in ROWS} == {"en-Latn", "hi-Latn", "hi-Deva"}
    assert {row[4] for row in ROWS} == {"agreed", "variant"}
    assert sorted(ROWS) == ROWS


@pytest.mark.parametrize(("kind", "low", "high"), [("weekday", 0, 6), ("month", 1, 12)])
def test_every_weekday_and_month_has_a_name_in_each_script(kind, low, high):
    for script in ("en-Latn", "hi-Latn", "hi-Deva"):
        named = {int(row[3]) for row in ROWS if row[1] == script and row[2] == kind}
        assert named == set(range(low, high + 1))


def test_hindi_counts_from_one_to_thirty_one_in_both_scripts():
    for script in ("hi-Latn", "hi-Deva"):
        named = {row[3] for row in ROWS if row[1] == script and row[2] == "number"}
        assert named == {str(number) for number in range(1, 32)}
