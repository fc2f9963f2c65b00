"""What leaves the process over HTTP, as the services know it; see `rules.outgoing`."""

from rules.outgoing import (
    Call,
    Outgoing,
    OutgoingError,
    Refused,
    Reply,
    TimedOut,
    TooLarge,
    Unreachable,
)

__all__ = [
    "Call",
    "Outgoing",
    "OutgoingError",
    "Refused",
    "Reply",
    "TimedOut",
    "TooLarge",
    "Unreachable",
]
