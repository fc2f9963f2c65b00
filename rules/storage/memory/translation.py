"""Translations and counts in memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rules.storage.translation import MONTHS_KEPT

if TYPE_CHECKING:
    from datetime import datetime

    from rules.services.translation import Kept

__all__ = ["MemoryTranslations"]


class MemoryTranslations:
    """The store for tests and trials; forgets when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, Kept]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def find(self, key: str, *, now: datetime) -> Kept | None:
        """What is kept under a key, unless its days are over."""
        with self._lock:
            until, kept = self._kept.get(key, (None, None))
            return kept if until and until > now else None

    def keep(self, key: str, kept: Kept, *, until: datetime) -> None:
        """Keep a translation, in place of an older one."""
        with self._lock:
            self._kept[key] = (until, kept)

    def spend(self, account: str, month: str, characters: int, *, cap: int) -> bool:
        """Count characters, unless that would pass the cap: then nothing is counted."""
        with self._lock:
            total = self._counts.get((account, month), 0) + characters
            if total > cap:
                return False
            self._counts[account, month] = total
            return True

    def sweep(self, now: datetime, *, limit: int = 1000) -> int:
        """Delete what is over: at most so many translations, and counts of months gone by."""
        month = (now - MONTHS_KEPT).strftime("%Y-%m")
        with self._lock:
            over = [key for key, (until, _) in self._kept.items() if until <= now][:limit]
            for key in over:
                del self._kept[key]
            for account, counted in list(self._counts):
                if counted < month:
                    del self._counts[account, counted]
            return len(over)
