"""Translations kept in memory, and equal calls at once made only once. Per process.

>>> cache = MemoryCache(clock=lambda: 0.0, entries=2)
>>> for text in ("a", "b", "a", "c"):
...     cache.keep(text, text.upper())
>>> cache.find("b"), cache.find("a"), cache.find("c")
(None, 'A', 'C')
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["MemoryCache", "SingleFlight"]

T = TypeVar("T")
ENTRIES = 5000
SECONDS = 24 * 3600.0


class MemoryCache(Generic[T]):
    """The entries used last, for a day; safe between threads."""

    def __init__(
        self, *, clock: Callable[[], float], entries: int = ENTRIES, seconds: float = SECONDS
    ) -> None:
        self._clock, self._entries, self._seconds = clock, entries, seconds
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable) -> T | None:
        """What is kept under a key, unless its time is over."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            until, value = found
            if until <= self._clock():
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return value

    def keep(self, key: Hashable, value: T) -> None:
        """Keep a value; the entry not used for longest goes when there are too many."""
        with self._lock:
            self._kept[key] = (self._clock() + self._seconds, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._entries:
                self._kept.popitem(last=False)


class SingleFlight(Generic[T]):
    """Of equal calls at once the first one runs, the others wait for what it brings."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[Hashable, Future[T]] = {}

    def run(self, key: Hashable, call: Callable[[], T]) -> T:
        """What the call gives or raises, whoever made it."""
        with self._lock:
            flight = self._flying.get(key)
            first = flight is None
            if flight is None:
                flight = self._flying[key] = Future()
        if not first:
            return flight.result()
        try:
            flight.set_result(call())
        except BaseException as error:
            flight.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._flying[key]
        return flight.result()
