from __future__ import annotations

import subprocess
import sys

import pytest

from rules.errors import ContactTooLong, RulesError, UnreadableNumber
from rules.telecom.contact import ContactKind, agent_number, contact_id, phone_digits
from tests._cases import cases
from tests.rows import each


def outcome(rule, text):
    try:
        found = rule(text)
    except RulesError as error:
        return error.code
    return getattr(found, "value", found)


@each("row", cases("contact_ids"))
def test_contact_ids_and_agent_numbers(row):
    assert outcome(contact_id, row["text"]) == row["contact"]
    assert outcome(agent_number, row["text"]) == row["cli"]


@each("row", cases("contact_ids"))
def test_a_contact_is_a_phone_number_where_an_agent_number_can_be_read(row):
    digits = phone_digits(row["text"])
    assert (digits is None) == (
        row["cli"] in {"INVALID_NUMBER", "MASKED_NUMBER", "LETTERED_NUMBER"}
    )
    if digits is not None:
        assert contact_id(row["text"]).kind is ContactKind.PHONE
        assert digits == row["contact"] == row["cli"]


def test_ids_are_limited_in_length_but_numbers_are_not():
    assert contact_id(" " + "a" * 200).value == "a" * 200
    with pytest.raises(ContactTooLong, match="200 characters"):
        contact_id("a" * 201)
    assert contact_id("-" * 300 + "9876543210").value == "919876543210"


def test_a_refusal_never_shows_the_number():
    with pytest.raises(UnreadableNumber) as caught:
        contact_id("98799XXXXX")
    assert "98799" not in repr(caught.value)


def test_reading_contacts_loads_neither_tables_nor_the_phone_library():
    script = "import sys, rules.telecom.contact; print('phonenumbers' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "False\n"
