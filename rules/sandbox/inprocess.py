"""The sandbox dialler without a socket: for tests and trials inside one process.

It stands in the dialler's place: same answers, same faults, same reading of what came back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from rules.outbound import Outcome, interpret, no_answer

if TYPE_CHECKING:
    from rules.outbound import OutboundOrder
    from rules.sandbox.dialler import Sandbox

__all__ = ["InProcessDialler"]


class InProcessDialler:
    """Hands orders to a sandbox in this process; `/bulk` in the address makes it a bulk dialler."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def send(self, order: OutboundOrder, url: str) -> Outcome:
        """One attempt, faults included."""
        fault = self.sandbox.next_fault()
        name = fault.name if fault else ""
        if name in ("refuse", "hang"):
            return no_answer(sent=True)
        if name in ("error-500", "garbage"):
            return interpret(500 if name == "error-500" else 200, (), b"<html>")
        answer = self.sandbox.answer("bulk" if "/bulk/" in url else "realtime", order.body)
        if name == "accept-then-hang":
            return no_answer(sent=True)
        return interpret(
            answer.status,
            (),
            msgspec.json.encode(answer.body),
            earlier_unknown=order.may_have_arrived,
            client_id=order.call.client_id,
        )
