"""What must happen in a forked child, and at the end of a process, for objects that may be gone."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING
from weakref import WeakMethod

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["at_end", "in_child"]


def in_child(method: Callable[[], None]) -> None:
    """Call a method of an object in every forked child, for as long as the object lives."""
    os.register_at_fork(after_in_child=_while_alive(method))


def at_end(method: Callable[[], None]) -> None:
    """Call a method of an object when the process ends, if the object lives."""
    atexit.register(_while_alive(method))


def _while_alive(method: Callable[[], None]) -> Callable[[], None]:
    kept = WeakMethod(method)

    def call() -> None:
        found = kept()
        if found is not None:
            found()

    return call
