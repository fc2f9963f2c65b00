"""From a request to one order: what will be asked of the dialler, byte for byte.

>>> from datetime import datetime
>>> from rules.outbound.settings import OutboundSettings
>>> now = datetime.fromisoformat("2026-11-18T10:30:00.7+05:30")
>>> request = OutboundRequest("s" * 64, "aB3dE5gH", "91987654 3210; 09876500001", delay_minutes=15)
>>> order = plan(request, now=now, order_id="4f6a", settings=OutboundSettings())
>>> order.call.numbers, order.call.start, order.call.client_id
(('919876543210', '919876500001'), '2026-11-18T10:45:00+05:30', '4f6a')
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from rules.errors import RulesError
from rules.outbound.numbers import read_numbers
from rules.outbound.state import Change, State, attempts, unknown_since
from rules.outbound.wire import LARGEST_BODY, WireCall, start_text

if TYPE_CHECKING:
    from rules.outbound.purposes import Purpose
    from rules.outbound.settings import OutboundSettings

__all__ = ["BodyTooLarge", "OutboundOrder", "OutboundRequest", "Refused", "plan"]


class Refused(RulesError):
    """An order that cannot be made: `number` is the dialler's code for it, `reasons` say why."""

    code = "REFUSED"

    def __init__(self, number: int, reasons: tuple[str, ...]) -> None:
        super().__init__(f"no order can be made of this request: {', '.join(reasons)}")
        self.number = number
        self.reasons = reasons


class BodyTooLarge(RulesError):
    """The dialler takes no body of this size."""

    code = "BODY_TOO_LARGE"

    def __init__(self) -> None:
        super().__init__(f"the dialler takes {LARGEST_BODY} bytes at most")


@dataclass(frozen=True)
class OutboundRequest:
    """What a flow asks for. `keys` are full names and texts in the order sent.

    `start` is an exact moment instead of `delay_minutes`, for callers in the same process; one
    gone by means at once.
    """

    security_id: str
    flow_id: str
    contact_numbers: str
    api_version: str = "1.0"
    client_id: str = ""
    delay_minutes: int = 0
    keys: tuple[tuple[str, str], ...] = ()
    purpose: Purpose | None = None
    idempotency_key: str = ""
    account: str = ""
    flow: str = ""
    start: datetime | None = None


@dataclass(frozen=True)
class OutboundOrder:
    """One call order and everything that happened to it.

    `body` are the exact bytes for the dialler. `notes` are codes the answer mentions. `code`,
    `request_id` and `phonon_uuid` are the dialler's, once it has answered. `claimed_by` names who
    runs the present attempt, until `claimed_until`.
    """

    id: str
    account: str
    flow: str
    created_at: datetime
    start: datetime
    body: bytes
    fingerprint: str
    purpose: Purpose | None = None
    idempotency_key: str = ""
    notes: tuple[str, ...] = ()
    code: int = 0
    request_id: str = ""
    phonon_uuid: str = ""
    next_attempt: datetime | None = None
    claimed_by: str = ""
    claimed_until: datetime | None = None
    history: tuple[Change, ...] = ()

    @property
    def state(self) -> State:
        """Where the order stands; a planned one is about to be queued."""
        return self.history[-1].new if self.history else State.QUEUED

    @property
    def reason(self) -> str:
        """Reason of the last change."""
        return self.history[-1].reason if self.history else ""

    @property
    def attempts(self) -> int:
        """How many attempts were begun."""
        return attempts(self.history)

    @property
    def unknown_since(self) -> datetime | None:
        """Since when the fate of an attempt is unknown."""
        return unknown_since(self.history)

    @property
    def may_have_arrived(self) -> bool:
        """Was there ever an attempt of unknown fate?"""
        return not all(change.known for change in self.history)

    @property
    def call(self) -> WireCall:
        """The call behind the bytes."""
        return WireCall.decode(self.body)

    @property
    def wake(self) -> datetime | None:
        """When somebody must look at the order again, `None` at an end and for a person's work."""
        if self.state is State.SENDING:
            return self.claimed_until
        if self.state is State.HELD:
            return self.start
        return self.next_attempt if self.state is State.QUEUED else None


def plan(
    request: OutboundRequest, *, now: datetime, order_id: str, settings: OutboundSettings
) -> OutboundOrder:
    """One order from a request; raises `Refused` when there is no usable number."""
    numbers = read_numbers(request.contact_numbers)
    if not numbers.usable:
        raise Refused(205, numbers.refused or ("INVALID_NUMBER",))
    start = _start(request, now).astimezone(settings.zone).replace(microsecond=0)
    body = WireCall(
        request.api_version,
        request.security_id,
        request.flow_id,
        request.client_id or order_id,
        start_text(start),
        numbers.usable,
        request.keys,
    ).encode()
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge
    return OutboundOrder(
        id=order_id,
        account=request.account,
        flow=request.flow,
        created_at=now,
        start=start,
        body=body,
        fingerprint=_fingerprint(request, numbers.usable),
        purpose=request.purpose or settings.purpose,
        idempotency_key=request.idempotency_key,
        notes=numbers.refused,
        next_attempt=now,
    )


def _start(request: OutboundRequest, now: datetime) -> datetime:
    """The moment asked for; minutes are added to the moment, not to the wall clock."""
    if request.start is not None:
        return max(request.start, now)
    return now.astimezone(UTC) + timedelta(minutes=request.delay_minutes)


def _fingerprint(request: OutboundRequest, numbers: tuple[str, ...]) -> str:
    """A digest of what makes two requests the same order."""
    start = request.start.astimezone(UTC).isoformat() if request.start else None
    same = (
        request.security_id,
        request.flow_id,
        request.client_id,
        numbers,
        start or request.delay_minutes,
        request.keys,
    )
    return hashlib.sha256(msgspec.json.encode(same)).hexdigest()
