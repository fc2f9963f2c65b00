"""Phone numbers of India: class, operator, circle, language.

A prefix says who was **given** the number block and for which service area: not where the number
has been ported since, nor where the person lives. Tables load on first use, the phone library only
for a number of another country.

>>> find_language("919848012345", ["TELGU", "HINDI"]).name
'TELGU'
"""

from rules.errors import UnreadableNumber
from rules.telecom.enrich import enrich, enrich_rows
from rules.telecom.language import choose_language, circle_language, find_language
from rules.telecom.live import LiveAnswer
from rules.telecom.lookup import lookup, read_number
from rules.telecom.model import Language, Lookup, Number
from rules.telecom.settings import TELECOM, TelecomSettings
from rules.telecom.words import (
    Basis,
    CallBack,
    Confidence,
    LanguageBasis,
    NumberClass,
    Reason,
    Source,
)

__all__ = [
    "TELECOM",
    "Basis",
    "CallBack",
    "Confidence",
    "Language",
    "LanguageBasis",
    "LiveAnswer",
    "Lookup",
    "Number",
    "NumberClass",
    "Reason",
    "Source",
    "TelecomSettings",
    "UnreadableNumber",
    "choose_language",
    "circle_language",
    "enrich",
    "enrich_rows",
    "find_language",
    "lookup",
    "read_number",
]
