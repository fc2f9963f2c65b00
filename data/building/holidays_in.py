"""holidays_in and holiday_sets: every holiday of India and its states, frozen.

The years that stand in `sources/holidays_official.csv` are taken from there and are `gazetted`;
all others are drafted by the `holidays` package. The draft changes only when its pinned version
does: `flow-rules holidays-diff` shows what a newer one would change.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from building.base import BuildError, Output, Row, Source, Table, read_source
from rules.dates.drafting import FIRST, LAST, PACKAGE, VERSION, draft, hindi_names, set_titles
from rules.dates.holiday_sets import COLUMNS, SET_COLUMNS

__all__ = ["build"]

_OFFICIAL = "holidays_official.csv"
_OFFICIAL_COLUMNS = ("set", "date", "name", "source", "checked_on")
_EXTRA_NAMES = ("name", "name_hi")
_SECTION = f"""\
`holidays_in.csv` has one row for each holiday of each set: `IN` is the central government's list,
`IN-MH` and the like are states and union territories, each complete in itself. All sets cover
{FIRST} to {LAST}: from {LAST + 1} on the almanac tables of the package end, and Holi, Diwali,
Dussehra and others would be missing while fixed dates went on. Replies say so then
(`holidayDataComplete` is `false`).

| status | meaning |
| --- | --- |
| `gazetted` | stands in an official list; for `IN` the years of `sources/{_OFFICIAL}` |
| `computed` | a rule with one answer: fixed dates, Easter, published almanac tables |
| `estimated` | depends on the sighting of the moon; may move by a day at short notice |

`checked_on` is the day on which a person compared the row with the official list itself; it is
empty where nobody has. So far it is empty everywhere: the central lists of 2024 to 2026 were
entered from general knowledge and agree with the package in every date.

When an official list comes out: add its days to `sources/{_OFFICIAL}`, run `make data`, review the
difference. In December a test fails until the next year of `IN` is there.

Known gaps: of the states only the dates the package knows; a state's own order of a few days
before (an election, a death) is in no table. Such days are an account's own dates.
"""


def build(folder: Path, _: Mapping[str, Source]) -> Output:
    """Both tables."""
    official = _read_official(folder)
    hindi = hindi_names() | _read_names(folder)
    rows: list[tuple[str, ...]] = []
    sets: list[tuple[str, ...]] = []
    for name, title in set_titles().items():
        years = {row["date"][:4] for row in official if row["set"] == name}
        for row in official:
            if row["set"] == name:
                cells = (row["name"], hindi.get(row["name"], ""), "gazetted")
                rows.append((name, row["date"], *cells, row["source"], row["checked_on"]))
        for day in draft(name):
            if str(day.date.year) not in years:
                cells = (day.name, hindi.get(day.name, ""), day.status)
                rows.append((name, day.date.isoformat(), *cells, day.source, ""))
        sets.append((name, title, str(FIRST), str(LAST), max(years, default=""), PACKAGE))
    _check(folder, rows)
    used = sorted({row[5] for row in rows})
    more: dict[str, str | int] = {"holidays": VERSION, "known_through": LAST}
    about = "holidays of India, its states and territories"
    tables = [
        Table("holidays_in.csv", COLUMNS, sorted(rows), about, used, more=more),
        Table("holiday_sets.csv", SET_COLUMNS, sorted(sets), "sets and their years", (PACKAGE,)),
    ]
    return Output("Holidays of India", tables, _SECTION)


def _read_official(folder: Path) -> list[Row]:
    rows = read_source(folder, _OFFICIAL, _OFFICIAL_COLUMNS)
    for row in rows:
        if row["set"] not in set_titles():
            raise row.wrong(f"no set '{row['set']}'")
    return rows


def _read_names(folder: Path) -> dict[str, str]:
    rows = read_source(folder, "holiday_names.csv", _EXTRA_NAMES)
    return {row["name"]: row["name_hi"] for row in rows}


def _check(folder: Path, rows: list[tuple[str, ...]]) -> None:
    """No day twice by one name in one set."""
    if len({row[:3] for row in rows}) != len(rows):
        raise BuildError(folder / _OFFICIAL, 1, "a set has a day twice")
