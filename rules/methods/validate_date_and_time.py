"""ValidateDateAndTime: is the date a caller named allowed, and which moment do we propose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.dates import (
    DATES,
    EXTRA_NAMES,
    FAILURE,
    REPLY_NAMES,
    judge,
    read_request,
    reply_texts,
)
from rules.envelope import PROTOCOL, Field, text
from rules.errors import BadParameters
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Method, Reply, fixed

if TYPE_CHECKING:
    from rules.dates import DateRequest
    from rules.methods._method import Call, Pairs

__all__ = ["METHOD"]

_PREFIX = "$flow.key."


def _optional(name: str, about: str, code: str) -> Field[str | None]:
    return Field(_PREFIX + name, text, about, default=None, code=code)


_INPUT_DATE = Field(_PREFIX + "inputDate", text, "the date as the caller said or keyed it")
_TYPE = Field(_PREFIX + "type", text, "Appointment or Callback", code="INVALID_TYPE")
_OFF = _optional(
    "workingDaysOff",
    "weekdays that are off, None for no weekly off; needed for an Appointment",
    "INVALID_WORKING_DAYS_OFF",
)
_START = _optional(
    "appointmentStartTime",
    "start of the opening hours; needed for an Appointment",
    "INVALID_WINDOW",
)
_END = _optional(
    "appointmentEndTime", "end of the opening hours; needed for an Appointment", "INVALID_WINDOW"
)
_MAX_DAYS = _optional(
    "validMAxDays", "how many open days ahead may be booked", "INVALID_VALID_MAX_DAYS"
)
_INCREMENT = _optional(
    "incrementDays", "days added before judging, -3660 to 3660", "INVALID_INCREMENT_DAYS"
)
_WORKING = _optional(
    "workingDays", "the working weekdays, instead of workingDaysOff", "INVALID_WORKING_DAYS_OFF"
)
_UNIT = _optional(
    "incrementUnit", "what incrementDays counts: calendar or business", "INVALID_INCREMENT_UNIT"
)
_READ_HERE = (_INPUT_DATE, _TYPE, _OFF, _START, _END, _MAX_DAYS, _INCREMENT, _WORKING, _UNIT)
_BY_NAME: dict[str, Field[Any]] = {field.name.removeprefix(_PREFIX): field for field in _READ_HERE}
_ABOUT = {
    "outputDate": "the moment we propose: the asked one, or the next valid one",
    "smsDate": "its date, day-month-year without padding",
    "SmsOutputTime": "opening hours of that day",
    "outputTime": "the same",
    "outputDay": "its weekday in English",
    "timeIsValid": "is the asked time within the hours of the asked day, and not gone by",
    "dateIsValid": "may the asked date be booked",
    "dateReason": "why the date is, or is not, valid",
    "timeReason": "why the time is, or is not, valid",
    "dateCorrected": "is outputDate another moment than the asked one",
    "dateAmbiguous": "had the text two honest readings of the date",
    "alternateDate": "the other reading",
    "timeAmbiguous": "was morning or evening chosen by rule",
    "holidayName": "name of the holiday on the asked day",
    "validUntil": "last date that may be booked",
    "holidayDataComplete": "do the holiday tables cover the years involved",
    "nextValidSlots": "up to three moments to offer, joined by a comma",
    "spokenPrompt": "what to tell the caller, in English",
    "spokenPromptHindi": "what to tell the caller, in Hindi",
}


def _check(call: Call) -> DateRequest | None:
    """The typed request, or what is wrong; a missing needed key has been named already."""
    get = call.filled.get
    texts: dict[str, str | None] = {name: get(field) for name, field in _BY_NAME.items()}
    try:
        return read_request(texts, zone=call.settings(DATES).zone)
    except BadParameters as error:
        for problem in error.fields:
            field = _BY_NAME[problem.name]
            if not field.needed or problem.code != "MISSING_PARAMETER":
                call.filled.refuse(field, problem.code, problem.message)
        return None


def _run(call: Call) -> Pairs:
    request: DateRequest = call.typed
    result, slots = judge(request, now=call.now, settings=call.settings(DATES))
    title = call.settings(PROTOCOL).flag_style == "title"
    for name, value in reply_texts(result, slots, title_flags=title).items():
        yield _PREFIX + name, value


METHOD = Method(
    name="ValidateDateAndTime",
    about="is the date a caller named allowed, and which moment do we propose",
    fields=(*_READ_HERE, FLOW_ID, ACCOUNT_ID),
    replies=tuple(
        Reply(_PREFIX + name, _ABOUT[name], extra=name in EXTRA_NAMES)
        for name in (*REPLY_NAMES, *EXTRA_NAMES)
    ),
    run=_run,
    failure=fixed(*((_PREFIX + name, value) for name, value in FAILURE.items())),
    check=_check,
)
