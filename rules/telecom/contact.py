"""Contact ids: under which name a customer or an agent is kept.

A contact id is a phone number or any other id of the customer. Every spelling of one Indian number
is one record: the country code goes **by length, never by leading digits**. No numbering plan is
asked here (that is `rules.telecom.number`): a stored customer must not be lost because a table is
old. Source: the normalising table for preferences, pauses and outbound calls.

>>> contact_id("080003-74123").value, contact_id("+91 80003 74123").value
('918000374123', '918000374123')
>>> contact_id("CUST-00123").value, phone_digits("163")
('CUST-00123', None)
>>> contact_id("8000374XXX")
Traceback (most recent call last):
rules.errors.MaskedNumber: no usable phone number: MASKED_NUMBER
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rules.errors import ContactTooLong, InvalidNumber, LetteredNumber, MaskedNumber
from rules.telecom.spelling import MASKS, WITHHELD, bare, plain

__all__ = ["ContactId", "ContactKind", "agent_number", "contact_id", "phone_digits"]

LONGEST = 200
_DIGITS_ONLY = re.compile(r"[0-9+]*")
_MASKED = re.compile(rf"(?=[^0-9]*[0-9])(?=.*[{MASKS}])[0-9+{MASKS}]*")
_LOOK_ALIKES = re.compile(r"(?=.{10,13}\Z)[0-9][0-9OoIl]*[OoIl][0-9OoIl]*")


class ContactKind(StrEnum):
    """What a contact id is."""

    PHONE = "phone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ContactId:
    """The name a contact is kept under: digits with country code, or the id as it was sent."""

    kind: ContactKind
    value: str

    @property
    def written(self) -> str:
        """A text that reads as this very contact id again: a phone number gets its `+`."""
        return f"+{self.value}" if self.kind is ContactKind.PHONE else self.value


def phone_digits(text: str) -> str | None:
    """Digits with country code, `None` when the text is no phone number."""
    return _phone_digits(bare(text))


def contact_id(text: str) -> ContactId:
    """Whom a text means; raises `MaskedNumber`, `LetteredNumber`, `ContactTooLong`."""
    cleaned = bare(text)
    if (digits := _phone_digits(cleaned)) is not None:
        return ContactId(ContactKind.PHONE, digits)
    text = text.strip()
    if not _DIGITS_ONLY.fullmatch(cleaned):
        if _MASKED.fullmatch(cleaned):
            raise MaskedNumber
        if _LOOK_ALIKES.fullmatch(cleaned) or (cleaned[:1] == "+" and _has_letters(cleaned)):
            raise LetteredNumber
    if len(text) > LONGEST:
        raise ContactTooLong(f"a contact id has at most {LONGEST} characters")
    return ContactId(ContactKind.OTHER, text)


def agent_number(text: str) -> str:
    """Digits of an agent's number; raises `MaskedNumber`, `LetteredNumber`, `InvalidNumber`."""
    cleaned = bare(text)
    if (digits := _phone_digits(cleaned)) is not None:
        return digits
    if _MASKED.fullmatch(cleaned):
        raise MaskedNumber
    if plain(text).casefold() not in WITHHELD and _has_letters(cleaned):
        raise LetteredNumber
    raise InvalidNumber


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def _phone_digits(cleaned: str) -> str | None:
    international = cleaned.startswith(("+", "00"))
    digits = cleaned[1 if cleaned[:1] == "+" else 2 :] if international else cleaned
    if not (digits.isascii() and digits.isdigit()):
        return None
    return _international(digits) if international else _national(digits)


def _international(digits: str) -> str | None:
    if not digits.startswith("91"):
        return digits if 8 <= len(digits) <= 15 and digits[0] != "0" else None
    national = digits[3:] if len(digits) == 13 and digits[2] == "0" else digits[2:]
    return f"91{national}" if len(national) == 10 else None


def _national(digits: str) -> str | None:
    indian = {
        10: digits[0] != "0",
        11: digits[0] == "0",
        12: digits.startswith("91"),
        13: digits.startswith(("091", "910")),
    }
    return f"91{digits[-10:]}" if indian.get(len(digits)) else None
