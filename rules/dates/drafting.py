"""What the installed `holidays` package says of India: the draft of our table, and the difference.

The table itself is frozen (`data/holidays_in.csv`); it changes only by a reviewed commit. This
module is for those who build or review it. Both lists of a state are taken, public holidays and
those of government offices: Andhra Pradesh has 27 days in 2026, not 18.

>>> [f"{day.date} {day.name}" for day in draft("IN-MH") if day.date.year == 2026][2]
'2026-03-03 Holi'
"""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

import holidays

from rules.dates.values import Holiday

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

__all__ = [
    "FIRST",
    "LAST",
    "PACKAGE",
    "VERSION",
    "Change",
    "compare",
    "draft",
    "hindi_names",
    "set_titles",
]

FIRST, LAST = 2015, 2035
"""Years drafted: from bank Saturdays on, to the end of the package's almanac tables."""
PACKAGE = "holidays"
"""Id of the package as a source."""
VERSION = version(PACKAGE)
_CENTRAL = "IN"
_CATEGORIES = ("public", "government")
_ESTIMATED = " (estimated)"
_ENGLISH, _HINDI = "en_US", "hi"  # named, or the package would ask the machine's locale


class Change(NamedTuple):
    """One difference: `+` only the package has the day, `-` only the table, `~` another name."""

    sign: str
    date: date
    name: str


def set_titles() -> dict[str, str]:
    """Every Indian set and its title: the central list, then states and territories by code."""
    titles = {_CENTRAL: "India, central government"}
    india = holidays.country_holidays(_CENTRAL)
    names = india.subdivisions_aliases
    for code in india.subdivisions:
        found = (name for name, of in names.items() if of == code and len(name) > len(code))
        titles[f"{_CENTRAL}-{code}"] = next(name for name in found if name.isascii())
    return titles


def draft(name: str) -> list[Holiday]:
    """The holidays of a set, in order of date and name; without Hindi names."""
    found = []
    for day, text in _ask(name, _ENGLISH).items():
        for part in text.split("; "):
            status = "estimated" if part.endswith(_ESTIMATED) else "computed"
            found.append(Holiday(day, part.removesuffix(_ESTIMATED), "", status, PACKAGE))
    return sorted(found, key=lambda holiday: (holiday.date, holiday.name))


def hindi_names() -> dict[str, str]:
    """English to Hindi name, learned from the days that have but one."""
    found: dict[str, str] = {}
    for name in set_titles():
        english, hindi = _ask(name, _ENGLISH), _ask(name, _HINDI)
        for day, text in english.items():
            if ";" not in text and not text.endswith(_ESTIMATED):
                found.setdefault(text, hindi[day])
    return found


def compare(table: Iterable[Holiday], drafted: Iterable[Holiday]) -> list[Change]:
    """What a newer draft would change in a set, in order of date."""
    old, new = _by_date(table), _by_date(drafted)
    changes = []
    for day in sorted(old.keys() | new.keys()):
        if day not in old:
            changes.append(Change("+", day, new[day]))
        elif day not in new:
            changes.append(Change("-", day, old[day]))
        elif old[day] != new[day]:
            changes.append(Change("~", day, f"{old[day]} -> {new[day]}"))
    return changes


def _by_date(days: Iterable[Holiday]) -> dict[date, str]:
    names: dict[date, list[str]] = {}
    for holiday in days:
        names.setdefault(holiday.date, []).append(holiday.name)
    return {day: "; ".join(sorted(found)) for day, found in names.items()}


def _ask(name: str, language: str) -> dict[date, str]:
    subdivision = name.partition("-")[2] or None
    with warnings.catch_warnings():  # it warns of years its almanac tables lack
        warnings.simplefilter("ignore")
        found = holidays.country_holidays(
            _CENTRAL,
            subdiv=subdivision,
            years=range(FIRST, LAST + 1),
            categories=_CATEGORIES,
            language=language,
        )
    return dict(found.items())
