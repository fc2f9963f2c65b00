"""Flow ends of the sandbox: a finished call is pushed to an address, as the platform would.

The body has the single-leg layout; the call always connects after two seconds and ends normally.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from rules.errors import RulesError
from rules.sandbox.checks import ZONE
from rules.services.outgoing import Call

if TYPE_CHECKING:
    from datetime import datetime

    from rules.sandbox.dialler import Sandbox
    from rules.sandbox.memory import CallRecord, RequestRecord
    from rules.services.outgoing import Outgoing

__all__ = ["FlowEndPusher", "flow_end_body"]

_RING = timedelta(seconds=2)
_SECONDS = 10.0
_log = logging.getLogger(__name__)


def flow_end_body(call: CallRecord, start: datetime, seconds: int) -> dict[str, Any]:
    """What is pushed for one finished call."""
    end = start + timedelta(seconds=seconds)
    connect = min(start + _RING, end)
    leg = {
        "calleeNumber": call.numbers[0],
        "didNumber": "911400000000",
        "startTime": _time(start),
        "connectTime": _time(connect),
        "endTime": _time(end),
        "duration": str(int((end - connect).total_seconds())),
        "hangupCause": "16",
        "incoming": False,
    }
    keys = [{"name": name, "value": value} for name, value in call.keys]
    return {
        "phonon-uuid": call.phonon_uuid,
        "flowStatus": "COMPLETED",
        "callDetails": [leg],
        "keys": keys,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat(timespec="milliseconds")


class FlowEndPusher:
    """Looks every so often for calls that have ended since, and pushes each once."""

    def __init__(self, sandbox: Sandbox, outgoing: Outgoing, *, every: float = 1.0) -> None:
        self._sandbox = sandbox
        self._outgoing = outgoing
        self._every = every
        self._done: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-flow-end", daemon=True)

    def start(self) -> None:
        """Begin on a thread; calls that had ended before are not pushed again."""
        self._done |= {call.phonon_uuid for _, call in self._finished()}
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            for _, call in self._finished():
                if call.phonon_uuid not in self._done:
                    self._done.add(call.phonon_uuid)
                    self._push(call)

    def _finished(self) -> list[tuple[RequestRecord, CallRecord]]:
        now, seconds = self._sandbox.clock(), self._sandbox.config.call_seconds
        return [
            (record, call)
            for record in self._sandbox.memory.find(lambda record: record.accepted)
            for call in record.calls
            if call.state(now, seconds) == "Completed"
        ]

    def _push(self, call: CallRecord) -> None:
        config = self._sandbox.config
        start = call.start or self._sandbox.clock()
        push = Call(
            "POST",
            config.flow_end_url,
            headers=(("Content-Type", b"application/json"),),
            body=msgspec.json.encode(flow_end_body(call, start, config.call_seconds)),
            allow_http=True,
            purpose="sandbox flow end",
        )
        try:
            self._outgoing.send(push, deadline=time.monotonic() + _SECONDS)
        except RulesError as error:
            _log.warning("flow end not pushed", extra={"why": str(error)})
