"""Wall-clock deadlines: one thread that acts at the moment a deadline passes.

A library's time-outs are per read, so a server that sends one byte now and then outlives them.
Here a call arms an alarm; when its moment comes, its action (shutting the call's socket down)
runs in the watching thread. After `disarm` the action never runs, so a connection that went back
to its pool is safe. The thread starts with the first alarm, after the server has forked.
"""

from __future__ import annotations

import logging
import threading
from heapq import heapify, heappop, heappush
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Alarm", "Monitor"]

_log = logging.getLogger(__name__)
_NEVER = float("inf")
_MANY_DEAD = 256  # alarms that were disarmed and still lie in the heap before it is cleaned


class Alarm:
    """One armed deadline; `fired` once its action has run."""

    __slots__ = ("_monitor", "action", "fired", "live")

    def __init__(self, monitor: Monitor, action: Callable[[], object]) -> None:
        self._monitor = monitor
        self.action = action
        self.fired = False
        self.live = True

    def disarm(self) -> None:
        """From here on the action does not run any more."""
        self._monitor.disarm(self)


class Monitor:
    """A heap of deadlines on the monotonic clock and the thread that waits for the next one."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything: in the child of a fork the thread is gone and locks may be held."""
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._heap: list[tuple[float, int, Alarm]] = []
        self._order = count()
        self._dead = 0
        self._next = _NEVER
        self._thread: threading.Thread | None = None
        self._stopping = False

    def arm(self, when: float, action: Callable[[], object]) -> Alarm:
        """Run `action` at `when`, in the watching thread; it must be short and not wait."""
        alarm = Alarm(self, action)
        with self._lock:
            heappush(self._heap, (when, next(self._order), alarm))
            if when < self._next:
                self._next = when
                self._start()
                self._wake.notify()
        return alarm

    def disarm(self, alarm: Alarm) -> None:
        """Called by the alarm."""
        with self._lock:
            if not alarm.live:
                return
            alarm.live = False
            self._dead += 1
            if self._dead > _MANY_DEAD and self._dead * 2 > len(self._heap):
                self._heap = [entry for entry in self._heap if entry[2].live]
                heapify(self._heap)
                self._dead = 0

    def stop(self) -> None:
        """End the thread; an alarm that is armed later starts it again."""
        with self._lock:
            thread, self._thread, self._stopping = self._thread, None, True
            self._wake.notify()
        if thread is not None:
            thread.join()
        self._next, self._stopping = _NEVER, False

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="deadlines", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        with self._lock:
            while not self._stopping:
                self._next = self._fire_due()
                self._wake.wait(None if self._next == _NEVER else self._next - monotonic())

    def _fire_due(self) -> float:
        """Run what is due; give back the moment of the next alarm."""
        heap = self._heap
        while heap and (not heap[0][2].live or heap[0][0] <= monotonic()):
            alarm = heappop(heap)[2]
            if not alarm.live:
                self._dead -= 1
                continue
            alarm.live, alarm.fired = False, True
            try:
                alarm.action()
            except Exception:  # noqa: BLE001  the thread must live on for the other calls
                _log.exception("an alarm failed")
            heap = self._heap
        return heap[0][0] if heap else _NEVER
