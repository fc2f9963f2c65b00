"""The dialler over HTTP: one order's bytes out, the answer read.

The sandbox dialler on this machine is reached by a client of its own, so that the loopback stays
shut for everything else.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from rules.outbound import interpret, no_answer
from rules.services.outgoing import Call, OutgoingError, Refused

if TYPE_CHECKING:
    from rules.outbound import OutboundOrder, Outcome
    from rules.services.outgoing import Outgoing

__all__ = ["HttpDialler"]

CONNECT_SECONDS = 3.0
ATTEMPT_SECONDS = 13.0
"""Connecting, and ten seconds for the answer."""
_HEADERS = (("Content-Type", b"application/json"),)


class HttpDialler:
    """Sends orders through the outgoing client; `sandbox_url` through `sandbox`."""

    def __init__(
        self,
        outgoing: Outgoing,
        *,
        sandbox_url: str = "",
        sandbox: Outgoing | None = None,
        attempt_seconds: float = ATTEMPT_SECONDS,
    ) -> None:
        self._outgoing = outgoing
        self._sandbox_url = sandbox_url
        self._sandbox = sandbox
        self._attempt_seconds = attempt_seconds

    def send(self, order: OutboundOrder, url: str) -> Outcome:
        """One attempt; whatever happens is an outcome."""
        client = (url == self._sandbox_url and self._sandbox) or self._outgoing
        wire = order.call
        call = Call(
            "POST",
            url,
            headers=_HEADERS,
            body=order.body,
            allow_http=url.startswith("http://"),
            purpose="outbound call",
            secrets=(wire.security_id,),
            keep_alive=f"outbound/{order.account}",
            account=order.account,
            request_id=order.id,
            connect_seconds=CONNECT_SECONDS,
        )
        try:
            reply = client.send(call, deadline=monotonic() + self._attempt_seconds)
        except Refused:
            return no_answer(sent=False, reason="ADDRESS_REFUSED")
        except OutgoingError as error:
            return no_answer(sent=error.sent)
        return interpret(
            reply.status,
            reply.headers,
            reply.body,
            earlier_unknown=order.may_have_arrived,
            client_id=wire.client_id,
        )
