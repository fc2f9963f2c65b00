"""What is known of a block of numbers: its class, operator, circle, and how sure that is.

Four digits decide whole mobile series, five nearly all ten-digit numbers, six all of them. What was
worked out for a block is kept, so every later number of it costs one dictionary access.

>>> record = BLOCKS[None]["98480"]
>>> record.operator, record.operator_now, record.circle, record.circle_confidence.value
('Idea', 'Vi', 'Andhra Pradesh', 'high')
>>> record is BLOCKS[None]["98480"]
True
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rules.telecom.model import Record
from rules.telecom.names import areas, present_operator
from rules.telecom.tables import EITHER, FIXED, MOBILE, plan
from rules.telecom.words import Basis, CallBack, Confidence, NumberClass, Reason, Source

if TYPE_CHECKING:
    from rules.telecom.tables import Landline, Series

__all__ = ["BLOCKS", "class_record", "refused", "regular_record"]

_NONE_NEEDED = (None, Confidence.LOW)
_SERVICE = (NumberClass.SERVICE_GOVERNMENT, NumberClass.SERVICE_FINANCIAL)
_SERVICE_OPERATORS = {"2": "BSNL", "3": "Reliance Jio", "4": "Airtel", "5": "Vi"}
_HEADER_OPERATORS = {
    "A": "Airtel",
    "B": "BSNL",
    "J": "Reliance Jio",
    "V": "Vi",
    "M": "MTNL",
    "T": "Tata",
    "Q": "Quadrant",
}
_LANDLINE_OPERATORS = {
    "2": ("BSNL", Confidence.MEDIUM),
    "3": ("Reliance Jio", Confidence.LOW),
    "4": ("Airtel", Confidence.MEDIUM),
    "6": ("Tata", Confidence.MEDIUM),
}
_MTNL_CIRCLES = ("Delhi", "Mumbai")
_AREA_SOURCES, _CLASS_SOURCES = ("geo-in",), ("classes",)
_FEWEST, _MOST = 4, 6
"""Digits of a mobile series, below which nothing is decided, and digits that decide everything."""


def regular_record(national: str, source: Source | None) -> Record:
    """What is known of a ten-digit number of no special class.

    `source` is the kind of line it is said to come from; a trunk zero counts as LANDLINE.
    """
    kind = plan().types[int(national[:6])]
    if kind == MOBILE:
        return _mobile(plan().find_series(national))
    if kind == FIXED:
        series = plan().find_series(national) if source is Source.MOBILE else None
        return _mobile(series, ambiguous=True) if _is_given_out(series) else _landline(national)
    if kind == EITHER:
        series = plan().find_series(national) if source is not Source.LANDLINE else None
        return _mobile(series, ambiguous=True) if series else _landline(national, ambiguous=True)
    return refused(Reason.NOT_IN_PLAN)


def _is_given_out(series: Series | None) -> bool:
    """Does the series table have the block graded `medium` or better?"""
    return series is not None and series.operator_confidence not in _NONE_NEEDED


@cache
def _mobile(series: Series | None, *, ambiguous: bool = False) -> Record:
    if series is None:
        return Record(NumberClass.MOBILE, CallBack.YES, ambiguous=ambiguous)
    return Record(
        NumberClass.MOBILE,
        CallBack.YES,
        operator=series.operator,
        operator_now=present_operator(series.operator) if series.operator else "",
        operator_confidence=series.operator_confidence,
        circle=series.circle,
        circle_code=areas()[series.circle].code if series.circle else "",
        circle_confidence=series.circle_confidence,
        basis=Basis.ALLOCATION,
        as_of=series.state,
        sources=series.sources,
        ambiguous=ambiguous,
    )


def _landline(national: str, *, ambiguous: bool = False) -> Record:
    found = plan().find_landline(national)
    if found is None:
        return Record(NumberClass.LANDLINE, CallBack.YES, ambiguous=ambiguous)
    code, area = found
    return _area(area, national[len(code)], ambiguous=ambiguous)


@cache
def _area(area: Landline, sign: str, *, ambiguous: bool) -> Record:
    """Fixed lines of one area code, of which the next digit hints at the operator."""
    operator, grade = _LANDLINE_OPERATORS.get(sign, ("", None))
    operator = _local(operator, area.circle)
    return Record(
        NumberClass.LANDLINE,
        CallBack.YES,
        operator=operator,
        operator_now=operator,
        operator_confidence=grade,
        circle=area.circle,
        circle_code=areas()[area.circle].code,
        circle_confidence=area.confidence,
        place=area.place,
        state=area.state,
        basis=Basis.AREA_CODE,
        as_of=plan().landline_state,
        sources=_AREA_SOURCES,
        ambiguous=ambiguous,
    )


def _local(operator: str, circle: str) -> str:
    return "MTNL" if operator == "BSNL" and circle in _MTNL_CIRCLES else operator


@cache
def refused(reason: Reason) -> Record:
    """The record of texts that hold no readable number."""
    withheld = reason is Reason.WITHHELD
    return Record(NumberClass.WITHHELD if withheld else NumberClass.INVALID, reason=reason)


def class_record(line: NumberClass, national: str) -> Record:
    """What is known of a number whose class has a pattern of its own."""
    if line in _SERVICE:
        return _coded(line, national[4:6], national[6], "", Confidence.MEDIUM)
    if line is NumberClass.SENDER_HEADER:
        return _coded(line, "", national[0], national[1], Confidence.LOW)
    return _coded(line, "", "", "", None)


@cache
def _coded(
    line: NumberClass, digits: str, operator_sign: str, letter: str, grade: Confidence | None
) -> Record:
    """A class record; circle by 160 digits or header letter, operator by its digit or letter."""
    circle = next(
        (
            area
            for area in areas().values()
            if (digits and area.series160 == digits) or (letter and area.header_letter == letter)
        ),
        None,
    )
    operators = _HEADER_OPERATORS if letter else _SERVICE_OPERATORS
    name = circle.circle if circle else ""
    operator = operators.get(operator_sign, "")
    operator = operator if letter else _local(operator, name)
    known = line is not NumberClass.FOREIGN
    return Record(
        line,
        plan().call_back[line],
        operator=operator,
        operator_now=present_operator(operator) if operator else "",
        operator_confidence=grade if operator else None,
        circle=name,
        circle_code=circle.code if circle else "",
        circle_confidence=grade if circle else None,
        basis=Basis.CLASS if known else None,
        as_of=plan().class_state if known else "",
        sources=_CLASS_SOURCES if known else (),
    )


class _Blocks(dict[str, Record | None]):
    """Records by first four, five or six digits; `None` where these do not decide."""

    def __init__(self, source: Source | None) -> None:
        super().__init__()
        self._source = source

    def __missing__(self, digits: str) -> Record | None:
        if not (_FEWEST <= len(digits) <= _MOST and digits.isascii() and digits.isdigit()):
            return None
        if digits[0] == "0":
            return None
        record = self[digits[:-1]] if len(digits) > _FEWEST else None
        if record is None and self._decide(digits):
            record = regular_record(digits.ljust(10, "0"), self._source)
        self[digits] = record
        return record

    def _decide(self, digits: str) -> bool:
        """Do these digits decide? Four do for a whole series, or when nobody has such numbers."""
        span = 10 ** (_MOST - len(digits))
        first = int(digits) * span
        kind = plan().types[first]
        if plan().types.count(kind, first, first + span) < span:
            return False
        if len(digits) == _FEWEST and kind and (kind != MOBILE or digits not in plan().series):
            return False
        return plan().special_class(digits.ljust(10, "0")) is None


BLOCKS: dict[Source | None, _Blocks] = {
    source: _Blocks(source) for source in (None, Source.MOBILE, Source.LANDLINE)
}
"""By the kind of line, then by first four to six digits; some 100,000 entries each at most."""
