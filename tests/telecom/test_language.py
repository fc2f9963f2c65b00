from __future__ import annotations

from rules.telecom import Confidence, Source, TelecomSettings, find_language
from rules.telecom.language import choose_language
from rules.telecom.lookup import lookup
from tests._cases import cases
from tests.rows import each

DOCUMENTED = (
    "HINDI,ENGLISH,TELGU,TAMIL,KANNADA,MALAYALAM,MARATHI,GUJARATI,BENGALI,PUNJABI,ORIYA,ASSAMESE,"
    "RAJASTHANI,URDU,KASHMIRI,KONKANI,NEPALI,SINDHI,MANIPURI,BODO,DOGRI,MAITHILI,SANTALI,SANSKRIT"
)


def listed(text):
    text = DOCUMENTED if text == "L" else text
    return text.replace(";", ",").split(",") if text else None


@each("row", cases("find_language"))
def test_language_of_a_caller(row):
    source = Source.read(row["source"])
    answer = find_language(row["cli"], listed(row["list"]), source=source)
    found = answer.lookup.at(Confidence.MEDIUM)
    assert {
        "operator": found.operator.upper(),
        "now": found.operator_now.upper(),
        "circle": found.circle.upper(),
        "confidence": found.circle_confidence or "",
        "language": answer.name,
        "basis": answer.basis,
        "class": found.number_class,
        "reason": found.reason or "",
    }.items() <= row.items()
    assert (found.number is not None and found.number.ambiguous) == (row["ambiguous"] == "yes")


def test_a_low_circle_counts_when_the_account_says_so():
    low = TelecomSettings(min_confidence=Confidence.LOW)
    assert find_language("VM-HDFCBK", settings=low).canonical == "MARATHI"
    assert find_language("VM-HDFCBK").canonical == "HINDI"
    high = TelecomSettings(min_confidence=Confidence.HIGH)
    assert find_language("917574812345", settings=high).basis == "fallback"


def test_fallbacks_of_the_account_and_of_callers_from_abroad():
    settings = TelecomSettings(
        fallback_languages=("TAMIL",), foreign_fallback_languages=("ENGLISH", "TAMIL")
    )
    assert find_language("anonymous", settings=settings).name == "TAMIL"
    assert find_language("+971501234567", settings=settings).name == "ENGLISH"
    assert find_language("+870773123456", ["tamil", "en"], settings=settings).name == "en"
    assert find_language("anonymous", ["english", "hindi"], settings=settings).name == "english"


def test_a_language_can_be_chosen_for_a_number_looked_up_before():
    found = lookup("9848012345")
    assert choose_language(found, iter(["HINDI", "TE"])).name == "TE"
    assert choose_language(found, []).basis == "circle_default"


def test_a_list_may_be_one_text():
    assert find_language("9848012345", "TELGU;HINDI").name == "TELGU"
    assert find_language("9848012345", "").name == "TELUGU"
