"""Which connections a call may use: a new one, or one kept within its account and host."""

from __future__ import annotations

import ssl
import threading
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING

import certifi

from rules.gateways._connection import IDLE_SECONDS, GuardedPool, GuardedTlsPool

if TYPE_CHECKING:
    from rules.gateways._deadline import Monitor
    from rules.urls import Url

__all__ = ["Pools", "tls_context"]

_KEPT = 32  # connections to one host; the delivery process sends no more at once


@lru_cache(maxsize=4)  # reading the authorities takes longer than all else at start
def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and name checked, authorities of no environment variable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


class Pools:
    """New pools, and those kept by account, scheme, host and port."""

    def __init__(self, monitor: Monitor, context: ssl.SSLContext) -> None:
        self._monitor = monitor
        self._context = context
        self.reset()

    def reset(self) -> None:
        """Forget every connection: in the child of a fork they belong to the parent."""
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, str, int], GuardedPool] = {}
        self._sweeping = False

    def make(self, url: Url, size: int = 1) -> GuardedPool:
        """A pool of its own for one host."""
        if url.scheme == "https":
            return GuardedTlsPool(url.host, url.port, maxsize=size, ssl_context=self._context)
        return GuardedPool(url.host, url.port, maxsize=size)

    def kept(self, account: str, url: Url) -> GuardedPool:
        """The pool of this account for this host."""
        key = (account, url.scheme, url.host, url.port)
        with self._lock:
            pool = self._kept.get(key)
            if pool is None:
                pool = self._kept[key] = self.make(url, _KEPT)
            if not self._sweeping:
                self._sweeping = True
                self._monitor.arm(monotonic() + IDLE_SECONDS, self.sweep)
        return pool

    def sweep(self) -> None:
        """Close what was not used for a minute; again in a minute while something is left."""
        with self._lock:
            before = monotonic() - IDLE_SECONDS
            self._kept = {k: pool for k, pool in self._kept.items() if pool.close_idle(before)}
            self._sweeping = bool(self._kept)
            if self._sweeping:
                self._monitor.arm(monotonic() + IDLE_SECONDS, self.sweep)

    def close(self) -> None:
        """Close every kept connection."""
        with self._lock:
            for pool in self._kept.values():
                pool.close()
            self._kept = {}
