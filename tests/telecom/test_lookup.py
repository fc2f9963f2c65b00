from __future__ import annotations

import subprocess
import sys

from rules.telecom import CallBack, Confidence, lookup
from rules.telecom.contact import contact_id
from rules.telecom.tables import plan
from tests.rows import each


def test_numbers_of_one_block_share_their_record():
    assert lookup("9848012345").record is lookup("+919848099999").record
    assert lookup("98480 12345").record == lookup("9848012345").record


def test_an_answer_says_what_it_rests_on():
    found = lookup("9848012345")
    assert found.sources[:2] == ("lpn2019", "tcf2021")
    assert (found.as_of, found.basis) == ("2021-06", "allocation")
    fixed = lookup("080 4123 4567")
    assert (fixed.sources, fixed.basis, fixed.state) == (("geo-in",), "area_code", "Karnataka")
    assert lookup("1800123456").sources == ("classes",)
    assert lookup("+971501234567").sources == ()


def test_what_is_below_the_wanted_grade_is_blank():
    found = lookup("6000123456")
    assert (found.operator, found.operator_confidence) == ("Reliance Jio", "low")
    shown = found.at(Confidence.MEDIUM)
    assert (shown.operator, shown.operator_now, shown.operator_confidence) == ("", "", "low")
    assert found.at(Confidence.LOW).operator == "Reliance Jio"
    assert lookup("9848012345").at(Confidence.HIGH) == lookup("9848012345")


def test_a_closed_operator_serves_nobody():
    prefix = next(p for p, series in plan().series.items() if series.operator == "Aircel")
    found = lookup(prefix.ljust(10, "1"))
    assert (found.operator, found.operator_now, found.circle_confidence) == ("Aircel", "", "low")


@each(
    ("text", "answer"),
    [
        ("9848012345", CallBack.YES),
        ("080 4123 4567", CallBack.YES),
        ("1600114123", CallBack.NO),
        ("1409305260", CallBack.NO),
        ("1800123456", CallBack.INBOUND_ONLY),
        ("18603451234", CallBack.INBOUND_ONLY),
        ("1861123456789", CallBack.INBOUND_ONLY),
        ("5755512345678", CallBack.NO),
        ("112", CallBack.NO),
        ("56767", CallBack.NO),
        ("VM-HDFCBK", CallBack.NO),
        ("+870773123456", CallBack.VARIES),
        ("+971501234567", CallBack.YES),
        ("", CallBack.NO),
        ("98480XXXXX", CallBack.NO),
    ],
)
def test_who_can_be_called_back(text, answer):
    assert lookup(text).can_call_back is answer


def test_a_contact_reads_again_as_itself():
    assert contact_id("+65 6123 4567").written == "+6561234567"
    assert contact_id("CUST-1").written == "CUST-1"


def test_the_phone_library_is_loaded_for_a_foreign_number_only():
    script = (
        "import sys; from rules.telecom import *; from rules.telecom.tables import plan\n"
        "print(plan.cache_info().currsize, 'flask' in sys.modules)\n"
        "find_language('98480 12345'); lookup('VM-HDFCBK'); lookup('1800123456'); lookup('x')\n"
        "print(plan.cache_info().currsize, 'phonenumbers' in sys.modules)\n"
        "lookup('+971501234567'); print('phonenumbers' in sys.modules)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.split() == ["0", "False", "1", "False", "True"]
