"""From a text to all that is known of the number: override, then live answer, then tables.

>>> found = lookup("0919848012345")
>>> found.operator, found.operator_now, found.circle, found.number.e164
('Idea', 'Vi', 'Andhra Pradesh', '+919848012345')
>>> lookup("98480XXXXX").reason, read_number("080 4123 4567").number_class
(<Reason.MASKED_NUMBER: 'MASKED_NUMBER'>, <NumberClass.LANDLINE: 'LANDLINE'>)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rules.errors import LetteredNumber, MaskedNumber, UnreadableNumber
from rules.telecom.blocks import BLOCKS, class_record, refused, regular_record
from rules.telecom.model import Lookup, Number
from rules.telecom.names import areas, circle_name, operator_name, present_operator
from rules.telecom.number import read_digits
from rules.telecom.settings import TelecomSettings
from rules.telecom.tables import plan
from rules.telecom.words import Basis, Confidence, Reason, Source

if TYPE_CHECKING:
    from rules.telecom.live import LiveAnswer
    from rules.telecom.overrides import Override

__all__ = ["DEFAULT", "lookup", "read_number"]

DEFAULT = TelecomSettings()
_REFUSALS: dict[str, type[UnreadableNumber]] = {
    error.code: error for error in (MaskedNumber, LetteredNumber)
}


def read_number(text: str, source: Source | None = None) -> Number:
    """The number a text holds; raises `UnreadableNumber`, whose `code` says why not."""
    found = _look(text, source)
    if (number := found.number) is not None:
        return number
    reason = str(found.record.reason)
    raise _REFUSALS.get(reason, UnreadableNumber)(reason)


def lookup(
    text: str,
    *,
    source: Source | None = None,
    settings: TelecomSettings = DEFAULT,
    live: LiveAnswer | None = None,
) -> Lookup:
    """All that is known of a number. Never raises; a text without one has a `reason`."""
    found = _look(text, source)
    if live is None and not settings.overrides:
        return found
    override = settings.overrides.find(found.national, found.e164)
    return _revised(found, override, live)


def _look(text: str, source: Source | None) -> Lookup:
    """The tables' answer. Plain spellings of regular numbers are settled here, by length alone."""
    size = len(text)
    if size == 10:
        national, trunk_zero = text, False
    elif size == 12 and text[:2] == "91":
        national, trunk_zero = text[2:], False
    elif size == 13 and text[:3] == "+91":
        national, trunk_zero = text[3:], False
    elif size == 11 and text[0] == "0":
        national, trunk_zero = text[1:], True
    else:
        return _read(text, source)
    record = BLOCKS[Source.LANDLINE if trunk_zero else source][national[:5]]
    if record is None or not (national.isascii() and national.isdigit()):
        return _read(text, source)
    return Lookup(record, text, national, trunk_zero)


def _read(text: str, source: Source | None) -> Lookup:
    """The tables' answer for any text."""
    digits = read_digits(text)
    if isinstance(digits, Reason):
        return Lookup(refused(digits), text, "", country="")
    if digits.line is None:
        source = Source.LANDLINE if digits.trunk_zero else source
        record = regular_record(digits.national, source)
    else:
        record = class_record(digits.line, digits.national)
    return Lookup(record, text, digits.national, digits.trunk_zero, digits.country, digits.e164)


def _revised(found: Lookup, override: Override | None, live: LiveAnswer | None) -> Lookup:
    """With what a live source and, above it, an override say; each field apart."""
    record = found.record
    if record.reason is not None:
        live = None
        if override is None or override.number_class is None or not found.national:
            return found
    if override is None and live is None:
        return found
    changes = _live_changes(live) if live else {}
    changes |= _override_changes(override) if override else {}
    return Lookup(
        replace(record, reason=None, **changes),
        found.text,
        found.national,
        found.trunk_zero,
        found.country,
        found.foreign_e164,
        live.ported if live else None,
        None if record.reason else record.number_class,
        override.language if override else "",
    )


def _live_changes(live: LiveAnswer) -> dict[str, Any]:
    changes = _operator(operator_name(live.operator or "") or "")
    changes |= _circle(circle_name(live.circle or "") or "")
    if line := live.number_class:
        changes |= {"number_class": line, "can_call_back": plan().call_back[line]}
    if changes or live.ported is not None:
        changes |= {"basis": Basis.LIVE, "as_of": live.asked_at.date().isoformat()}
    return changes


def _override_changes(override: Override) -> dict[str, Any]:
    changes = _operator(override.operator) | _circle(override.circle)
    if line := override.number_class:
        changes |= {"number_class": line, "can_call_back": plan().call_back[line]}
    if changes:
        changes["basis"] = Basis.OVERRIDE
    return changes


def _operator(name: str) -> dict[str, Any]:
    if not name:
        return {}
    now = present_operator(name)
    return {"operator": name, "operator_now": now, "operator_confidence": Confidence.HIGH}


def _circle(name: str) -> dict[str, Any]:
    if not name:
        return {}
    code = areas()[name].code
    return {"circle": name, "circle_code": code, "circle_confidence": Confidence.HIGH}
