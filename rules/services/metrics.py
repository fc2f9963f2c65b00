"""What is counted and timed. Names stand in one table; labels never hold anything personal.

>>> "request" in TIMES and "attempt" in COUNTS
True
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["COUNTS", "TIMES", "Metrics", "NoMetrics"]

COUNTS = {
    "request": ("requests answered, by method and HTTP status", ("method", "status")),
    "click": ("short links opened, by HTTP status of the answer", ("status",)),
    "attempt": ("attempts to deliver, by kind of work and outcome", ("kind", "outcome")),
    "webhook": ("webhook calls, by outcome", ("outcome",)),
    "translation": ("translations asked for, by engine and outcome", ("engine", "outcome")),
    "report_unreadable_starttime": ("report rows whose starttime was kept as it came", ()),
}
"""Counters: what is counted, and by which labels."""

TIMES = {
    "request": ("seconds a request took, by method", ("method",)),
    "delivery_lag": ("seconds from when an attempt was due to its start", ("kind",)),
}
"""Times: what is timed, and by which labels."""


class Metrics(Protocol):
    """Where counts and times go."""

    def count(self, name: str, *labels: str) -> None:
        """Count one; `name` and labels as in `COUNTS`."""
        ...

    def time(self, name: str, seconds: float, *labels: str) -> None:
        """Note a span; `name` and labels as in `TIMES`."""
        ...


class NoMetrics:
    """Counts nothing."""

    def count(self, name: str, *labels: str) -> None:
        """Let it pass."""

    def time(self, name: str, seconds: float, *labels: str) -> None:
        """Let it pass."""
