"""The closed lists of words of telecom lookups: classes, reasons, grades, bases.

>>> Confidence.HIGH.reaches(Confidence.MEDIUM), Source.read("Land Line"), Source.read("sip")
(True, <Source.LANDLINE: 'LANDLINE'>, None)
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "Basis",
    "CallBack",
    "Confidence",
    "LanguageBasis",
    "NumberClass",
    "Reason",
    "Source",
]


class NumberClass(StrEnum):
    """What kind of number it is."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    SERVICE_GOVERNMENT = "SERVICE_GOVERNMENT"
    SERVICE_FINANCIAL = "SERVICE_FINANCIAL"
    PROMOTION = "PROMOTION"
    TOLL_FREE = "TOLL_FREE"
    SHARED_COST = "SHARED_COST"
    PREMIUM = "PREMIUM"
    M2M = "M2M"
    EMERGENCY = "EMERGENCY"
    SHORT_CODE = "SHORT_CODE"
    SENDER_HEADER = "SENDER_HEADER"
    SATELLITE = "SATELLITE"
    FOREIGN = "FOREIGN"
    WITHHELD = "WITHHELD"
    INVALID = "INVALID"


class Reason(StrEnum):
    """Why a text is no readable number."""

    TOO_LONG = "TOO_LONG"
    WITHHELD = "WITHHELD"
    EXPONENT_NUMBER = "EXPONENT_NUMBER"
    MASKED_NUMBER = "MASKED_NUMBER"
    LETTERED_NUMBER = "LETTERED_NUMBER"
    SEVERAL_NUMBERS = "SEVERAL_NUMBERS"
    UNREADABLE = "UNREADABLE"
    WRONG_LENGTH = "WRONG_LENGTH"
    UNKNOWN_COUNTRY = "UNKNOWN_COUNTRY"
    NOT_IN_PLAN = "NOT_IN_PLAN"


class Confidence(StrEnum):
    """How sure a value is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def reaches(self, wanted: Confidence) -> bool:
        """Is this grade as good as the wanted one?"""
        return _ORDER[self] >= _ORDER[wanted]


_ORDER = {Confidence.LOW: 0, Confidence.MEDIUM: 1, Confidence.HIGH: 2}


class Basis(StrEnum):
    """What the answer about a number rests on."""

    ALLOCATION = "allocation"
    AREA_CODE = "area_code"
    CLASS = "class"
    LIVE = "live"
    OVERRIDE = "override"


class LanguageBasis(StrEnum):
    """Why a language was chosen."""

    CIRCLE = "circle"
    CIRCLE_DEFAULT = "circle_default"
    FALLBACK = "fallback"
    FIRST_SUPPORTED = "first_supported"
    OVERRIDE = "override"
    PREFERENCE = "preference"


class CallBack(StrEnum):
    """Can the number be called back?"""

    YES = "yes"
    NO = "no"
    INBOUND_ONLY = "inbound only"
    VARIES = "varies"


class Source(StrEnum):
    """The kind of line a call is said to come from."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"

    @classmethod
    def read(cls, text: str) -> Source | None:
        """The kind a word means, any case; another word is as if nothing were said."""
        return _SOURCES.get(" ".join(text.upper().split()))


_SOURCES = {"MOBILE": Source.MOBILE}
_SOURCES |= dict.fromkeys(("LANDLINE", "LAND LINE", "FIXED", "FIXED LINE", "PSTN"), Source.LANDLINE)
