"""Readers shared by all methods."""

from __future__ import annotations

from enum import Enum

import pytest

from rules.envelope import Unusable, boolean, choice, integer, items, text, within
from rules.envelope.readers import quote
from tests.rows import each


class Colour(Enum):
    RED = "Red"
    BLUE = "Blue"


@each(
    ("sent", "read"),
    [
        *[("5", 5), ("+5", 5), ("-5", -5), ("5.0", 5), ("5.", 5), ("५", 5), ("007", 7), ("0", 0)],
        *[("५.०", 5), ("-5.००", -5), ("9" * 31, 10**31 - 1), ("-" + "9" * 4300, 1 - 10**4300)],
    ],
)
def test_integer(sent, read):
    assert integer(sent) == read


@each("sent", ["5.5", "1e3", "", "five", "0x5", "5 5", "--5", "५.५"])
def test_no_integer(sent):
    with pytest.raises(Unusable) as refusal:
        integer(sent)
    assert refusal.value.code == "NOT_AN_INTEGER"


def test_a_number_longer_than_can_be_read():
    with pytest.raises(Unusable, match=r"has more than 4,300 digits") as refusal:
        integer("9" * 4301)
    assert refusal.value.code == "OUT_OF_RANGE"


@each("sent", ["true", "YES", "on", "1"])
def test_true(sent):
    assert boolean(sent) is True


@each("sent", ["False", "no", "OFF", "0"])
def test_false(sent):
    assert boolean(sent) is False


def test_no_boolean():
    with pytest.raises(Unusable) as refusal:
        boolean("maybe")
    assert refusal.value.code == "NOT_A_BOOLEAN"


def test_choice():
    read = choice(Colour)
    assert read("rED") is Colour.RED
    with pytest.raises(Unusable, match="did you mean 'Blue'"):
        read("blu")
    with pytest.raises(Unusable, match=r"none of Red, Blue$"):
        read("xyz")


def test_within():
    assert within(1, 5)("5") == 5
    assert within(1)("500") == 500
    with pytest.raises(Unusable, match="is not from 1 to 5"):
        within(1, 5)("6")
    with pytest.raises(Unusable, match="is not 1 or more"):
        within(1)("0")


def test_items_and_text():
    assert items(" a;b , ,c;;") == ("a", "b", "c")
    assert items("") == ()
    assert text("as it is") == "as it is"


def test_a_quote_is_short_and_of_one_line():
    assert quote("a\nb") == "'a b'"
    assert quote("x" * 1000) == "'" + "x" * 60 + "...'"
