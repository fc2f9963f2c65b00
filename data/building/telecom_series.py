"""`circles.csv`: which operator a mobile series was given to, and for which area."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from building.base import Row, Source, Table, read_source
from building.telecom_names import GRADES, Names

__all__ = ["circles_table"]

_SERIES = (
    "prefix",
    "operator",
    "circle",
    "confidence",
    "sources",
    "operator_confidence",
    "circle_confidence",
)
_PREFIX = re.compile(r"[6-9][0-9]{3,4}")


def circles_table(folder: Path, names: Names, sources: Mapping[str, Source]) -> Table:
    """The mobile series, checked; `state` is the newest state date among a row's sources."""
    series = read_source(folder, "mobile_series.csv", _SERIES)
    _check_prefixes(series)
    rows = [_row(row, names, sources) for row in series]
    used = sorted({name for row in series for name in row["sources"].split(";")})
    columns = (
        "prefix",
        "operator",
        "circle",
        "operator_confidence",
        "circle_confidence",
        "sources",
        "state",
    )
    about = "mobile series: operator and area as allocated, each with its grade"
    return Table("circles.csv", columns, sorted(rows), about, used, [row[-1] for row in rows])


def _check_prefixes(series: Sequence[Row]) -> None:
    seen: set[str] = set()
    for row in series:
        prefix = row["prefix"]
        if not _PREFIX.fullmatch(prefix):
            raise row.wrong(f"'{prefix}' is no prefix of 4 or 5 digits from 6 to 9")
        if prefix in seen:
            raise row.wrong(f"prefix {prefix} stands twice")
        seen.add(prefix)
    for row in series:
        prefix = row["prefix"]
        if len(prefix) == 5 and prefix[:4] in seen:
            raise row.wrong(f"prefix {prefix} lies under {prefix[:4]}")


def _row(row: Row, names: Names, sources: Mapping[str, Source]) -> tuple[str, ...]:
    names.check(row, "operator", names.operators)
    names.check(row, "circle", names.circles)
    names.check_grade(row, "operator_confidence", "operator")
    names.check_grade(row, "circle_confidence", "circle")
    if row["operator"] in names.closed and row["circle_confidence"] in GRADES[:2]:
        raise row.wrong(f"{row['operator']} is closed: its circle cannot be graded above low")
    used = row["sources"].split(";")
    if unknown := [name for name in used if name not in sources]:
        raise row.wrong(f"source '{unknown[0]}' is not in sources.csv")
    state = max(sources[name].state for name in used)
    return (
        row["prefix"],
        row["operator"],
        row["circle"],
        row["operator_confidence"],
        row["circle_confidence"],
        row["sources"],
        state,
    )
