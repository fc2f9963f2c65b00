"""Placeholders come back unchanged, each exactly once, whatever the engine does to the marks."""

from rules.translation import Protected, has_letter, protect
from rules.variables import Variables
from tests._cases import cases
from tests.rows import each

SENT = Variables([("$flow.key.customer-name", "x"), ("$flow.key.name", None)])


@each("row", cases("placeholders"))
def test_placeholder(row):
    protected = protect(row["text"], SENT)
    assert protected.marked == row["marked"]
    assert list(protected.kept) == [part for part in row["kept"].split("|") if part]
    assert protected.restore(protected.marked) == row["text"]
    assert protected.assemble(protected.pieces) == row["text"]


TWO = protect("Hello {a}, pay {b}")


@each(
    ("answer", "restored", "why"),
    [
        ("नमस्ते [[0]], [[1]]", "नमस्ते {a}, {b}", "as sent"),
        ("[[1]] [[0]]", "{b} {a}", "another order"),
        ("[[ 0 ]] [[1\u00a0]]", "{a} {b}", "blanks of any kind inside"),
        ("[[०]] [[१]]", "{a} {b}", "digits of another script"),
        ("［［０］］ [[١]]", "{a} {b}", "full-width brackets and digits, Arabic digits"),
        ("［[0]］[[1]]", "{a}{b}", "brackets mixed"),
        ("[[00]] [[1]]", "{a} {b}", "a zero in front"),
        ("[[0]] [[0]] [[1]]", None, "one twice"),
        ("[[0]]", None, "one lost"),
        ("", None, "all lost"),
        ("[[0]] [[1]] [[2]]", None, "one too many"),
        ("[0] [[1]]", None, "a bracket lost"),
        ("[[0] ] [[1]]", None, "brackets torn apart"),
        ("[[9999999]] [[0]] [[1]]", "[[9999999]] {a} {b}", "no mark of ours: too many digits"),
    ],
)
def test_marks_in_the_answer(answer, restored, why):
    assert TWO.restore(answer) == restored, why


@each(
    ("text", "pieces", "answers", "result", "why"),
    [
        ("Dear {name}!", ["Dear "], ["प्रिय "], "प्रिय {name}!", "the worked example"),
        ("Dear {name}!", ["Dear "], ["प्रिय"], "प्रिय {name}!", "the blank is kept if dropped"),
        ("{a} and {b}", [" and "], ["  और"], "{a} और {b}", "blanks at both ends"),
        ("a{x}1{y}c", ["a", "c"], ["A", "C"], "A{x}1{y}C", "a piece without letters is not sent"),
        ("{x}", [], [], "{x}", "nothing to translate"),
        ("a\n {x}", ["a\n "], ["b"], "b\n {x}", "line breaks count as blanks"),
    ],
)
def test_piece_by_piece(text, pieces, answers, result, why):
    protected = protect(text)
    assert list(protected.pieces) == pieces, why
    assert protected.assemble(answers) == result, why


@each(
    ("text", "unmarkable"),
    [
        ("see [[1]] and {x}", True),
        ("see ［[ 1 and {x}", True),
        ("see [[1]]", False),  # nothing is marked, so nothing can be mistaken
        ("see [1] [[a]] {x}", False),
        ("[[{x}]]", False),
    ],
)
def test_text_that_looks_like_a_mark(text, unmarkable):
    assert protect(text).unmarkable is unmarkable


def test_brackets_around_a_placeholder_are_no_mark():
    protected = protect("[[{x}]] y")
    assert protected.marked == "[[[[0]]]] y"
    assert protected.restore(protected.marked) == "[[{x}]] y"


@each(
    ("text", "expected"),
    [("98480 12345", False), ("", False), ("!?, ", False), ("५", False), ("ज", True), ("x", True)],
)
def test_letters_of_any_script(text, expected):
    assert has_letter(text) is expected


def test_translatable_looks_outside_placeholders():
    assert not protect("{name}: https://x.example/a 12").translatable
    assert protect("{name} a").translatable
    assert Protected(("1", "2"), ("x",)).translatable is False


def test_long_hostile_texts_are_cut_in_no_time():
    for text in ("{" * 5000, "a" * 5000 + "@", "%(" * 2500, "[[" * 2500, "$flow.key." * 500):
        assert protect(text).assemble(protect(text).pieces) == text
