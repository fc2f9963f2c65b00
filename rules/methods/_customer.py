"""Fields by which methods address a customer: contact id and account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field, Unusable
from rules.errors import UnreadableNumber
from rules.prefs import contact_hash, contact_id

if TYPE_CHECKING:
    from rules.methods._method import Call

__all__ = ["CONTACT", "CUSTOMER_ACCOUNT", "kept_under", "short_text"]

_LONGEST_ACCOUNT = 200


def short_text(value: str, longest: int = 200) -> str:
    """A text that a database can keep, of at most so many characters."""
    if len(value) > longest:
        raise Unusable(f"has at most {longest} characters", "TOO_LONG")
    if "\0" in value:
        raise Unusable("holds a NUL character, which no database keeps")
    return value


_WRONG = {
    "MASKED_NUMBER": "digits are masked; send the whole number, or another id of the customer",
    "LETTERED_NUMBER": "letters stand among the digits; send the number in digits",
}


def read_contact(value: str) -> str:
    """The normalised contact id."""
    try:
        return contact_id(short_text(value)).value
    except UnreadableNumber as error:
        raise Unusable(_WRONG.get(error.code, str(error)), error.code) from None


CONTACT: Field[str] = Field(
    "$user.syskey.contactNumber", read_contact, "the customer: phone number or any other id"
)
CUSTOMER_ACCOUNT: Field[str] = Field(
    "$user.syskey.accountID", short_text, "the account that remembers"
)


def kept_under(call: Call) -> tuple[str, ...]:
    """The contact, and the hash its consents and its log have after erasing."""
    contact, key = call[CONTACT], call.services.settings.hash_key
    return (contact, contact_hash(key, contact)) if key else (contact,)
