"""Translation as methods ask for it, and what it keeps between calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from rules.secret import Secret
    from rules.translation import Translation, TranslationRequest, TranslationSettings

__all__ = ["Kept", "TranslationJob", "TranslationStore", "Translator"]


@dataclass(frozen=True)
class TranslationJob:
    """For whom a text is translated: the account's settings, the key to use, and the moment."""

    settings: TranslationSettings
    key: Secret
    account: str
    now: datetime
    request_id: str = ""


class Translator(Protocol):
    """Everything between a request and its translation: engines, cache, cap."""

    def translate(self, request: TranslationRequest, job: TranslationJob) -> Translation:
        """A translation or the reason for none; raises only `StoreUnavailable`."""
        ...


@dataclass(frozen=True)
class Kept:
    """A translation that was kept, and the code that was detected (`None`: none)."""

    text: str = field(repr=False)
    detected: str | None = None


class TranslationStore(Protocol):
    """Translations kept in the database, and the characters an account has sent in a month."""

    def find(self, key: str, *, now: datetime) -> Kept | None:
        """What is kept under a key, unless its days are over."""
        ...

    def keep(self, key: str, kept: Kept, *, until: datetime) -> None:
        """Keep a translation, in place of an older one."""
        ...

    def spend(self, account: str, month: str, characters: int, *, cap: int) -> bool:
        """Count characters, unless that would pass the cap: then nothing is counted."""
        ...

    def sweep(self, now: datetime, *, limit: int = 1000) -> int:
        """Delete what is over: at most so many translations, and counts of months gone by."""
        ...
