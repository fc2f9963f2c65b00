"""The laws of telecom lookups, for any text."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from rules.telecom import (
    Confidence,
    LanguageBasis,
    NumberClass,
    Source,
    TelecomSettings,
    find_language,
    lookup,
)
from rules.telecom.tables import EITHER, FIXED, MOBILE, plan

DIGITS = st.from_regex(r"(\+|00)?(0|91|091|910)?[0-9]{1,13}", fullmatch=True)
HOSTILE = st.text(
    alphabet="0123456789+ -.()/xX*#?•…_eEtTlLsSip:;@<>',|\n०९９\u200e\u2013", max_size=30
)
SERIES = st.sampled_from(sorted(plan().series)).flatmap(
    lambda prefix: st.from_regex(
        rf"(91|\+91|0)?{prefix}[0-9]{{{10 - len(prefix)}}}", fullmatch=True
    )
)
TEXTS = DIGITS | HOSTILE | SERIES | st.text(max_size=70)
LANGUAGES = st.lists(
    st.sampled_from(
        ["HINDI", "hindi", " English ", "TELGU", "te", "Oriya", "ta-IN", "Marathi", "", "Klingon"]
    ),
    max_size=8,
)
SOURCES = st.sampled_from([None, Source.MOBILE, Source.LANDLINE])


@given(TEXTS, LANGUAGES | st.none(), SOURCES)
@example("\ud800", ["HINDI"], None)
def test_no_text_makes_a_lookup_raise_and_the_language_is_never_empty(text, languages, source):
    answer = find_language(text, languages, source=source)
    assert answer.lookup == lookup(text, source=source)
    assert answer.name
    entries = [entry.strip() for entry in languages or () if entry.strip()]
    assert answer.name in entries or not entries
    assert (answer.lookup.number is None) == (answer.lookup.reason is not None)


@given(TEXTS, LANGUAGES, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_change_the_language_meant(text, languages, draw):
    answer = find_language(text, languages)
    shuffled = list(languages)
    draw.shuffle(shuffled)
    again = find_language(text, shuffled)
    if answer.basis in {LanguageBasis.CIRCLE, LanguageBasis.FALLBACK}:
        assert (again.canonical, again.basis) == (answer.canonical, answer.basis)


@given(TEXTS, SOURCES)
def test_a_higher_wanted_grade_only_takes_away(text, source):
    found = lookup(text, source=source)
    before = found.at(Confidence.LOW)
    for wanted in (Confidence.MEDIUM, Confidence.HIGH):
        after = found.at(wanted)
        assert after.operator in {before.operator, ""}
        assert after.operator_now in {before.operator_now, ""}
        assert after.circle in {before.circle, ""}
        assert bool(after.circle) == bool(after.circle_code)
        before = after


@given(TEXTS, st.sampled_from(list(Confidence)))
def test_the_language_knows_no_more_than_what_is_shown(text, wanted):
    chosen = TelecomSettings(min_confidence=wanted)
    answer = find_language(text, settings=chosen)
    shown = answer.lookup.at(wanted).circle
    assert (answer.basis is LanguageBasis.CIRCLE_DEFAULT) == bool(shown)


@given(TEXTS, SOURCES)
@example("0043000000", None)
def test_the_international_form_reads_as_the_same_class(text, source):
    number = lookup(text, source=source).number
    if number is not None and number.e164 and not number.ambiguous:
        again = lookup(number.e164, source=source).number
        assert again is not None
        assert (again.number_class, again.e164) == (number.number_class, number.e164)
        assert again.national == number.national


TYPES = {
    PhoneNumberType.MOBILE: MOBILE,
    PhoneNumberType.FIXED_LINE: FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: EITHER,
    PhoneNumberType.UNKNOWN: 0,
}


@pytest.mark.parametrize("count", [5_000, pytest.param(200_000, marks=pytest.mark.soak)])
def test_the_type_of_a_number_is_the_phone_library_s(count):
    draw = random.Random(count)
    compared = 0
    for _ in range(count):
        national = str(draw.randrange(1_000_000_000, 10_000_000_000))
        if lookup(national).number_class not in {
            NumberClass.MOBILE,
            NumberClass.LANDLINE,
            NumberClass.INVALID,
        }:
            continue
        number = phonenumbers.PhoneNumber(country_code=91, national_number=int(national))
        assert plan().types[int(national[:6])] == TYPES[phonenumbers.number_type(number)], national
        compared += 1
    assert compared > count * 0.9
