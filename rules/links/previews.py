"""The words of preview fetchers and crawlers: the table `data/previews.csv`, read on first use.

>>> "whatsapp" in preview_words()
True
"""

from __future__ import annotations

from functools import lru_cache

from rules.tables import read_table

__all__ = ["preview_words"]


@lru_cache(maxsize=1)
def preview_words() -> tuple[str, ...]:
    """Every word, in small letters."""
    return tuple(word for word, _ in read_table("previews", ("word", "who")))
