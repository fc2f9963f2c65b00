"""Sentences to read out: `spoken_prompts.csv`, the templates, and names in speech."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from rules.dates import DateReason, Holiday, judge, spoken_prompt
from rules.dates.prompt import COLUMNS
from rules.dates.speech import LANGUAGES
from rules.tables import read_table
from tests._cases import cases
from tests.dates.judging import now_of, request_of, settings_of
from tests.rows import each

PLACEHOLDERS = {
    "fine_with_time": "date time",
    "fine": "date",
    "unreadable": "",
    "no_such_day": "",
    "weekday_mismatch": "date",
    "past": "",
    "beyond_limit": "until",
    "holiday": "date name",
    "closed": "date",
    "same_day": "",
    "hours": "start end",
    "other": "",
    "question": "alternate",
    "offer": "slots",
    "no_offer": "",
}
APPOINTMENT = {"off": "Sat,Sun", "hours": "09:00-18:00"}
CALLBACK = {"off": "", "hours": ""}


def judged(row):
    more = APPOINTMENT if row["kind"] == "A" else CALLBACK
    settings = settings_of(row["settings"])
    request = request_of({**row, **more, "increment": ""})
    return judge(request, now=now_of("", settings), settings=settings)


@each("row", cases("spoken_prompts"))
def test_prompts(row):
    result, slots = judged(row)
    assert spoken_prompt(result, slots, "en") == row["english"]
    assert spoken_prompt(result, slots, "hi") == row["hindi"]


def test_every_case_has_both_languages_and_only_known_placeholders():
    found = {}
    for language, case, text in read_table("prompts", COLUMNS):
        assert (language, case) not in found
        found[language, case] = set(re.findall(r"{(\w+)}", text))
        assert text == text.strip()
    assert found == {
        (language, case): set(names.split())
        for language in LANGUAGES
        for case, names in PLACEHOLDERS.items()
    }


HOLIDAY_ROW = {"input": "24/11/2026", "kind": "A", "max": "5", "settings": ""}


@each(
    ("name", "name_hi", "english", "hindi"),
    [
        ("Janmashtami (Vaishnava)", "", "Janmashtami", "Janmashtami"),
        ("Fair", "मेला (बड़ा)", "Fair", "मेला"),
        ("Ganesh / Vinayak", "", "Ganesh or Vinayak", "Ganesh या Vinayak"),
        ("{date}", "", "{date}", "{date}"),  # a name is never a template
    ],
)
def test_names_are_for_speech(name, name_hi, english, hindi):
    result, _ = judged(HOLIDAY_ROW)
    result = result._replace(holiday=Holiday(date(2026, 11, 24), name, name_hi))
    assert f"is a holiday, {english}. " in spoken_prompt(result, (), "en")
    assert f"को {hindi} की छुट्टी" in spoken_prompt(result, (), "hi")


@each("reason", [r for r in DateReason if r is not DateReason.OK])
@each("language", LANGUAGES)
def test_every_reason_can_be_said(reason, language):
    result, slots = judged(HOLIDAY_ROW)
    text = spoken_prompt(result._replace(date_reason=reason), slots, language)
    assert not set("{}_") & set(text)


PARTS = "3 रात, 4 सुबह, 11 सुबह, 12 दोपहर, 15 दोपहर, 16 शाम, 19 शाम, 20 रात, 23 रात, 0 रात"


@each(("hour", "part"), [fact.split() for fact in PARTS.split(", ")])
def test_parts_of_the_day(hour, part):
    assert LANGUAGES["hi"].time(time(int(hour))).startswith(part + " ")


def test_joining():
    speech = LANGUAGES["en"]
    assert [speech.choice(["A", "B", "C"][:n]) for n in range(4)] == [
        "",
        "A",
        "A or B",
        "A, B or C",
    ]


def test_every_month_and_weekday_has_a_name():
    for speech in LANGUAGES.values():
        said = {speech.day(datetime(2026, month, month)) for month in range(1, 13)}  # noqa: DTZ001
        assert len(said) == 12
        assert (len(set(speech.weekdays)), len(set(speech.months))) == (7, 12)
