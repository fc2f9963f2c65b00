"""From any spelling of a number to its national digits: clean first, refuse last.

Masks and letters are refused before a phone library sees the text, because libraries read letters
as keypad digits. The country code goes by length, never by leading digits. What a ten-digit number
is (mobile, fixed) is decided elsewhere, from the blocks.

>>> read_digits("+91 (0) 98480 12345").national, read_digits("098480-12345").national
('9848012345', '9848012345')
>>> read_digits("98480XXXXX"), read_digits("98480 TAXI9")
(<Reason.MASKED_NUMBER: 'MASKED_NUMBER'>, <Reason.LETTERED_NUMBER: 'LETTERED_NUMBER'>)
>>> read_digits("0044 20 7946 0958").country
'GB'
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.telecom.spelling import MASKS, SEPARATORS, WITHHELD, plain
from rules.telecom.tables import plan
from rules.telecom.words import NumberClass, Reason

__all__ = ["Digits", "read_digits"]

LONGEST = 64
_QUOTED = re.compile(r"<([^<>]*)>")
_SCHEME = re.compile(r"(?i:tel|sips?):([^;@]*)")
_WHOLE = re.compile(r"(?<=[0-9])\.00?\Z")
_HEADER = re.compile(r"[A-Za-z]{2}-[A-Za-z0-9]{3,9}(-[A-Za-z])?")
_EXPONENT = re.compile(r"[+]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_EXTENSION = re.compile(r"(?i)[\s,;.]*(?<![a-z])(?:extension|extn|ext)[\s.:]*[0-9]{1,6}\Z")
_MASKED = re.compile(rf"(?=.*[{MASKS}_])[0-9+\s\-.()/{MASKS}_]*", re.DOTALL)
_SEVERAL = re.compile(r"[,;/|\r\n]")
_DIGITS = re.compile(r"\+?[0-9]+")
_EMERGENCY = frozenset({"112", "100", "101", "102", "108"})
_SHORT = re.compile(r"1[0-9]{2,5}|5[0-9]{3,8}")
_SERVED_ABROAD = re.compile(r"000800[0-9]{7}")
_SATELLITE = ("870", "8816", "8817", "8818", "8819", "88216")


@dataclass(frozen=True, slots=True)
class Digits:
    """A number's national digits; `line` is its class where the plan need not be asked for it.

    `e164` is filled for another country only.
    """

    national: str
    line: NumberClass | None = None
    trunk_zero: bool = False
    country: str = "IN"
    e164: str = ""


def read_digits(text: str) -> Digits | Reason:
    """The digits of a text, or the reason why it holds no readable number."""
    cleaned = plain(text)
    if len(cleaned) > LONGEST:
        return Reason.TOO_LONG
    cleaned = _unwrapped(cleaned)
    squeezed = SEPARATORS.sub("", cleaned)
    if " ".join(cleaned.casefold().split()) in WITHHELD or set(squeezed) == {"0"}:
        return Reason.WITHHELD
    if _HEADER.fullmatch(cleaned):
        return Digits(cleaned.upper(), NumberClass.SENDER_HEADER)
    if _EXPONENT.fullmatch(cleaned):
        return Reason.EXPONENT_NUMBER
    cleaned = _EXTENSION.sub("", cleaned)
    return _refusal(cleaned) or _from_digits(SEPARATORS.sub("", cleaned))


def _unwrapped(text: str) -> str:
    """Without what programs put around a number."""
    if found := _QUOTED.search(text):
        text = found[1].strip()
    if found := _SCHEME.match(text):
        text = found[1].strip()
    text = text.removeprefix("'").strip()
    whole = _WHOLE.sub("", text)
    return whole if sum(map(str.isdigit, whole)) >= 8 else text


def _refusal(text: str) -> Reason | None:
    if _MASKED.fullmatch(text):
        return Reason.MASKED_NUMBER
    if any(map(str.isalpha, text)):
        return Reason.LETTERED_NUMBER
    if sum(sum(map(str.isdigit, part)) >= 8 for part in _SEVERAL.split(text)) > 1:
        return Reason.SEVERAL_NUMBERS
    return None if _DIGITS.fullmatch(SEPARATORS.sub("", text)) else Reason.UNREADABLE


def _from_digits(digits: str) -> Digits | Reason:
    if _SERVED_ABROAD.fullmatch(digits):
        return Digits(digits, NumberClass.TOLL_FREE)
    if digits.startswith(("+", "00")):
        international = digits[1 if digits[0] == "+" else 2 :]
        if international.startswith("91"):
            return _with_code(international[2:].removeprefix("0"))
        return _foreign(international)
    if digits in _EMERGENCY:
        return Digits(digits, NumberClass.EMERGENCY)
    if _SHORT.fullmatch(digits):
        return Digits(digits, NumberClass.SHORT_CODE)
    return _national(digits)


def _with_code(national: str) -> Digits | Reason:
    if len(national) == 13 and national[0] != "0":
        return Digits(national, plan().special_class(national) or NumberClass.M2M)
    return _special(national) or (Digits(national) if len(national) == 10 else Reason.WRONG_LENGTH)


def _national(digits: str) -> Digits | Reason:
    """Indian digits without an international sign: the first line of the table that fits."""
    size = len(digits)
    if found := _special(digits):
        return found
    if size == 10 and digits[0] != "0":
        return Digits(digits)
    if digits[0] == "0" and (size == 11 or _special(digits[1:])):
        return _special(digits[1:], trunk_zero=True) or Digits(digits[1:], trunk_zero=True)
    if digits.startswith("91") and (size in {12, 15} or _special(digits[2:])):
        return _with_code(digits[2:])
    return _thirteen(digits) if size == 13 else Reason.WRONG_LENGTH


def _thirteen(digits: str) -> Digits | Reason:
    if digits.startswith(("091", "910")):
        trunk_zero = digits[2] == "0"
        return _special(digits[3:], trunk_zero=trunk_zero) or Digits(
            digits[3:], trunk_zero=trunk_zero
        )
    return Reason.WRONG_LENGTH if digits[0] == "0" else Digits(digits, NumberClass.M2M)


def _special(national: str, *, trunk_zero: bool = False) -> Digits | None:
    line = plan().special_class(national)
    return Digits(national, line, trunk_zero) if line else None


def _foreign(digits: str) -> Digits | Reason:
    """A number of another country; the phone library is loaded here and nowhere else."""
    import phonenumbers  # noqa: PLC0415  takes longer to load than all our tables

    written = phonenumbers.PhoneNumberFormat.E164
    try:
        number = phonenumbers.parse(f"+{digits}")
        e164 = phonenumbers.format_number(number, written)
        while (again := phonenumbers.parse(e164)) != number:  # it may drop a zero at each reading
            number, e164 = again, phonenumbers.format_number(again, written)
    except phonenumbers.NumberParseException as error:
        unknown = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        return Reason.UNKNOWN_COUNTRY if unknown else Reason.WRONG_LENGTH
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return Reason.WRONG_LENGTH
    country = phonenumbers.region_code_for_number(number)
    country = country or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return Digits(
        phonenumbers.national_significant_number(number),
        NumberClass.SATELLITE if digits.startswith(_SATELLITE) else NumberClass.FOREIGN,
        country=country if len(country) == 2 else "",
        e164=e164,
    )
