"""What is asked of the call gate, and what it answers.

>>> from datetime import datetime
>>> from rules.outbound.purposes import Purpose
>>> at = datetime.fromisoformat("2026-11-18T09:30:00+05:30")
>>> digits_of(CallQuestion("+919876543210", Purpose.RECOVERY, at))
'919876543210'
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from rules.errors import UnreadableNumber
from rules.outbound.hours import DAY, Hours
from rules.telecom.contact import agent_number

if TYPE_CHECKING:
    from datetime import datetime

    from rules.outbound.purposes import Purpose

__all__ = ["NO_HOUR", "CallDecision", "CallQuestion", "Effect", "Said", "Verdict", "digits_of"]

NO_HOUR = "NO_ALLOWED_HOUR"
_NO_COUNTRY = 10
"""So many digits without a `+` are an Indian number without its country code."""


class Verdict(Enum):
    """What the gate says."""

    ALLOW = "allow"
    DEFER = "defer"
    BLOCK = "block"


class Effect(Enum):
    """What one record says."""

    ALLOW = "allow"
    WARN = "warn"
    DEFER = "defer"
    BLOCK = "block"


class Said(NamedTuple):
    """A record that applied, and what it said."""

    id: str
    version: int
    effect: Effect


@dataclass(frozen=True)
class CallQuestion:
    """A call somebody wants to make.

    `number` is digits with country code, a `+` in front or not; `at` is an aware moment.
    """

    number: str
    purpose: Purpose
    at: datetime
    caller_id: str | None = None
    entity_type: str | None = None


@dataclass(frozen=True)
class CallDecision:
    """The gate's answer.

    `at` is the moment of the call, asked for or deferred to, `None` when blocked. `window_today`
    are the allowed hours of the date asked for; `next_change` is when the answer would be another
    one, `None` when it stays for 30 days. `would_apply` are drafts, for accounts that want to see.
    """

    verdict: Verdict
    at: datetime | None
    rules: tuple[Said, ...] = ()
    warnings: tuple[str, ...] = ()
    window_today: tuple[Hours, ...] = (Hours(0, DAY),)
    next_change: datetime | None = None
    would_apply: tuple[Said, ...] = ()

    @property
    def against(self) -> tuple[str, ...]:
        """Ids of the records that moved or forbade the call."""
        return tuple(said.id for said in self.rules if said.effect in (Effect.DEFER, Effect.BLOCK))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes that say why the call was moved or forbidden."""
        late = tuple(code for code in self.warnings if code == NO_HOUR)
        return (*self.against, *late)


def digits_of(question: CallQuestion) -> str:
    """The digits of the number asked about; raises `ValueError` for what cannot be judged."""
    digits = question.number.removeprefix("+")
    try:
        whole = agent_number(f"+{digits}") == digits
    except UnreadableNumber:
        whole = False
    if not whole or (len(digits) == _NO_COUNTRY and digits == question.number):
        raise ValueError("number must be digits with country code, such as 919876543210")
    if question.at.utcoffset() is None:
        raise ValueError("at must be a moment with an offset, such as 2026-11-18T10:30:00+05:30")
    return digits
