from __future__ import annotations

import pytest

from rules.errors import LetteredNumber, MaskedNumber, UnreadableNumber
from rules.telecom import NumberClass, Source, lookup, read_number
from tests._cases import cases
from tests.rows import each


def text_of(row):
    return row["text"].replace("\\n", "\n")


@each("row", cases("numbers"))
def test_numbers_that_can_be_read(row):
    source = Source.read(row["source"])
    number = read_number(text_of(row), source=source)
    assert number == lookup(text_of(row), source=source).number
    assert number.text == text_of(row)
    assert {
        "class": number.number_class,
        "national": number.national,
        "e164": number.e164,
        "country": number.country,
        "trunk_zero": "yes" if number.trunk_zero else "no",
        "ambiguous": "yes" if number.ambiguous else "no",
    }.items() <= row.items()


@each("row", cases("unreadable_numbers"))
def test_texts_without_a_readable_number(row):
    with pytest.raises(UnreadableNumber) as caught:
        read_number(text_of(row))
    assert caught.value.code == row["reason"]
    found = lookup(text_of(row))
    assert (found.number, found.reason) == (None, row["reason"])
    withheld = row["reason"] == "WITHHELD"
    assert found.number_class is (NumberClass.WITHHELD if withheld else NumberClass.INVALID)
    assert (found.e164, found.operator, found.circle) == ("", "", "")


def test_masks_and_letters_have_errors_of_their_own():
    with pytest.raises(MaskedNumber):
        read_number("98480XXXXX")
    with pytest.raises(LetteredNumber):
        read_number("98480 TAXI9")


@each("text", ["9848012345", "+971501234567", "98480XXXXX", "VM-HDFCBK", "139"])
def test_a_shown_value_holds_five_digits_at_most(text):
    found = lookup(text)
    shown = repr(found) + repr(found.number)
    assert max(map(len, "".join(c if c.isdigit() else " " for c in shown).split()), default=0) <= 5


@each(
    ("word", "source"),
    [
        ("MOBILE", Source.MOBILE),
        ("mobile", Source.MOBILE),
        ("landline", Source.LANDLINE),
        ("FIXED", Source.LANDLINE),
        ("fixed  line", Source.LANDLINE),
        ("Land Line", Source.LANDLINE),
        ("pstn", Source.LANDLINE),
        ("SIP", None),
        ("", None),
    ],
)
def test_kinds_of_line(word, source):
    assert Source.read(word) is source
