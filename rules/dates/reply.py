"""From a judgement to named texts, as a flow or a table column holds them.

>>> list(REPLY_NAMES)[:3], len(EXTRA_NAMES)
(['outputDate', 'smsDate', 'SmsOutputTime'], 12)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.dates.prompt import spoken_prompt
from rules.dates.speech import LANGUAGES
from rules.dates.window import format_window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.dates.values import DateResult

__all__ = ["EXTRA_NAMES", "FAILURE", "REPLY_NAMES", "reply_texts"]

REPLY_NAMES = (
    "outputDate",
    "smsDate",
    "SmsOutputTime",
    "outputTime",
    "outputDay",
    "timeIsValid",
    "dateIsValid",
)
"""The documented variables, in documented order."""
EXTRA_NAMES = (
    "dateReason",
    "timeReason",
    "dateCorrected",
    "dateAmbiguous",
    "alternateDate",
    "timeAmbiguous",
    "holidayName",
    "validUntil",
    "holidayDataComplete",
    "nextValidSlots",
    "spokenPrompt",
    "spokenPromptHindi",
)
"""Ours, after them."""
FAILURE = {name: "false" if name.endswith("IsValid") else "" for name in REPLY_NAMES}
"""The documented variables when a request cannot be judged."""


def reply_texts(
    result: DateResult, slots: Sequence[datetime], *, title_flags: bool = False
) -> dict[str, str]:
    """Every variable in order; `title_flags` writes the two documented flags as True and False."""
    hours = format_window(result.window)
    return {
        **_output(result.output, hours),
        "timeIsValid": _flag(result.time_valid, title=title_flags),
        "dateIsValid": _flag(result.date_valid, title=title_flags),
        "dateReason": result.date_reason.value,
        "timeReason": result.time_reason.value,
        "dateCorrected": _flag(result.corrected),
        "dateAmbiguous": _flag(result.ambiguous),
        "alternateDate": str(result.alternate or ""),
        "timeAmbiguous": _flag(result.time_ambiguous),
        "holidayName": result.holiday.name if result.holiday else "",
        "validUntil": str(result.valid_until or ""),
        "holidayDataComplete": result.holiday_data.value,
        "nextValidSlots": ",".join(slot.isoformat() for slot in slots),
        "spokenPrompt": spoken_prompt(result, tuple(slots), "en"),
        "spokenPromptHindi": spoken_prompt(result, tuple(slots), "hi"),
    }


def _output(output: datetime | None, hours: str) -> dict[str, str]:
    times = {"SmsOutputTime": hours, "outputTime": hours}
    if output is None:
        return {"outputDate": "", "smsDate": "", **times, "outputDay": ""}
    return {
        "outputDate": output.isoformat(),
        "smsDate": f"{output.day}-{output.month}-{output.year}",
        **times,
        "outputDay": LANGUAGES["en"].weekdays[output.weekday()],
    }


def _flag(value: bool, *, title: bool = False) -> str:  # noqa: FBT001  a flag is its one value
    return str(value) if title else str(value).lower()
