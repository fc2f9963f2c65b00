"""From named texts, as a flow or a table column holds them, to a `DateRequest`.

What is wrong here is the designer's mistake (D1): every bad field is named at once. A field that is
missing is `None`; the caller of this module knows what counts as missing.

>>> from zoneinfo import ZoneInfo
>>> read_request({"inputDate": "kal", "type": "visit", "validMAxDays": "x"}, zone=ZoneInfo("UTC"))
Traceback (most recent call last):
rules.errors.BadParameters: 2 fields need attention
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from rules.dates.values import FARTHEST, DateRequest, Kind, Unit
from rules.dates.week import OffDaysUnreadable, WeekPattern, read_off_days, read_working_days
from rules.dates.window import Window, WindowUnreadable, clock_part
from rules.errors import BadParameters, FieldProblem, quote
from rules.settings import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import time
    from zoneinfo import ZoneInfo

__all__ = ["REQUEST_NAMES", "read_request"]

REQUEST_NAMES = (
    "inputDate",
    "type",
    "workingDaysOff",
    "appointmentStartTime",
    "appointmentEndTime",
    "validMAxDays",
    "incrementDays",
    "workingDays",
    "incrementUnit",
)
T = TypeVar("T")
_WHOLE = re.compile(r"([+-]?\d{1,4000})(?:\.0*)?")
_NEEDED_HERE = "needed when type is Appointment"
_KINDS = {kind.value.casefold(): kind for kind in Kind}
_UNITS = {unit.value: unit for unit in Unit}


class _Refused(Exception):
    """A text that cannot be used: code and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_request(texts: Mapping[str, str | None], *, zone: ZoneInfo) -> DateRequest:
    """The request; raises `BadParameters` with every bad field, by the names of `REQUEST_NAMES`."""
    form = _Form(texts, zone)
    request = form.read()
    if form.problems:
        raise BadParameters(sorted(form.problems, key=lambda p: REQUEST_NAMES.index(p.name)))
    return request


class _Form:
    """One set of texts, and the problems met in it."""

    def __init__(self, texts: Mapping[str, str | None], zone: ZoneInfo) -> None:
        self.texts = texts
        self.zone = zone
        self.problems: list[FieldProblem] = []

    def read(self) -> DateRequest:
        """Read every field; the request counts only when there are no problems."""
        if not self.texts.get("inputDate"):
            self.refuse("inputDate", "MISSING_PARAMETER", "needed")
        if not self.texts.get("type"):
            self.refuse("type", "MISSING_PARAMETER", "needed")
        kind = self.field("type", _kind)
        visit = kind is Kind.APPOINTMENT
        return DateRequest(
            text=self.texts.get("inputDate") or "",
            kind=kind or Kind.CALLBACK,
            weekly_off=self.weekly_off(needed=visit),
            window=None if kind is Kind.CALLBACK else self.window(needed=visit),
            max_days=self.field("validMAxDays", _limit),
            increment=self.field("incrementDays", _increment) or 0,
            increment_unit=self.field("incrementUnit", _unit) or Unit.CALENDAR,
        )

    def refuse(self, name: str, code: str, message: str) -> None:
        self.problems.append(FieldProblem(name, code, message))

    def field(self, name: str, read: Callable[[str], T]) -> T | None:
        """One field; `None` when it is missing or refused."""
        text = self.texts.get(name)
        if not text:
            return None
        try:
            return read(text)
        except (_Refused, OffDaysUnreadable, WindowUnreadable) as error:
            self.refuse(name, error.code, str(error))
        return None

    def weekly_off(self, *, needed: bool) -> WeekPattern | None:
        """From the off days, or from the working days; both must say the same (D22)."""
        off = self.field("workingDaysOff", read_off_days)
        work = self.field("workingDays", read_working_days)
        if off is not None and work is not None and off != work:
            message = "says another week than workingDaysOff; leave one of them out"
            self.refuse("workingDays", "CONFLICTING_WORKING_DAYS", message)
        given = self.texts.get("workingDaysOff") or self.texts.get("workingDays")
        if needed and not given:
            self.refuse("workingDaysOff", "MISSING_PARAMETER", _NEEDED_HERE)
        return work if off is None else off

    def window(self, *, needed: bool) -> Window | None:
        """The appointment times; equal ones say nothing (D33)."""
        ends: list[time | None] = []
        for name in ("appointmentStartTime", "appointmentEndTime"):
            if needed and not self.texts.get(name):
                self.refuse(name, "MISSING_PARAMETER", _NEEDED_HERE)
            ends.append(self.field(name, lambda text: clock_part(text, zone=self.zone)))
        start, end = ends
        return None if start is None or end is None or start == end else Window(start, end)


def _kind(text: str) -> Kind:
    found = _KINDS.get(text.strip().casefold())
    if found is None:
        hint = nearest(text[:20], [kind.value for kind in Kind])
        raise _Refused("INVALID_TYPE", f"{quote(text)} is neither Appointment nor Callback{hint}")
    return found


def _unit(text: str) -> Unit:
    found = _UNITS.get(text.strip().casefold())
    if found is None:
        raise _Refused("INVALID_INCREMENT_UNIT", f"{quote(text)} is neither calendar nor business")
    return found


def _whole(text: str, code: str) -> int:
    match = _WHOLE.fullmatch(text.strip())
    if match is None:
        raise _Refused(code, f"{quote(text)} is not a whole number")
    return int(match[1])


def _limit(text: str) -> int:
    number = _whole(text, "INVALID_VALID_MAX_DAYS")
    if number < 0:
        raise _Refused("INVALID_VALID_MAX_DAYS", f"{quote(text)} is less than 0")
    return number


def _increment(text: str) -> int:
    number = _whole(text, "INVALID_INCREMENT_DAYS")
    if abs(number) > FARTHEST:
        raise _Refused(
            "INVALID_INCREMENT_DAYS", f"{quote(text)} is beyond {FARTHEST} days either way"
        )
    return number
