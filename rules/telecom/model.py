"""What lookups answer with: numbers, records of blocks, lookups, languages.

Values are frozen. All numbers of one block share one `Record`; a `Lookup` is a small value that
points to it, so a lookup costs no copies. Texts shown by `repr` hold at most the first five digits
of a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from msgspec import Struct

from rules.telecom.words import Basis, CallBack, Confidence, LanguageBasis, NumberClass, Reason

__all__ = ["Language", "Lookup", "Number", "Record"]

_WITHOUT_E164 = frozenset(
    {
        NumberClass.EMERGENCY,
        NumberClass.SHORT_CODE,
        NumberClass.SENDER_HEADER,
        NumberClass.WITHHELD,
        NumberClass.INVALID,
    }
)


def _shown(digits: str) -> str:
    return f"{digits[:5]}…" if len(digits) > 5 else digits


@dataclass(frozen=True, slots=True, repr=False)
class Number:
    """A number that could be read; `text` is what was sent, `e164` empty where there is none."""

    text: str
    e164: str
    national: str
    country: str
    number_class: NumberClass
    trunk_zero: bool = False
    ambiguous: bool = False

    def __repr__(self) -> str:
        return f"<Number {self.number_class} {self.country} {_shown(self.national)}>"


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of all numbers of one block, with a grade for operator and circle each.

    `as_of` is the state date of the facts used, `sources` their ids.
    """

    number_class: NumberClass
    can_call_back: CallBack = CallBack.NO
    reason: Reason | None = None
    operator: str = ""
    operator_now: str = ""
    operator_confidence: Confidence | None = None
    circle: str = ""
    circle_code: str = ""
    circle_confidence: Confidence | None = None
    place: str = ""
    state: str = ""
    basis: Basis | None = None
    as_of: str = ""
    sources: tuple[str, ...] = ()
    ambiguous: bool = False

    def at(self, wanted: Confidence) -> Record:
        """The same without an operator or circle below the wanted grade."""
        record = self
        if not (self.operator_confidence and self.operator_confidence.reaches(wanted)):
            record = replace(record, operator="", operator_now="")
        if not (self.circle_confidence and self.circle_confidence.reaches(wanted)):
            record = replace(record, circle="", circle_code="")
        return record


class Lookup(Struct, frozen=True):
    """What is known of one number; every field of its block's `record` is a property too.

    `line` is the class the number was read as, where an override or a live answer gave another.
    """

    record: Record
    text: str
    national: str
    trunk_zero: bool = False
    country: str = "IN"
    foreign_e164: str = ""
    ported: bool | None = None
    line: NumberClass | None = None
    language: str = ""

    def __repr__(self) -> str:
        return f"<Lookup {self.number_class} {self.country} {_shown(self.national)}>"

    @property
    def number(self) -> Number | None:
        """The number as read, `None` when it could not be read."""
        if self.record.reason is not None:
            return None
        return Number(
            self.text,
            self.e164,
            self.national,
            self.country,
            self.line or self.record.number_class,
            self.trunk_zero,
            self.record.ambiguous,
        )

    @property
    def e164(self) -> str:
        """International form, empty where there is none."""
        if self.foreign_e164:
            return self.foreign_e164
        line = self.line or self.record.number_class
        reached = line not in _WITHOUT_E164 and self.national[0] != "0"
        return f"+91{self.national}" if reached else ""

    @property
    def number_class(self) -> NumberClass:
        """Class of the number; `WITHHELD` or `INVALID` when it could not be read."""
        return self.record.number_class

    @property
    def reason(self) -> Reason | None:
        """Why the number could not be read."""
        return self.record.reason

    @property
    def operator(self) -> str:
        """Operator the block was allocated to."""
        return self.record.operator

    @property
    def operator_now(self) -> str:
        """Who serves that operator's customers today."""
        return self.record.operator_now

    @property
    def operator_confidence(self) -> Confidence | None:
        """Grade of the operator."""
        return self.record.operator_confidence

    @property
    def circle(self) -> str:
        """Service area the block was allocated to."""
        return self.record.circle

    @property
    def circle_code(self) -> str:
        """The two letters of the circle."""
        return self.record.circle_code

    @property
    def circle_confidence(self) -> Confidence | None:
        """Grade of the circle."""
        return self.record.circle_confidence

    @property
    def place(self) -> str:
        """Place of a fixed line's area code."""
        return self.record.place

    @property
    def state(self) -> str:
        """State of a fixed line's area code."""
        return self.record.state

    @property
    def can_call_back(self) -> CallBack:
        """Can the number be called back?"""
        return self.record.can_call_back

    @property
    def basis(self) -> Basis | None:
        """What the answer rests on."""
        return self.record.basis

    @property
    def as_of(self) -> str:
        """State date of the facts used."""
        return self.record.as_of

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the facts' sources."""
        return self.record.sources

    def at(self, wanted: Confidence) -> Lookup:
        """The same, blank where the grade is below the wanted one."""
        record = self.record.at(wanted)
        return Lookup(record, *(getattr(self, name) for name in self.__struct_fields__[1:]))


class Language(Struct, frozen=True):
    """The language to use: `name` as the caller spells it, `canonical` as the tables do."""

    name: str
    canonical: str
    basis: LanguageBasis
    lookup: Lookup
