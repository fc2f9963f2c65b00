"""Name look-up with a deadline: the operating system's own has none.

A look-up runs in one of a few workers; at the deadline the caller stops waiting. With all workers
stuck, further calls wait in line and give up in time like any other.
"""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from ipaddress import IPv6Address
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rules.urls import Address

__all__ = ["Found", "LookUp", "Names", "look_up", "numeric"]

Found = tuple[int, Any]
"""Address family and the socket address to connect to; the address text comes first in it."""
LookUp = "Callable[[str, int], Sequence[Found]]"

_WORKERS = 8


def look_up(host: str, port: int) -> Sequence[Found]:
    """Every address of a name, in the operating system's order; raises OSError."""
    found = socket.getaddrinfo(host.encode("ascii"), port, 0, socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def numeric(address: Address, port: int) -> Sequence[Found]:
    """A numeric host needs no look-up."""
    if isinstance(address, IPv6Address):
        return [(socket.AF_INET6, (str(address), port, 0, 0))]
    return [(socket.AF_INET, (str(address), port))]


class Names:
    """A small pool of workers that look names up."""

    def __init__(self, find: Callable[[str, int], Sequence[Found]] = look_up) -> None:
        self._find = find
        self.reset()

    def reset(self) -> None:
        """Forget the workers: in the child of a fork they are gone."""
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[tuple[Future[Sequence[Found]], str, int] | None] = SimpleQueue()
        self._workers: list[threading.Thread] = []

    def find(self, host: str, port: int, until: float) -> Sequence[Found]:
        """Addresses of a name; `TimeoutError` at `until`, another OSError when there are none."""
        job: Future[Sequence[Found]] = Future()
        with self._lock:
            self._jobs.put((job, host, port))
            if len(self._workers) < _WORKERS:
                worker = threading.Thread(target=_work, args=(self._jobs, self._find), daemon=True)
                self._workers.append(worker)
                worker.start()
        try:
            return job.result(max(0.0, until - monotonic()))
        except TimeoutError:
            job.cancel()
            raise

    def stop(self) -> None:
        """Let the workers end once they are free."""
        with self._lock:
            workers, self._workers = self._workers, []
            for _ in workers:
                self._jobs.put(None)
            self._jobs = SimpleQueue()


def _work(
    jobs: SimpleQueue[tuple[Future[Sequence[Found]], str, int] | None],
    find: Callable[[str, int], Sequence[Found]],
) -> None:
    while (job := jobs.get()) is not None:
        result, host, port = job
        if result.set_running_or_notify_cancel():
            try:
                result.set_result(find(host, port))
            except Exception as error:  # noqa: BLE001  handed to the caller who waits for it
                result.set_exception(error)
