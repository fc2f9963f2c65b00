"""Holiday sets by name: India and its states from our table, bank Saturdays, other countries.

| name | what |
| --- | --- |
| `IN`, `IN-MH`, ... | `data/holidays_in.csv`; the years each covers: `data/holiday_sets.csv` |
| `bank-saturdays` | second and fourth Saturdays from 1 September 2015 on, computed |
| `GB`, `US`, `US-CA`, ... | the `holidays` package, public holidays with observed days as there |
| `none` | nothing |

A state is a set of its own, never "centre plus extras". Tables and package load on first use.

>>> from datetime import date
>>> shipped_holidays().shut_days(("IN",)).holidays[date(2026, 11, 24)].name
"Guru Nanak's Birthday"
>>> shipped_holidays().shut_days(("IN-ZZ",))
Traceback (most recent call last):
rules.dates.holiday_sets.UnknownHolidaySet: no holiday set 'IN-ZZ'; did you mean 'IN-MZ'?
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rules.dates.closures import Coverage, ShutDays
from rules.dates.values import FIRST_YEAR, LAST_YEAR, Holiday
from rules.errors import RulesError
from rules.settings import nearest
from rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "BANK_SATURDAYS",
    "COLUMNS",
    "NO_SET",
    "SET_COLUMNS",
    "HolidaySet",
    "HolidayTable",
    "UnknownHolidaySet",
    "as_cells",
    "shipped_holidays",
]

COLUMNS = ("set", "date", "name", "name_hi", "status", "source", "checked_on")
SET_COLUMNS = ("set", "title", "complete_from", "known_through", "gazetted_through", "source")
NO_SET, BANK_SATURDAYS = "none", "bank-saturdays"
_UNSTATED = Coverage(stated=False)
_ESTIMATED = re.compile(r" \(estimated\)|, estimated(?=\))")  # the package's mark: the moon decides


class UnknownHolidaySet(RulesError):
    """A name that is no holiday set."""

    code = "BAD_SETTING"


class HolidaySet(NamedTuple):
    """One set of the table: title, years it covers, last year from an official list, rows."""

    name: str
    title: str
    coverage: Coverage
    gazetted_through: int
    rows: tuple[tuple[str, ...], ...]

    def holidays(self) -> list[Holiday]:
        """Its rows as values, in order of date."""
        return [Holiday(date.fromisoformat(row[1]), *row[2:6]) for row in self.rows]


class HolidayTable:
    """The Indian sets, and a way to every other set."""

    def __init__(self, sets: Iterable[HolidaySet]) -> None:
        self.sets = {one.name: one for one in sets}
        self._kept: dict[tuple[str, ...], ShutDays] = {}

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str] | Sequence[str]]) -> HolidayTable:
        """From rows with the columns of the table; a set covers the years its rows span.

        The sets of our table are known here too; one without rows is empty and states no years.
        Raises `ValueError` for a date that is none.
        """
        grouped: dict[str, list[tuple[str, ...]]] = {}
        for row in rows:
            cells = as_cells(row, COLUMNS)
            grouped.setdefault(cells[0], []).append(cells)
        empty = [HolidaySet(row[0], row[1], _UNSTATED, 0, ()) for row in _set_rows()]
        return cls([*empty, *(_spanned(name, tuple(cells)) for name, cells in grouped.items())])

    def shut_days(self, names: tuple[str, ...]) -> ShutDays:
        """What these sets shut together; raises `UnknownHolidaySet`."""
        found = self._kept.get(names)
        if found is None:
            found = self._kept[names] = self._gather(names)
        return found

    def holidays(self, name: str) -> list[Holiday]:
        """The holidays of one set in order of date; raises `UnknownHolidaySet`."""
        if name in {NO_SET, BANK_SATURDAYS}:
            return []
        if name in self.sets:
            return self.sets[name].holidays()
        found = _abroad(name)
        if found is None:
            hint = nearest(name, [*self.sets, BANK_SATURDAYS, NO_SET])
            raise UnknownHolidaySet(f"no holiday set '{name}'{hint}")
        return list(found)

    def _gather(self, names: tuple[str, ...]) -> ShutDays:
        days: list[Holiday] = []
        coverage = Coverage()
        for name in names:
            days += self.holidays(name)
            if name in self.sets:
                coverage = coverage.meet(self.sets[name].coverage)
            elif name not in {NO_SET, BANK_SATURDAYS}:
                coverage = coverage.meet(_UNSTATED)
        return ShutDays.of(days, bank_saturdays=BANK_SATURDAYS in names, coverage=coverage)


def _spanned(name: str, rows: tuple[tuple[str, ...], ...]) -> HolidaySet:
    years = [date.fromisoformat(row[1]).year for row in rows]
    return HolidaySet(name, name, Coverage(min(years), max(years)), 0, rows)


def as_cells(row: Mapping[str, str] | Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """The cells of a row in the order of columns, whether it is a mapping or a sequence."""
    if isinstance(row, Mapping):
        return tuple(row.get(column) or "" for column in columns)
    return (*row, *[""] * (len(columns) - len(row)))


@cache
def _set_rows() -> list[tuple[str, ...]]:
    return read_table("holiday_sets", SET_COLUMNS)


@cache
def shipped_holidays() -> HolidayTable:
    """The table that comes with this package, read on first use."""
    grouped: dict[str, list[tuple[str, ...]]] = {}
    for row in read_table("holidays_in", COLUMNS):
        grouped.setdefault(row[0], []).append(row)
    return HolidayTable(
        HolidaySet(name, title, Coverage(int(first), int(last)), int(official or 0), tuple(rows))
        for name, title, first, last, official, _ in _set_rows()
        if (rows := grouped[name])
    )


@lru_cache(maxsize=64)
def _abroad(name: str) -> tuple[Holiday, ...] | None:
    """Holidays of another country, or a part of one, over the whole horizon; `None`: no such."""
    country, _, part = name.partition("-")
    import holidays  # noqa: PLC0415  loads only for accounts abroad

    parts = holidays.list_supported_countries().get(country)
    if len(country) != 2 or country == "IN" or parts is None or (part and part not in parts):
        return None
    with warnings.catch_warnings():  # it warns of years beyond its tables
        warnings.simplefilter("ignore")
        found = holidays.country_holidays(
            country,
            subdiv=part or None,
            years=range(FIRST_YEAR, LAST_YEAR + 1),
            language="en_US",  # named, or the package would ask the machine's locale
        )
    return tuple(_foreign(day, text) for day, text in sorted(found.items()))


def _foreign(day: date, text: str) -> Holiday:
    plain, marks = _ESTIMATED.subn("", text)
    status, name = "estimated" if marks else "computed", plain.replace("; ", " and ")
    return Holiday(day, name, "", status, "holidays")
