"""Report rows in the database: the seven columns, the account's further ones, and a key.

The key is what makes a row the same as another: with `upsert` its call, otherwise the platform's
name of the call and the whole row. It is unique, so two processes cannot both write it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Index,
    String,
    Table,
    Text,
    and_,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # what we use of it compiles for SQLite too

from rules.reports import batches_of, moment_text
from rules.storage.driver import driver
from rules.storage.engine import is_sqlite, reading, transaction
from rules.storage.tables import Moment, Serial, from_moment, table, to_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import Engine

    from rules.reports import CellBatch, ReportRow
    from rules.services.reports import Mark, Query

__all__ = ["REPORT_ROWS", "SqlReports"]

_MINUTE = 60_000_000
SAME_CALL = timedelta(minutes=10)
"""A row of the same call that is written again within this time is written once."""

REPORT_ROWS: Table = table(
    "report_rows",
    Column("id", Serial, primary_key=True),
    Column("report_type", String(64), nullable=False),
    Column("dtmf", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("account_id", String(64), nullable=False),
    Column("dnis", Text, nullable=False),
    Column("start_time", Text, nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("extra", Text),
    Column("call_key", String(64), unique=True),
    Index(None, "account_id", "report_type", "written_at", "id"),
    Index(None, "account_id", "dnis"),
)
_C = REPORT_ROWS.c
_COLUMNS = [column.name for column in _C if column.name != "id"]
_INSERT = (
    f"INSERT INTO {REPORT_ROWS.name} ({', '.join(_COLUMNS)}) "  # noqa: S608  our own names
    f"VALUES ({', '.join('?' * len(_COLUMNS))})"
)
_PAGE = (
    f"SELECT {', '.join(_COLUMNS[:8])}, id FROM {REPORT_ROWS.name}"  # noqa: S608  our own names
    " WHERE account_id = ? AND report_type = ?"
)
_UPSERT = (
    f"{_INSERT} ON CONFLICT (call_key) DO UPDATE"
    " SET dtmf = excluded.dtmf, written_at = excluded.written_at"
    f" WHERE {REPORT_ROWS.name}.written_at <= excluded.written_at"
)


class SqlReports:
    """The table on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mark = "?" if is_sqlite(engine) else "%s"
        self._insert = _INSERT.replace("?", self._mark)
        self._upsert = _UPSERT.replace("?", self._mark)

    def append(self, row: ReportRow, *, upsert: bool) -> None:
        """Write one row; with `upsert` in place of an earlier one of the same call."""
        key = call_key(row) if upsert else same_row_key(row)
        values = _values(row, key)
        if upsert or key is None:
            with driver(self._engine) as connection:
                connection.execute(self._upsert if upsert else self._insert, values)
            return
        old = and_(_C.call_key == key, _C.written_at < row.written_at - SAME_CALL)
        once = insert(REPORT_ROWS).on_conflict_do_nothing(index_elements=["call_key"])
        with transaction(self._engine) as connection:
            connection.execute(update(REPORT_ROWS).where(old).values(call_key=None))
            named = dict(zip(_COLUMNS, values, strict=True)) | {"written_at": row.written_at}
            connection.execute(once, named)

    def page(
        self, query: Query, *, zone: ZoneInfo, after: Mark | None, limit: int
    ) -> tuple[list[CellBatch], Mark | None]:
        """At most so many rows behind a mark, and the mark of the last one (`None`: no more)."""
        bounds = dict(zip((">=", "<"), query.moments(zone), strict=True))
        wanted = [f"written_at {sign} ?" for sign, moment in bounds.items() if moment]
        values: list[Any] = [query.account, query.report_type]
        values += [from_moment(moment) for moment in bounds.values() if moment]
        if after is not None:
            wanted.append("(written_at, id) > (?, ?)")
            values += after
        select_page = " AND ".join([_PAGE, *wanted]) + " ORDER BY written_at, id LIMIT ?"
        with driver(self._engine) as connection:
            found = connection.execute(
                select_page.replace("?", self._mark), (*values, limit)
            ).fetchall()
        mark = (found[-1][6], found[-1][8]) if len(found) == limit else None
        return batches_of(_cells(row, zone) for row in found), mark

    def extra_names(self, account: str, report_type: str) -> tuple[str, ...]:
        """Names of all further columns of a report, in the order first met."""
        owned = (_C.account_id == account, _C.report_type == report_type)
        found = select(_C.extra).where(*owned, _C.extra.is_not(None)).order_by(_C.id)
        names: dict[str, None] = {}
        with reading(self._engine) as connection:
            for (extra,) in connection.execute(found):
                names |= dict.fromkeys(name for name, _ in json.loads(extra))
        return tuple(names)

    def reports(self, account: str | None) -> list[tuple[str, str, int, datetime, datetime]]:
        """Account, report, rows, first and last moment of writing."""
        first, last = func.min(_C.written_at), func.max(_C.written_at)
        found = (
            select(_C.account_id, _C.report_type, func.count(), first, last)
            .group_by(_C.account_id, _C.report_type)
            .order_by(_C.account_id, _C.report_type)
        )
        if account is not None:
            found = found.where(_C.account_id == account)
        with reading(self._engine) as connection:
            return [tuple(row) for row in connection.execute(found)]

    def erase(self, account: str, is_meant: Callable[[str], bool], replacement: str) -> int:
        """Replace `dnis` of the account's rows that are meant; how many rows."""
        numbers = select(_C.dnis).where(_C.account_id == account).distinct()
        with transaction(self._engine) as connection:
            meant = [dnis for (dnis,) in connection.execute(numbers) if is_meant(dnis)]
            change = (
                update(REPORT_ROWS)
                .where(_C.account_id == account, _C.dnis.in_(meant))
                .values(dnis=replacement, call_key=None)
                .returning(_C.id)
            )
            return len(connection.execute(change).all()) if meant else 0

    def accounts(self) -> list[str]:
        """Every account that has rows."""
        with reading(self._engine) as connection:
            return list(connection.scalars(select(_C.account_id).distinct()))

    def sweep(self, account: str, *, before: datetime, limit: int) -> int:
        """Delete at most so many rows of an account written before a moment."""
        old = select(_C.id).where(_C.account_id == account, _C.written_at < before).limit(limit)
        with transaction(self._engine) as connection:
            gone = delete(REPORT_ROWS).where(_C.id.in_(old)).returning(_C.id)
            return len(connection.execute(gone).all())


def _values(row: ReportRow, key: str | None) -> tuple[Any, ...]:
    """Values in column order; NUL, which PostgreSQL cannot keep, is a blank."""
    texts = (row.report_type, row.dtmf, row.flow_id, row.account_id, row.dnis, row.start_time)
    extra = json.dumps(row.extra) if row.extra else None
    moment = from_moment(row.written_at)
    return (*(text.replace("\0", " ") for text in texts), moment, extra, key)


def _cells(row: Sequence[Any], zone: ZoneInfo) -> tuple[list[str], Sequence[tuple[str, str]]]:
    """The seven values, and further ones by name."""
    minute, rest = divmod(row[6], _MINUTE)
    start, offset = _minute_text(minute, zone)
    seven = [*row[:6], f"{start}{rest // 1_000_000:02}.{rest // 1000 % 1000:03}{offset}"]
    return seven, json.loads(row[7]) if row[7] else ()


@lru_cache(maxsize=4096)
def _minute_text(minute: int, zone: ZoneInfo) -> tuple[str, str]:
    """How the moments of a minute begin and end: `2026-11-18T10:30:`, `+05:30`."""
    text = moment_text(to_moment(minute * _MINUTE).astimezone(zone))
    return text[:-12], text[-6:]


def call_key(row: ReportRow) -> str:
    """The key of a call in a report: a later row of it replaces what was pressed."""
    return _key("call", row.account_id, row.report_type, row.flow_id, row.dnis, row.start_time)


def same_row_key(row: ReportRow) -> str | None:
    """The key of a whole row of a named call; `None` when the call has no name."""
    if not row.call_id:
        return None
    seven = row.values()
    return _key("row", row.call_id, *seven[:6], json.dumps(row.extra))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
