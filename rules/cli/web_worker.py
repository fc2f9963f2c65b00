"""The web worker of `flow-rules serve`: a request must arrive whole within 30 seconds.

A worker has a few threads, and each reads one request at a time: without an end a handful of
clients that send slowly, or stop in the middle, would keep everybody else waiting.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

__all__ = ["WebWorker"]


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Stops reading from a client after `patience` seconds; what is being answered goes on."""

    patience = 30.0

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._since: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Read and answer one request, in a thread."""
        self._since[conn] = monotonic()
        try:
            return super().handle(conn)
        finally:
            self._since.pop(conn, None)

    def notify(self) -> None:
        """Called about once a second: end the reading of those that take too long."""
        super().notify()
        latest = monotonic() - self.patience
        for conn, since in list(self._since.items()):
            if since <= latest:
                with suppress(OSError):  # it has gone by itself
                    conn.sock.shutdown(socket.SHUT_RD)
