"""What shuts or opens single dates: the holidays of an account's sets, and its own dates.

>>> from datetime import date
>>> day = date(2025, 10, 2)
>>> ShutDays.of([Holiday(day, "Dussehra"), Holiday(day, "Gandhi")]).holidays[day].name
'Dussehra and Gandhi'
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rules.dates.values import Holiday, HolidayData

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from rules.dates.window import Window

__all__ = ["ALL_YEARS", "NO_OWN_DATES", "NO_SETS", "Coverage", "OwnDates", "ShutDays"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The years for which holiday sets hold every holiday; not `stated` when one does not say."""

    first: int = 0
    last: int = 9999
    stated: bool = True

    def meet(self, other: Coverage) -> Coverage:
        """The years that both cover."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Coverage(first, last, self.stated and other.stated)

    def judge(self, *days: date | None) -> HolidayData:
        """Are the years of all these days covered?"""
        for day in days:
            if day is not None and not self.first <= day.year <= self.last:
                return HolidayData.INCOMPLETE
        return HolidayData.COMPLETE if self.stated else HolidayData.UNKNOWN


ALL_YEARS = Coverage()


@dataclass(frozen=True, eq=False)
class ShutDays:
    """What an account's holiday sets shut, all together."""

    holidays: Mapping[date, Holiday] = field(default_factory=dict)
    bank_saturdays: bool = False
    coverage: Coverage = ALL_YEARS
    ordinals: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        holidays: Iterable[Holiday],
        *,
        bank_saturdays: bool = False,
        coverage: Coverage = ALL_YEARS,
    ) -> ShutDays:
        """From holidays in any order; those of one date become one with both names."""
        found: dict[date, Holiday] = {}
        for holiday in holidays:
            old = found.get(holiday.date)
            found[holiday.date] = holiday if old is None else _join(old, holiday)
        ordinals = tuple(sorted(day.toordinal() for day in found))
        return cls(found, bank_saturdays, coverage, ordinals)


def _join(first: Holiday, second: Holiday) -> Holiday:
    """One holiday for two on one date; an equal name is not said twice."""
    if second.name in first.name:
        return first
    hindi = [holiday.name_hi or holiday.name for holiday in (first, second)]
    return replace(
        first,
        name=f"{first.name} and {second.name}",
        name_hi=" और ".join(hindi) if first.name_hi or second.name_hi else "",
    )


@dataclass(frozen=True, eq=False)
class OwnDates:
    """An account's own dates: closed (with the name to show), open, and days with own hours."""

    closed: Mapping[date, Holiday | None] = field(default_factory=dict)
    opened: frozenset[date] = frozenset()
    hours: Mapping[date, Window] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Number the dates once, for every calendar that uses them."""
        for name, days in (("closed_ordinals", self.closed), ("open_ordinals", self.opened)):
            object.__setattr__(self, name, tuple(sorted(day.toordinal() for day in days)))

    closed_ordinals: tuple[int, ...] = field(init=False, repr=False)
    open_ordinals: tuple[int, ...] = field(init=False, repr=False)


NO_SETS = ShutDays()
NO_OWN_DATES = OwnDates()
