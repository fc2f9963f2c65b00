"""Translation: languages in any spelling, placeholders that survive, what an engine's answer means.

The engine itself is handed in: adapters for real ones are in `rules.gateways.translate`.

>>> language_code("TELGU"), language_code("RAJASTHANI"), language_name("hi-Latn")
('te', None, 'Hindi')
"""

from rules.translation.languages import Codes, Row, language_code, language_name, read_codes
from rules.translation.placeholders import Protected, has_letter, protect
from rules.translation.rule import (
    FALLBACK_REASONS,
    LONGEST_TEXT,
    NO_ENGINE,
    Engine,
    Plan,
    Translation,
    TranslationRequest,
    carry_out,
    is_usable_key,
    plan,
    translate,
)
from rules.translation.settings import TRANSLATION, TranslationSettings
from rules.translation.wire import (
    EngineAnswer,
    EngineSettings,
    Pair,
    Prepared,
    Reason,
    prepare,
    read_answer,
    wording,
)

__all__ = [
    "FALLBACK_REASONS",
    "LONGEST_TEXT",
    "NO_ENGINE",
    "TRANSLATION",
    "Codes",
    "Engine",
    "EngineAnswer",
    "EngineSettings",
    "Pair",
    "Plan",
    "Prepared",
    "Protected",
    "Reason",
    "Row",
    "Translation",
    "TranslationRequest",
    "TranslationSettings",
    "carry_out",
    "has_letter",
    "is_usable_key",
    "language_code",
    "language_name",
    "plan",
    "prepare",
    "protect",
    "read_answer",
    "read_codes",
    "translate",
    "wording",
]
