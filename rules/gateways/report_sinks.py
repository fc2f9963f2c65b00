"""Every place that rows can go to, by an account's settings: files, the table, or both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rules.gateways.report_files import find_files, list_files, read_batches, read_columns
from rules.gateways.report_keeping import ReportKeeping, erase_in_files
from rules.gateways.reports import CsvSink
from rules.reports import COLUMNS
from rules.services.reports import Listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rules.reports import Batch, Place, ReportRow
    from rules.services.reports import Query, ReportSink, ReportTable, Sweep
    from rules.settings import Accounts

__all__ = ["ReportSinks", "report_folder"]

_PAGE = 5000
_FOLDER = "reports"


def report_folder(database: str) -> Path:
    """Where reports go unless an account says otherwise: `reports` beside the database."""
    return Path() / _FOLDER if "://" in database else Path(database).expanduser().parent / _FOLDER


class ReportSinks:
    """The places of an installation; without a folder every row goes to the table."""

    def __init__(self, folder: Path | None, table: ReportTable) -> None:
        self._folder, self._table = folder, table
        self._sinks: dict[Place, ReportSink] = {}

    def at(self, place: Place) -> ReportSink:
        """The sink of a place, made once."""
        sink = self._sinks.get(place)
        if sink is None:
            sink = self._sinks[place] = self._make(place)
        return sink

    def root(self, place: Place) -> Path | None:
        """The folder of a place's files; `None` when it has no files."""
        if self._folder is None or not place.files:
            return None
        return self._folder.parent / place.root if place.root else self._folder

    def erase(
        self, account: str, places: Iterable[Place], is_meant: Callable[[str], bool], to: str
    ) -> int:
        """Put `to` in place of `dnis` in every row of the account that is meant; how many."""
        rows = self._table.erase(account, is_meant, to)
        found = {(self.root(place), place.path) for place in places}
        files = [(root, path) for root, path in found if root]
        return rows + sum(erase_in_files(*one, account, is_meant, to) for one in files)

    def housekeeping(self, accounts: Callable[[], Accounts]) -> dict[str, Sweep]:
        """The nightly work: rows and files past their days, uploads."""
        keeping = ReportKeeping(accounts, self.root, self._table)
        return {"reports": keeping.sweep, "report uploads": keeping.upload}

    def _make(self, place: Place) -> ReportSink:
        root = self.root(place)
        files = FileSink(root, place) if root else None
        table = TableSink(self._table, place) if place.table or not files else None
        return BothSinks(table, files)


class BothSinks:
    """The table first, so that a request sent again after a failure is known there."""

    def __init__(self, table: TableSink | None, files: FileSink | None) -> None:
        self._sinks: list[TableSink | FileSink] = [sink for sink in (table, files) if sink]

    def append(self, row: ReportRow) -> None:
        """Write one row, to every sink of the place."""
        for sink in self._sinks:
            sink.append(row)

    def rows(self, query: Query) -> Iterator[ReportRow]:
        """Rows by moment of writing, then by order of writing."""
        for batch in self.batches(query):
            yield from batch.read()

    def columns(self, query: Query) -> tuple[str, ...]:
        """The seven columns, and every further one that one of the rows has."""
        return self._sinks[0].columns(query)

    def batches(self, query: Query) -> Iterator[Batch]:
        """The same rows, many at a time."""
        return self._sinks[0].batches(query)

    def reports(self, account: str | None = None) -> Iterable[Listed]:
        """Which reports there are."""
        return self._sinks[0].reports(account)


class FileSink(CsvSink):
    """The files of one place: written by `CsvSink`, read here."""

    def columns(self, query: Query) -> tuple[str, ...]:
        """The seven columns, and every further one of the files."""
        return read_columns(find_files(self.root, self.place.path, query))

    def batches(self, query: Query) -> Iterator[Batch]:
        """Rows by moment of writing, many at a time."""
        return read_batches(find_files(self.root, self.place.path, query), query)

    def reports(self, account: str | None) -> list[Listed]:
        """Which reports there are files of."""
        return list_files(self.root, self.place.path, account)


class TableSink:
    """The table, as one account sees it: days and moments in its zone."""

    def __init__(self, table: ReportTable, place: Place) -> None:
        self._table, self._place = table, place

    def append(self, row: ReportRow) -> None:
        """Write one row."""
        self._table.append(row, upsert=self._place.upsert)

    def columns(self, query: Query) -> tuple[str, ...]:
        """The seven columns, and every further one of the report."""
        return (*COLUMNS, *self._table.extra_names(query.account, query.report_type))

    def batches(self, query: Query) -> Iterator[Batch]:
        """Rows by moment of writing, many at a time."""
        mark = None
        while True:
            batches, mark = self._table.page(query, zone=self._place.zone, after=mark, limit=_PAGE)
            yield from batches
            if mark is None:
                return

    def reports(self, account: str | None) -> list[Listed]:
        """Which reports have rows."""
        zone = self._place.zone
        return [
            Listed(owner, name, rows, first.astimezone(zone).date(), last.astimezone(zone).date())
            for owner, name, rows, first, last in self._table.reports(account)
        ]
