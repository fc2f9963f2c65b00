"""The dated call rules: checked with the reader that uses them, sorted by id and version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from building.base import Output, Row, Source, Table, read_source
from rules.errors import BadTable
from rules.outbound.records import COLUMNS, Record, read_records

__all__ = ["build"]

SOURCES = ("trai-2010", "trai-2025-02", "trai-2025-11", "rbi-2022", "dlt-scrubbing")
_SECTION = """\
Every value of the call gate stands in `call_rules.csv`: which hours, which caller ids, for which
purposes and entity types, from which day, on whose word. A changed rule is a **new row with a
higher `version`**; the old row gets its `effective_to`, so that an old decision can still be
explained. Dates of two versions of one rule do not overlap. `sureness` says how sure the reading
is. **`confirmed_by` and `confirmed_on` are empty until a person has checked the record against its
source**: that check is yours before production.
"""


def build(folder: Path, _: Mapping[str, Source]) -> Output:
    """The table `call_rules.csv`."""
    rows = read_source(folder, "call_rules.csv", COLUMNS)
    records = [(_checked(row), row) for row in rows]
    records.sort(key=lambda pair: (pair[0].id, pair[0].version))
    for (earlier, _row), (later, row) in pairwise(records):
        if earlier.id == later.id:
            _refuse_overlap(earlier, later, row)
    table = Table(
        "call_rules.csv",
        COLUMNS,
        [[row[column] for column in COLUMNS] for _, row in records],
        "call rules as dated records",
        SOURCES,
        [row["read_on"] for row in rows],
    )
    return Output("Call rules", [table], _SECTION)


def _checked(row: Row) -> Record:
    try:
        (record,) = read_records([[row[column] for column in COLUMNS]])
    except BadTable as error:
        raise row.wrong(str(error)) from None
    needed: Sequence[str] = ("source", "read_on", "sureness", "title")
    if missing := [column for column in needed if not row[column]]:
        raise row.wrong(f"{record.id}: {', '.join(missing)} must be filled")
    return record


def _refuse_overlap(earlier: Record, later: Record, row: Row) -> None:
    if earlier.version == later.version:
        raise row.wrong(f"{later.id}, version {later.version} stands twice")
    end, start = earlier.effective_to or date.max, later.effective_from or date.min
    if start <= end:
        raise row.wrong(f"{later.id}: version {later.version} begins before the earlier one ends")
