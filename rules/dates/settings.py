"""Settings of the date rule: zone, calendar, hours and switches, compiled from an account's texts.

>>> settings = DateSettings.from_mapping(
...     {"holiday_sets": [], "weekly_off": "Sunday", "callback_hours": "10:00-19:00"}, holidays=()
... )
>>> settings.zone.key, settings.callback_hours.end.hour
('Asia/Kolkata', 19)
>>> DateSettings.from_mapping({"weekly_off": "Funday"}, holidays=())
Traceback (most recent call last):
rules.errors.SettingMistake: weekly_off: 'funday' is no weekday; did you mean 'sunday'?
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.dates.calendar import compiled
from rules.dates.closures import NO_OWN_DATES, OwnDates, ShutDays
from rules.dates.holiday_sets import NO_SET, HolidayTable, shipped_holidays
from rules.dates.own import own_dates as read_rows
from rules.dates.own import read_own_dates
from rules.dates.week import WeekPattern, read_off_days
from rules.dates.window import Window
from rules.errors import RulesError, SettingMistake
from rules.settings import Topic, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rules.dates.calendar import Calendar
    from rules.settings import Files

__all__ = ["DATES", "DateSettings"]

T = TypeVar("T")
_OWN_DATES = "own_dates"


@dataclass(frozen=True)
class DateSettings:
    """What one account lays down for dates. `title_flags`: write `True` instead of `true`."""

    zone: ZoneInfo
    shut: ShutDays
    own: OwnDates
    weekly_off: WeekPattern
    business_hours: Window
    callback_hours: Window
    same_day_appointment: bool
    same_day_callback: bool
    max_days: int | None
    roll: bool
    title_flags: bool = False

    def calendar(self, weekly_off: WeekPattern | None = None) -> Calendar:
        """The calendar of a request's weekly pattern, or of the account's."""
        return compiled(self.weekly_off if weekly_off is None else weekly_off, self.shut, self.own)

    @classmethod
    def from_mapping(
        cls,
        mapping: Mapping[str, Any],
        *,
        holidays: HolidayTable | Iterable[Mapping[str, str] | Sequence[str]],
        own_dates: Iterable[Mapping[str, str]] = (),
    ) -> DateSettings:
        """From setting names and texts, rows of the holiday table, and rows of own dates.

        Raises `SettingMistake` for the first mistake; an unknown name is a mistake too.
        """
        for name in mapping:
            if name not in _READERS:
                raise SettingMistake(name, f"no such setting{nearest(name, list(_READERS))}")
        table = holidays
        if not isinstance(table, HolidayTable):
            table = _attempt("holidays", HolidayTable.from_rows, table)
        return _build(mapping, table, _attempt(_OWN_DATES, read_rows, own_dates))


def _attempt(name: str, read: Callable[..., T], *values: Any) -> T:
    """What a reader makes of a setting; its refusal becomes a mistake of that setting."""
    try:
        return read(*values)
    except (RulesError, ValueError, TypeError, AttributeError) as error:
        raise SettingMistake(name, str(error)) from None


def _build(mapping: Mapping[str, Any], table: HolidayTable, own: OwnDates) -> DateSettings:
    read = {
        name: _attempt(name, reader, mapping.get(name, default))
        for name, (default, reader) in _READERS.items()
    }
    return DateSettings(
        zone=read["zone"],
        shut=_attempt("holiday_sets", table.shut_days, read["holiday_sets"]),
        own=own,
        weekly_off=read["weekly_off"],
        business_hours=read["business_hours"],
        callback_hours=read["callback_hours"],
        same_day_appointment=read["same_day_appointment"],
        same_day_callback=read["same_day_callback"],
        max_days=read["max_days"],
        roll=read["correction"],
        title_flags=read["flag_style"],
    )


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no zone '{text}' in the zone database") from None


def _texts(value: str | Iterable[str]) -> tuple[str, ...]:
    """A list of texts, or one text with commas."""
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts)


def _sets(value: str | Iterable[str]) -> tuple[str, ...]:
    names = tuple(name for name in _texts(value) if name)
    if NO_SET in names and len(names) > 1:
        raise ValueError(f"'{NO_SET}' stands beside other sets")
    return names


def _weekly_off(value: str | Iterable[str]) -> WeekPattern:
    return read_off_days(",".join(_texts(value)))


def _switch(value: bool | str) -> bool:  # noqa: FBT001  a setting is true or false
    return _choice({"true": True, "false": False}, str(value).casefold())


def _limit(value: int | str | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).strip().isdecimal():
        raise ValueError("must be a whole number, 0 or more")
    return int(value)


def _choice(words: Mapping[str, bool], value: str) -> bool:
    if value not in words:
        raise ValueError(f"must be one of {', '.join(words)}")
    return words[value]


_READERS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "zone": ("Asia/Kolkata", _zone),
    "holiday_sets": (("IN",), _sets),
    "weekly_off": ("none", _weekly_off),
    "business_hours": ("09:00-18:00", Window.read),
    "callback_hours": ("08:00-20:00", Window.read),
    _OWN_DATES: ("", str),
    "same_day_appointment": (False, _switch),
    "same_day_callback": (True, _switch),
    "max_days": (None, _limit),
    "correction": ("roll", partial(_choice, {"roll": True, "none": False})),
    "flag_style": ("lower", partial(_choice, {"lower": False, "title": True})),
}
"""Setting name to built-in value and reader."""


def _from_account(mapping: Mapping[str, Any], files: Files) -> DateSettings:
    own = NO_OWN_DATES
    if path := mapping.get(_OWN_DATES):
        if str(path) not in files:
            raise SettingMistake(_OWN_DATES, "there is no such file beside the accounts file")
        own = _attempt(_OWN_DATES, read_own_dates, files[str(path)])
    return _build(mapping, shipped_holidays(), own)


DATES: Topic[DateSettings] = Topic(
    names=tuple(name for name in _READERS if name != "flag_style"),
    build=_from_account,
    files=(_OWN_DATES,),
)
"""The settings of this topic in an accounts file; `flag_style` belongs to the protocol."""
