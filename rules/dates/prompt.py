"""Sentences to read out: the judgement, a question about an ambiguous date, the offer.

Pure text from a result; nothing the caller said is repeated, and one fault is named at a time. The
templates are `data/prompts.csv`. A further language is its rows there and one more `Speech`.

>>> from datetime import datetime
>>> from rules.dates import DateRequest, DateSettings, Kind, validate_date_and_time
>>> settings = DateSettings.from_mapping({"holiday_sets": []}, holidays=())
>>> now = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
>>> request = DateRequest("kal shaam 5 baje", Kind.CALLBACK)
>>> spoken_prompt(validate_date_and_time(request, now=now, settings=settings), (), "en")
'That is Thursday 19 November 2026 at 5:00 PM.'
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rules.dates.speech import LANGUAGES
from rules.dates.values import DateReason, TimeReason
from rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from rules.dates.speech import Speech
    from rules.dates.values import DateResult

__all__ = ["COLUMNS", "spoken_prompt"]

COLUMNS = ("language", "case", "text")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)")
_CASES = {
    DateReason.UNPARSEABLE: "unreadable",
    DateReason.NOT_A_CALENDAR_DATE: "no_such_day",
    DateReason.WEEKDAY_MISMATCH: "weekday_mismatch",
    DateReason.OUT_OF_RANGE: "other",
    DateReason.NO_WORKING_DAYS: "other",
    DateReason.PAST: "past",
    DateReason.BEYOND_LIMIT: "beyond_limit",
    DateReason.CLOSED: "closed",
    DateReason.HOLIDAY: "holiday",
    DateReason.WEEKLY_OFF: "closed",
    DateReason.SAME_DAY: "same_day",
}


def spoken_prompt(result: DateResult, slots: tuple[datetime, ...], language: str) -> str:
    """Up to three sentences in `"en"` or `"hi"`, joined by one blank."""
    speech, templates = LANGUAGES[language], _templates()[language]
    parts = _parts(result, slots, speech, language)
    return " ".join(templates[case].format_map(parts) for case in _cases(result, slots))


def _cases(result: DateResult, slots: tuple[datetime, ...]) -> Iterator[str]:
    """Names of the sentences to say."""
    fine = result.date_valid and result.time_valid
    if fine:
        yield "fine" if result.requested_time is None else "fine_with_time"
    elif not result.date_valid:
        yield _CASES[result.date_reason]
    else:
        yield "past" if result.time_reason is TimeReason.PAST else "hours"
    if result.ambiguous and result.alternate is not None:
        yield "question"
    if not fine:
        yield "offer" if slots else "no_offer"


def _parts(
    result: DateResult, slots: tuple[datetime, ...], speech: Speech, language: str
) -> dict[str, str]:
    """What the placeholders stand for; those of a part that is absent are absent."""
    days = {
        "date": result.requested_date,
        "until": result.valid_until,
        "alternate": result.alternate,
    }
    window = result.requested_window
    times = {"time": result.requested_time, "start": window.start, "end": window.end}
    parts = {name: speech.day(day) for name, day in days.items() if day is not None}
    parts |= {name: speech.time(clock) for name, clock in times.items() if clock is not None}
    parts["slots"] = speech.choice([speech.slot(slot) for slot in slots])
    if result.holiday is not None:
        hindi = language == "hi" and result.holiday.name_hi
        name = _IN_BRACKETS.sub("", hindi or result.holiday.name)
        parts["name"] = name.replace(" / ", f" {speech.either} ")
    return parts


@cache
def _templates() -> Mapping[str, Mapping[str, str]]:
    """Language to case to template."""
    found: dict[str, dict[str, str]] = {}
    for language, case, text in read_table("prompts", COLUMNS):
        found.setdefault(language, {})[case] = text
    return found
