"""Where report rows go and come from: files, a table of the database, or both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from rules.reports import Batch, CellBatch, Place, ReportRow
    from rules.settings import Accounts

    Sweep = Callable[[datetime], int]
    Mark = tuple[int, int]

__all__ = ["Listed", "Query", "ReportSink", "ReportTable", "Reports"]


@dataclass(frozen=True)
class Query:
    """Rows of one report of one account, written on these days of the account, both included."""

    account: str
    report_type: str
    since: date | None = None
    until: date | None = None

    def moments(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """The first moment asked for, and the first one that is not any more."""
        first = datetime.combine(self.since, time(), zone) if self.since else None
        if self.until is None:
            return first, None
        return first, datetime.combine(self.until + timedelta(days=1), time(), zone)


@dataclass(frozen=True)
class Listed:
    """One report that there is: how many rows (`None`: not counted), from which day to which."""

    account: str
    report_type: str
    rows: int | None
    first: date | None
    last: date | None
    size: int = 0


class ReportSink(Protocol):
    """One place for rows."""

    def append(self, row: ReportRow) -> None:
        """Write one row, whole or not at all; raises `StoreUnavailable`."""
        ...

    def rows(self, query: Query) -> Iterator[ReportRow]:
        """Rows by moment of writing, then by order of writing."""
        ...

    def columns(self, query: Query) -> tuple[str, ...]:
        """The seven columns, and every further one that one of the rows has."""
        ...

    def batches(self, query: Query) -> Iterator[Batch]:
        """The same rows, many at a time."""
        ...

    def reports(self, account: str | None = None) -> Iterable[Listed]:
        """Which reports there are."""
        ...


class Reports(Protocol):
    """Every place of an installation."""

    def at(self, place: Place) -> ReportSink:
        """The sink of a place."""
        ...

    def erase(
        self, account: str, places: Iterable[Place], is_meant: Callable[[str], bool], to: str
    ) -> int:
        """Put `to` in place of `dnis` in every row of the account that is meant; how many."""
        ...

    def housekeeping(self, accounts: Callable[[], Accounts]) -> Mapping[str, Sweep]:
        """The nightly work: rows and files past their days, uploads."""
        ...


class ReportTable(Protocol):
    """The table of the database, for every place that uses it."""

    def append(self, row: ReportRow, *, upsert: bool) -> None:
        """Write one row; with `upsert` in place of an earlier one of the same call.

        A row of a call that is written again within ten minutes is written once.
        """
        ...

    def page(
        self,
        query: Query,
        *,
        zone: ZoneInfo,
        after: Mark | None,
        limit: int,
    ) -> tuple[list[CellBatch], Mark | None]:
        """At most so many rows behind a mark, and the mark of the last one (`None`: no more).

        Days count, and moments are written, in `zone`.
        """
        ...

    def extra_names(self, account: str, report_type: str) -> tuple[str, ...]:
        """Names of all further columns of a report, in the order first met."""
        ...

    def reports(self, account: str | None) -> list[tuple[str, str, int, datetime, datetime]]:
        """Account, report, rows, first and last moment of writing."""
        ...

    def erase(self, account: str, is_meant: Callable[[str], bool], replacement: str) -> int:
        """Replace `dnis` of the account's rows that are meant; how many rows."""
        ...

    def accounts(self) -> list[str]:
        """Every account that has rows."""
        ...

    def sweep(self, account: str, *, before: datetime, limit: int) -> int:
        """Delete at most so many rows of an account written before a moment."""
        ...
