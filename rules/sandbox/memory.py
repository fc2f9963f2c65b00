"""What the sandbox remembers: requests with their calls, accepted bytes, rates, balances.

Kept in memory, and as one JSON line per request in a file when there is one, so that it survives a
restart.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from rules.errors import SettingMistake

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["CallRecord", "Memory", "RequestRecord", "digest"]

_MINUTE = timedelta(minutes=1)


class CallRecord(msgspec.Struct, frozen=True):
    """One call of a request; only good ones have a phonon uuid."""

    code: int
    client_id: str
    start: datetime | None
    numbers: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    phonon_uuid: str = ""

    def state(self, now: datetime, seconds: int) -> str:
        """`Scheduled`, `In process` or `Completed`; a code when it is not made."""
        if not self.phonon_uuid or self.start is None:
            return str(self.code)
        if now < self.start:
            return "Scheduled"
        return "In process" if now < self.start + timedelta(seconds=seconds) else "Completed"


class RequestRecord(msgspec.Struct, frozen=True):
    """One request; `code` is what real time answers, `account` a configured one."""

    request_id: str
    at: datetime
    mode: str
    sender: str
    code: int
    flow_id: str
    account: str
    digest: str
    calls: tuple[CallRecord, ...]

    @property
    def accepted(self) -> bool:
        """Are calls made of it?"""
        return any(call.phonon_uuid for call in self.calls)


def digest(security_id: str, flow_id: str, body: bytes) -> str:
    """What makes two requests the same: the exact bytes, for one security id and flow."""
    return hashlib.sha256(b"\0".join((security_id.encode(), flow_id.encode(), body))).hexdigest()


class Memory:
    """Everything that was received; hold `lock` around what belongs together."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._path = path
        self._rates: dict[tuple[str, str], deque[datetime]] = {}
        self._clear()
        if path is not None and path.is_file():
            self._load(path)

    def _load(self, path: Path) -> None:
        """Take up what a file holds; a torn last line was never answered and is cut off."""
        decode = msgspec.json.Decoder(RequestRecord).decode
        with path.open("r+b") as file:
            whole = 0
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    file.truncate(whole)
                    break
                whole += len(line)
                try:
                    self._take(decode(line))
                except msgspec.MsgspecError:
                    raise SettingMistake(
                        "state", f"line {number} of {path.name} was not written by the sandbox"
                    ) from None

    def _clear(self) -> None:
        self.requests: dict[str, RequestRecord] = {}
        self._accepted: dict[str, datetime] = {}
        self._spent: Counter[str] = Counter()
        self._rates.clear()

    def keep(self, record: RequestRecord) -> None:
        """Remember a request, on disk first."""
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(record) + b"\n")
        self._take(record)

    def _take(self, record: RequestRecord) -> None:
        self.requests[record.request_id] = record
        if record.accepted:
            self._accepted[record.digest] = record.at
            self._spent[record.account] += sum(bool(call.phonon_uuid) for call in record.calls)

    def forget(self) -> None:
        """Forget all."""
        with self.lock:
            self._clear()
            if self._path is not None:
                self._path.unlink(missing_ok=True)

    def was_accepted(self, name: str, *, since: datetime) -> bool:
        """Were bytes with this digest accepted at `since` or later?"""
        at = self._accepted.get(name)
        return at is not None and at >= since

    def spent(self, account: str) -> int:
        """How many calls an account has made."""
        return self._spent[account]

    def too_many(self, sender: str, mode: str, now: datetime, most: int) -> bool:
        """Count a request; were there more than `most` of this sender within a minute?"""
        seen = self._rates.setdefault((sender, mode), deque())
        while seen and seen[0] <= now - _MINUTE:
            seen.popleft()
        if len(seen) >= most:
            return True
        seen.append(now)
        return False

    def newest(self, limit: int) -> list[RequestRecord]:
        """The last requests, newest first."""
        with self.lock:
            return list(reversed(self.requests.values()))[:limit]

    def find(self, fits: Callable[[RequestRecord], bool]) -> list[RequestRecord]:
        """Requests that fit, oldest first."""
        with self.lock:
            return [record for record in self.requests.values() if fits(record)]
