"""The sandbox dialler itself: bytes in, status and answer out, faults on demand. No web in here.

>>> from datetime import datetime
>>> now = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
>>> sandbox = Sandbox(clock=lambda: now)
>>> sandbox.answer("realtime", b"hello").body["api-response-code"]
400
"""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import msgspec

from rules.outbound import LARGEST_BODY, MESSAGES
from rules.sandbox.checks import ZONE, Judged, account_of, judge
from rules.sandbox.config import SandboxAccount, SandboxConfig
from rules.sandbox.memory import CallRecord, Memory, RequestRecord, digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

__all__ = ["FAULTS", "MODES", "Fault", "Sandbox", "SandboxAnswer"]

MODES = ("realtime", "bulk")
FAULTS = ("refuse", "hang", "accept-then-hang", "error-500", "garbage", "slow")


@dataclass(frozen=True)
class Fault:
    """What the next request meets."""

    name: str
    seconds: float = 0.0


@dataclass(frozen=True)
class SandboxAnswer:
    """HTTP status and the answer's members."""

    status: int
    body: dict[str, Any]


class Sandbox:
    """Behaves as the platform's create API; remembers what it was asked."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        config: SandboxConfig | None = None,
        state: Path | None = None,
    ) -> None:
        self.clock = clock
        self.config = config or SandboxConfig()
        self.memory = Memory(state)
        self._faults: deque[Fault] = deque()

    def answer(self, mode: str, body: bytes, sender: str = "127.0.0.1") -> SandboxAnswer:
        """Take a request in; all checks but the verb's, in order."""
        now = self.clock()
        with self.memory.lock:
            early = self._door(mode, body, sender, now)
            if early is not None:
                return early
            top = _object(body)
            if top is None:
                return _error(400)
            record = self._record(top, mode, body, sender, now)
            self.memory.keep(record)
        if mode == "bulk":
            return _bulk(record)
        return _realtime(record) if record.accepted else _error(record.code)

    def provoke(self, fault: Fault, count: int) -> None:
        """Have the next requests meet a fault."""
        self._faults.extend([fault] * count)

    def next_fault(self) -> Fault | None:
        """The fault the present request meets."""
        with self.memory.lock:
            return self._faults.popleft() if self._faults else None

    def forget(self) -> None:
        """Forget requests and faults."""
        self._faults.clear()
        self.memory.forget()

    def shown(self, record: RequestRecord) -> dict[str, Any]:
        """A request as people and tests look at it."""
        now, seconds = self.clock(), self.config.call_seconds
        calls = [
            {
                "client-identifier": call.client_id,
                "start-time": call.start.astimezone(ZONE) if call.start else None,
                "contact-numbers": call.numbers,
                "keys": [{"name": name, "value": value} for name, value in call.keys],
                "phonon-uuid": call.phonon_uuid,
                "state": call.state(now, seconds),
            }
            for call in record.calls
        ]
        return {
            "request-id": record.request_id,
            "received": record.at.astimezone(ZONE),
            "mode": record.mode,
            "api-response-code": record.code,
            "flow-id": record.flow_id,
            "calls": calls,
        }

    def _door(self, mode: str, body: bytes, sender: str, now: datetime) -> SandboxAnswer | None:
        """What is answered before anybody reads the body."""
        networks = self.config.allowed_networks
        if networks and not any(ip_address(sender) in network for network in networks):
            return _error(401, 403 if mode == "bulk" else 200)
        rate = self.config.rate_bulk if mode == "bulk" else self.config.rate_realtime
        if self.memory.too_many(sender, mode, now, rate):
            return _error(500, 429)
        return _error(400, 413) if len(body) > LARGEST_BODY else None

    def _record(
        self, top: dict[str, Any], mode: str, body: bytes, sender: str, now: datetime
    ) -> RequestRecord:
        security, flow = _text(top.get("security-id")), _text(top.get("flow-id"))
        name = digest(security, flow, body)
        since = now - timedelta(hours=self.config.checksum_hours)
        judged = judge(
            top,
            config=self.config,
            now=now,
            repeated=lambda: self.memory.was_accepted(name, since=since),
            balance=self._left,
        )
        account = account_of(top, self.config)
        return RequestRecord(
            str(uuid.uuid4()),
            now,
            mode,
            sender,
            judged.code,
            flow,
            account.name if account else "",
            name,
            _calls(judged, now),
        )

    def _left(self, account: SandboxAccount) -> int | None:
        if account.balance is None:
            return None
        return account.balance - self.memory.spent(account.name)


def _calls(judged: Judged, now: datetime) -> tuple[CallRecord, ...]:
    """The calls as kept; a start gone by today means at once."""
    return tuple(
        CallRecord(
            call.code,
            _text(call.client_id),
            max(call.start, now) if call.start else None,
            call.numbers,
            call.keys,
            str(uuid.uuid4()) if call.code == 200 and judged.code in (200, 209) else "",
        )
        for call in judged.calls
    )


def _realtime(record: RequestRecord) -> SandboxAnswer:
    details = [
        {"client-identifier": call.client_id, "phonon-uuid": call.phonon_uuid}
        for call in record.calls
        if call.phonon_uuid
    ]
    body = {
        "api-response-code": record.code,
        "api-response-message": MESSAGES[record.code],
        "request-id": record.request_id,
        "call-details": details,
    }
    return SandboxAnswer(200, body)


def _bulk(record: RequestRecord) -> SandboxAnswer:
    body = {
        "api-response-code": 202,
        "api-response-message": "Accepted",
        "request-id": record.request_id,
        "call-details": None,
    }
    return SandboxAnswer(202, body)


def _error(code: int, status: int = 200) -> SandboxAnswer:
    return SandboxAnswer(
        status, {"api-response-code": code, "api-response-message": MESSAGES[code]}
    )


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
