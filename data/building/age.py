"""When the sources must be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from building.base import Source

__all__ = ["overdue", "today"]

ALLOW_OLD = "RULES_ALLOW_OLD_DATA"
_STEPS = (
    "compare it with the world as data/README.md says, change data/sources/, set 'checked' and "
    f"'review_by' in data/sources/sources.csv, run 'make data' ({ALLOW_OLD}=1 only warns)"
)


def today() -> date:
    """The present day: the one place where the age of data reads the clock."""
    return datetime.now(UTC).date()


def overdue(sources: Iterable[Source], day: date) -> list[str]:
    """A line for every source whose review date has passed on that day."""
    return [
        f"source '{source.id}' (state {source.state or 'unknown'}) was to be reviewed by "
        f"{source.review_by}: {_STEPS}"
        for source in sources
        if date.fromisoformat(source.review_by) < day
    ]
