"""The sign of life of a delivery process, and its hold on the node name.

Two live processes under one node name would do each other's work twice. Whoever finds that another
has taken its name ends at once, whatever it is doing: what it had in hand is taken up there.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rules.errors import StoreUnavailable
from rules.services.nodes import BEAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rules.services.nodes import Nodes

__all__ = ["NAME_LOST", "SignOfLife", "place_of"]

NAME_LOST = 3
"""Exit code of a process whose name another has taken."""
_log = logging.getLogger(__name__)


def place_of(database: str) -> str:
    """The place inside which a file lock holds: the file's machine, or this machine's own files.

    Two containers on one machine have different `/tmp`, so the lock there says nothing.
    """
    if "://" not in database:
        return "file"
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/mnt').readlink()}"
    return str(uuid.getnode())


class SignOfLife:
    """Hold a node's name from `claim` until `end`, with a sign of life every few seconds."""

    def __init__(
        self,
        nodes: Nodes,
        name: str,
        *,
        place: str,
        clock: Callable[[], datetime],
        lost: Callable[[], None] = lambda: os._exit(NAME_LOST),
    ) -> None:
        self._nodes, self._name, self._place, self._clock = nodes, name, place, clock
        self._lost = lost
        self._token = uuid.uuid4().hex
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="sign of life", daemon=True)

    def claim(self) -> bool:
        """Take the name; `False` while a live process on another machine has it."""
        mine = self._nodes.claim(
            self._name, token=self._token, place=self._place, now=self._clock()
        )
        if mine and not self._thread.ident:
            self._thread.start()
        return mine

    def _beat(self) -> None:
        while not self._ended.wait(BEAT.total_seconds()):
            try:
                mine = self._nodes.beat(self._name, token=self._token, now=self._clock())
            except StoreUnavailable:
                continue
            if not mine:
                _log.critical("another process has this node's name", extra={"node": self._name})
                self._lost()
                return

    def end(self) -> None:
        """Give the name back."""
        self._ended.set()
        if self._thread.ident:
            self._thread.join()
        with suppress(StoreUnavailable):
            self._nodes.leave(self._name, token=self._token)
