"""The log line of a call: where to and how it went, never path, query, headers or body."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from rules.outgoing import OutgoingError

if TYPE_CHECKING:
    from rules.gateways._flight import Flight
    from rules.outgoing import Reply

__all__ = ["write_line"]

_log = logging.getLogger("rules.outgoing")
CHECK_PURPOSE = "start check"
"""The check at every start is no news."""
_LONGEST = 60


def write_line(flight: Flight, outcome: Reply | OutgoingError) -> None:
    """One line per call; eight digits of the URL's hash tell repeats."""
    call, url = flight.call, flight.url
    level = logging.DEBUG if call.purpose == CHECK_PURPOSE else logging.INFO
    if not _log.isEnabledFor(level):
        return
    failed = outcome if isinstance(outcome, OutgoingError) else None
    digest = hashlib.sha256(call.url.encode("utf-8", "surrogatepass")).hexdigest()
    parts = {
        "request": call.request_id,
        "purpose": call.purpose,
        "account": call.account,
        "verb": call.verb if url else "",
        "scheme": url.scheme if url else "",
        "host": url.host if url else "",
        "port": url.port if url else "",
        "outcome": type(failed).__name__ if failed else "Reply",
        "kind": failed.kind if failed else "",
        "status": "" if isinstance(outcome, OutgoingError) else outcome.status,
        "ms": round(outcome.seconds * 1000),
        "out": len(call.body or b"") if url else 0,
        "in": flight.bytes_in,
        "url": digest[:8],
    }
    _log.log(level, "outgoing %s", " ".join(f"{key}={_word(str(v))}" for key, v in parts.items()))


def _word(text: str) -> str:
    """One word of a line: whatever could end it or begin another is left out."""
    shown = "".join(c for c in text[:_LONGEST] if c.isprintable() and c not in " =\"'")
    return shown or "-"
