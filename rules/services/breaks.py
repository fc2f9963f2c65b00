"""The break report over stored pauses: day by day, so that a long report needs no memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rules.prefs import PREFS, break_rows, settled
from rules.prefs.breaks import midnight

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime, tzinfo

    from rules.prefs import BreakRow, Interval, PrefSettings
    from rules.services.prefs import PauseStore
    from rules.settings import Accounts

__all__ = ["MOST_DAYS", "BreakQuestion", "break_report"]

MOST_DAYS = 3_660
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BreakQuestion:
    """Days from `start` to `end`, both included, in a zone; empty filters let all pass.

    A reason is the same in any case: accounts spell it each in their own way.
    """

    start: date
    end: date
    zone: tzinfo
    cli: str = ""
    account: str = ""
    reason: str = ""


def break_report(
    store: PauseStore, accounts: Accounts, question: BreakQuestion, *, now: datetime
) -> Iterator[BreakRow]:
    """Rows sorted by day, start and number; each agent with the name of the list of agents."""

    def of(account: str) -> PrefSettings:
        return accounts.settings(PREFS, account or None)

    def as_it_is(interval: Interval) -> Interval:
        return settled(interval, at=now, policy=of(interval.account).pauses)

    def asked_for(interval: Interval) -> bool:
        return wanted in ("", interval.reason.casefold())

    day, wanted = question.start, question.reason.casefold()
    while day <= question.end:
        found = store.overlapping(
            midnight(day, question.zone),
            midnight(day + _DAY, question.zone),
            cli=question.cli,
            account=question.account,
        )
        shown = map(as_it_is, filter(asked_for, found))
        rows = break_rows(shown, start=day, end=day, now=now, zone=question.zone)
        for row in rows:
            agent = of(row.account).roster.find(row.cli)
            yield replace(row, name=agent.name) if agent else row
        day += _DAY
