"""Fields by which methods address a customer: contact id and account."""

from __future__ import annotations

from rules.envelope import Field, Unusable
from rules.errors import ContactTooLong, UnreadableNumber
from rules.telecom.contact import contact_id

__all__ = ["CONTACT", "CUSTOMER_ACCOUNT", "short_text"]

_LONGEST_ACCOUNT = 200


def short_text(value: str, longest: int = 200) -> str:
    """A text that a database can keep, of at most so many characters."""
    if len(value) > longest:
        raise Unusable(f"has at most {longest} characters", "TOO_LONG")
    if "\0" in value:
        raise Unusable("holds a NUL character, which no database keeps")
    return value


def contact(value: str) -> str:
    """The normalised contact id."""
    try:
        return contact_id(short_text(value)).value
    except ContactTooLong as error:
        raise Unusable(str(error), error.code) from None
    except UnreadableNumber as error:
        raise Unusable("cannot be told whom it means", error.code) from None


CONTACT: Field[str] = Field(
    "$user.syskey.contactNumber", contact, "the customer: phone number or any other id"
)
CUSTOMER_ACCOUNT: Field[str] = Field(
    "$user.syskey.accountID", short_text, "the account that remembers"
)
