"""T2: languages in any spelling, to codes and back to names."""

from rules.tables import read_table
from rules.translation import Codes, Row, language_code, language_name, read_codes
from rules.translation.languages import COLUMNS, fold
from tests._cases import cases
from tests.rows import each


@each("row", cases("translation_languages"))
def test_t2_language(row):
    assert language_code(row["text"]) == (row["google"] or None)
    assert language_code(row["text"], engine="libre") == (row["libre"] or None)
    if row["google"]:
        assert language_name(row["google"]) == row["name"]
        assert language_name(row["libre"]) == row["name"]


@each(
    ("code", "name"),
    [
        ("hi", "Hindi"),
        ("hi-Latn", "Hindi"),
        ("zh-TW", "Chinese (Traditional)"),
        ("zh-Hans", "Chinese"),
        ("gom", "Konkani"),
        ("xx", "xx"),
        ("sr-Latn", "sr-Latn"),
        ("", ""),
    ],
)
def test_t2_name_of_a_code(code, name):
    assert language_name(code) == name


def test_t2_every_row_is_found_by_all_that_stands_in_it():
    codes = read_codes()
    for cells in read_table("translation_codes", COLUMNS):
        row = Row(*cells)
        for text in (row.language, row.name, row.google, row.libre):
            assert codes.find(text) == row
            assert codes.find(f" {text.upper().replace('-', '_')} ") == row


PAGE = {
    "English Hindi Marathi Gujarati Nepali Sanskrit Urdu": "en hi mr gu ne sa ur",
    "Bengali Telugu Tamil Kannada Malayalam Punjabi Odia": "bn te ta kn ml pa or",
    "Assamese Sindhi Konkani Maithili Dogri Bhojpuri": "as sd gom mai doi bho",
    "Manipuri Mizo Arabic Burmese Chinese Dutch French": "mni-Mtei lus ar my zh-CN nl fr",
    "German Indonesian Italian Japanese Korean Malay": "de id it ja ko ms",
    "Persian Portuguese Russian Sinhala Spanish Swahili": "fa pt ru si es sw",
    "Thai Turkish Vietnamese": "th tr vi",
}


@each(("names", "codes"), PAGE.items())
def test_t2_languages_of_the_page(names, codes):
    assert [language_code(name) for name in names.split()] == codes.split()


def test_t2_an_account_adds_and_replaces_rows():
    codes = read_codes().extended(
        {
            "RAJASTHANI": Row("RAJASTHANI", "hi", "hi", "Rajasthani"),
            "hindi": Row("hindi", "hi-Latn", "hi", "Hindi"),
        }
    )
    assert language_code("raj", codes) == "hi"
    assert language_code("Hindustani", codes) == "hi-Latn"
    assert language_name("hi", codes) == "Hindi"
    assert language_code("MARWARI", codes) is None
    assert language_code("Hindi") == "hi", "the built-in table is untouched"
    assert read_codes().extended({}) is read_codes()


def test_t2_no_code_for_one_engine_is_no_language_there():
    codes = Codes([Row("TULU", "tcy", "", "Tulu")])
    assert language_code("tulu", codes) == "tcy"
    assert language_code("tulu", codes, engine="libre") is None


def test_fold_drops_what_makes_no_difference():
    assert fold("  Indian\t ENGLISH_x ") == "indian english-x"
