"""Report rows in memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from rules.reports import COLUMNS, batches_of
from rules.storage.reports import SAME_CALL, call_key, same_row_key
from rules.storage.tables import from_moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rules.reports import CellBatch, ReportRow
    from rules.services.reports import Mark, Query

__all__ = ["MemoryReports"]


class MemoryReports:
    """The table for tests and trials; forgets when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._rows: dict[int, ReportRow] = {}
        self._keys: dict[str, int] = {}

    def append(self, row: ReportRow, *, upsert: bool) -> None:
        """Write one row; with `upsert` in place of an earlier one of the same call."""
        key = call_key(row) if upsert else same_row_key(row)
        with self._lock:
            number = self._keys.get(key or "")
            old = self._rows[number] if number else None
            if upsert and number and old:
                if old.written_at <= row.written_at:
                    changes = replace(old, dtmf=row.dtmf, written_at=row.written_at)
                    self._rows[number] = changes
                return
            if old and old.written_at >= row.written_at - SAME_CALL:
                return
            number = next(self._numbers)
            self._rows[number] = replace(row, call_id="")
            if key:
                self._keys[key] = number

    def page(
        self, query: Query, *, zone: ZoneInfo, after: Mark | None, limit: int
    ) -> tuple[list[CellBatch], Mark | None]:
        """At most so many rows behind a mark, and the mark of the last one (`None`: no more)."""
        since, before = query.moments(zone)
        with self._lock:
            found = sorted(
                ((from_moment(row.written_at), number), row)
                for number, row in self._rows.items()
                if (row.account_id, row.report_type) == (query.account, query.report_type)
                and (since is None or row.written_at >= since)
                and (before is None or row.written_at < before)
            )
        page = [(mark, row) for mark, row in found if after is None or mark > after][:limit]
        moved = [replace(row, written_at=row.written_at.astimezone(zone)) for _, row in page]
        cells = [([*row.values()[: len(COLUMNS)]], row.extra) for row in moved]
        return batches_of(cells), page[-1][0] if len(page) == limit else None

    def extra_names(self, account: str, report_type: str) -> tuple[str, ...]:
        """Names of all further columns of a report, in the order first met."""
        owner = (account, report_type)
        with self._lock:
            rows = [r for r in self._rows.values() if (r.account_id, r.report_type) == owner]
        return tuple(dict.fromkeys(name for row in rows for name, _ in row.extra))

    def reports(self, account: str | None) -> list[tuple[str, str, int, datetime, datetime]]:
        """Account, report, rows, first and last moment of writing."""
        moments: dict[tuple[str, str], list[datetime]] = {}
        with self._lock:
            for row in self._rows.values():
                if account in (None, row.account_id):
                    moments.setdefault((row.account_id, row.report_type), []).append(row.written_at)
        return [(*owner, len(at), min(at), max(at)) for owner, at in sorted(moments.items())]

    def erase(self, account: str, is_meant: Callable[[str], bool], replacement: str) -> int:
        """Replace `dnis` of the account's rows that are meant; how many rows."""
        with self._lock:
            meant = [
                number
                for number, row in self._rows.items()
                if row.account_id == account and is_meant(row.dnis)
            ]
            for number in meant:
                self._rows[number] = replace(self._rows[number], dnis=replacement)
            self._keys = {key: kept for key, kept in self._keys.items() if kept not in meant}
            return len(meant)

    def accounts(self) -> list[str]:
        """Every account that has rows."""
        with self._lock:
            return list({row.account_id for row in self._rows.values()})

    def sweep(self, account: str, *, before: datetime, limit: int) -> int:
        """Delete at most so many rows of an account written before a moment."""
        with self._lock:
            old = [
                number
                for number, row in self._rows.items()
                if row.account_id == account and row.written_at < before
            ][:limit]
            for number in old:
                del self._rows[number]
            self._keys = {key: kept for key, kept in self._keys.items() if kept not in old}
            return len(old)
