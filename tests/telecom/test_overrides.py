from __future__ import annotations

import pytest

from rules.errors import SettingMistake
from rules.telecom import NumberClass, TelecomSettings, find_language, lookup
from rules.telecom.overrides import NO_OVERRIDES, Override, read_overrides
from tests.rows import each

TABLE = """\
number,operator,circle,language,class,note
98,Airtel,,,,two digits
98480,Jio,KA,,,moved
+91 98480-12345,,Tamil Nadu,urdu,,one customer
+9715,Etisalat UAE,,ar,,abroad
139,,,,toll_free,a short code
"""


def test_the_longest_prefix_wins():
    overrides = read_overrides(TABLE)
    assert overrides
    assert overrides.find("9848012345", "+919848012345").circle == "Tamil Nadu"
    assert overrides.find("9848012346", "+919848012346").operator == "Reliance Jio"
    assert overrides.find("9811012345", "+919811012345") == Override(operator="Airtel")
    assert overrides.find("7000000000", "+917000000000") is None
    assert overrides.find("", "") is None


def test_numbers_of_other_countries_are_found_by_their_international_form():
    overrides = read_overrides(TABLE)
    assert overrides.find("501234567", "+971501234567").operator == "Etisalat UAE"
    assert overrides.find("9848012345", "+449848012345") is None


def test_no_overrides_are_false():
    assert not NO_OVERRIDES
    assert not read_overrides("number,circle\n")
    assert NO_OVERRIDES.find("9848012345", "") is None


def test_each_field_is_overridden_apart():
    settings = TelecomSettings(overrides=read_overrides(TABLE))
    found = lookup("9848012345", settings=settings)
    assert (found.operator, found.circle, found.circle_code) == ("Idea", "Tamil Nadu", "TN")
    assert (found.basis, found.circle_confidence) == ("override", "high")
    assert found.place == ""
    assert found.number.number_class is NumberClass.MOBILE
    answer = find_language("9848012345", ["Urdu", "TAMIL"], settings=settings)
    assert (answer.name, answer.basis) == ("Urdu", "override")
    assert find_language("9848012345", ["TAMIL"], settings=settings).basis == "circle"
    assert find_language("9848012345", settings=settings).name == "URDU"


def test_a_number_without_an_override_stays_as_it_is():
    settings = TelecomSettings(overrides=read_overrides("number,language\n98480,TAMIL\n"))
    assert lookup("9414012345", settings=settings) == lookup("9414012345")
    found = lookup("9848012345", settings=settings)
    assert (found.record, found.language) == (lookup("9848012345").record, "TAMIL")


def test_an_overridden_class_leaves_the_number_as_it_was_read():
    settings = TelecomSettings(overrides=read_overrides("number,class\n98480,PROMOTION\n"))
    found = lookup("9848012345", settings=settings)
    assert (found.number_class, found.can_call_back) == (NumberClass.PROMOTION, "no")
    assert found.number.number_class is NumberClass.MOBILE
    assert found.number.e164 == "+919848012345"


def test_unreadable_texts_stay_unreadable():
    settings = TelecomSettings(overrides=read_overrides("number,class\n98,MOBILE\n11,MOBILE\n"))
    assert lookup("98480XXXXX", settings=settings).reason == "MASKED_NUMBER"
    assert lookup("", settings=settings).reason == "WITHHELD"
    assert lookup("1111111111", settings=settings).number_class is NumberClass.MOBILE
    silent = TelecomSettings(overrides=read_overrides("number,operator\n11,Airtel\n"))
    assert lookup("1111111111", settings=silent).reason == "NOT_IN_PLAN"


@each(
    ("text", "message"),
    [
        ("", "line 1: wanted is a header"),
        ("operator\nAirtel\n", "line 1: wanted is a header"),
        ("number,colour\n98,red\n", "line 1: wanted is a header"),
        ("number,circle\n98,Goa State\n", "line 2: no circle 'Goa State'"),
        ("number,class\n98,FAX\n", "line 2: no class 'FAX'"),
        ("number,circle\n9,KA\n", "line 2: number needs two or more"),
        ("number,circle\n98480X,KA\n", "line 2: number needs two or more"),
        ("number,circle\n,KA\n", "line 2: number needs two or more"),
        ("number,circle\n98,KA\n+9198,KA\n", "line 3: this number stands twice"),
        ("number,circle\n98\n", "line 2: another number of cells"),
        ("number,circle\n98,KA,x\n", "line 2: another number of cells"),
        ('number,circle\n98,"KA\n', "unexpected end of data"),
    ],
)
def test_a_bad_row_refuses_the_file_with_its_line(text, message):
    with pytest.raises(SettingMistake) as caught:
        read_overrides(text)
    assert caught.value.key == "number_overrides"
    assert message in caught.value.message


def test_all_bad_lines_are_named():
    with pytest.raises(SettingMistake, match=r"line 2: .*; line 3: .*; line 3: "):
        read_overrides("number,circle,class\n9,,\n98,Atlantis,FAX\n")
