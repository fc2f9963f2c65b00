from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.errors import ContactTooLong, UnreadableNumber
from rules.telecom.contact import ContactKind, agent_number, contact_id, phone_digits

SIGNS = st.text(alphabet="0123456789+ -.()/xX*#?•●…_OoIlAb९१\u200e", max_size=18)
TEXTS = SIGNS | st.text(max_size=30) | st.from_regex(r"(\+|00)?(91)?0?[0-9]{8,13}", fullmatch=True)


def contact(text):
    try:
        return contact_id(text)
    except (UnreadableNumber, ContactTooLong):
        return None


@given(TEXTS)
def test_a_contact_id_read_again_is_itself(text):
    found = contact(text)
    if found is not None:
        assert contact_id(found.written) == found
        if found.value.startswith("91") and found.kind is ContactKind.PHONE:
            assert contact_id(found.value) == found


@given(TEXTS)
def test_phone_digits_contact_and_agent_agree(text):
    digits = phone_digits(text)
    found = contact(text)
    if digits is None:
        assert found is None or found.kind is ContactKind.OTHER
        assert found is None or found.value == text.strip()
    else:
        assert digits.isascii()
        assert digits.isdigit()
        assert 8 <= len(digits) <= 15
        assert found is not None
        assert found.value == digits == agent_number(text)
