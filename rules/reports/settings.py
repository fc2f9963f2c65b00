"""Account settings of reports: where rows go, in which form, how long they stay."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.errors import SettingMistake
from rules.reports.places import template_problem
from rules.reports.rows import COLUMNS
from rules.settings import DEFAULT_ZONE, Topic, read_flag, read_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.settings import Files

__all__ = ["REPORTS", "SINKS", "Place", "ReportSettings"]

SINKS = ("csv", "sql", "both")
_PREFIX = "$flow.key."
_DEFAULT_PATH = "{accountID}/{reportType}/{date}.csv"


@dataclass(frozen=True)
class Place:
    """Where rows go and how: a folder (`""`: the installation's), a path in it, the sinks."""

    root: str = ""
    path: str = _DEFAULT_PATH
    sink: str = "csv"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))
    fsync: bool = False
    upsert: bool = False

    @property
    def files(self) -> bool:
        """Are rows written to files?"""
        return self.sink != "sql"

    @property
    def table(self) -> bool:
        """Are rows written to the database?"""
        return self.sink != "csv"


@dataclass(frozen=True)
class ReportSettings:
    """`columns`: further `$flow.key.` variables to append; `keep_days` 0: for ever."""

    place: Place = field(default_factory=Place)
    locations: Mapping[str, Place] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    keep_days: int = 0
    upload: tuple[str, ...] = ()

    def find_place(self, location: str | None) -> Place | None:
        """The place of this name, the ordinary one for none; `None` when not configured."""
        return self.place if location is None else self.locations.get(location)

    def places(self) -> dict[str, Place]:
        """Every place by its name, the ordinary one as `""`."""
        return {"": self.place, **self.locations}


def _text(mapping: Mapping[str, Any], key: str, default: str) -> str:
    value = mapping.get(key, default)
    if not isinstance(value, str):
        raise SettingMistake(key, "must be a text")
    return value


def _words(mapping: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = mapping.get(key, ())
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) and v for v in value):
        raise SettingMistake(key, "must be a list of texts")
    return tuple(value)


def _columns(mapping: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(name.removeprefix(_PREFIX) for name in _words(mapping, "report_columns"))
    folded = [name.casefold() for name in (*COLUMNS, *names)]
    if len(set(folded)) != len(folded):
        raise SettingMistake("report_columns", "names a column that the report already has")
    return names


def _place(key: str, given: Mapping[str, Any], base: Place) -> Place:
    """A place whose missing parts are those of `base`; `key` is blamed for what is wrong."""
    unknown = sorted(set(given) - {"root", "path", "sink"})
    if unknown:
        raise SettingMistake(key, f"'{unknown[0]}' is none of root, path, sink")
    if not all(isinstance(value, str) for value in given.values()):
        raise SettingMistake(key, "root, path and sink are texts")
    place = replace(base, **given)
    if problem := template_problem(place.path):
        raise SettingMistake(key, f"path {problem}")
    if place.sink not in SINKS:
        raise SettingMistake(key, f"sink must be one of {', '.join(SINKS)}")
    return place


def _locations(mapping: Mapping[str, Any], base: Place) -> dict[str, Place]:
    key = "report_locations"
    given = mapping.get(key, {})
    if not isinstance(given, dict) or not all(isinstance(v, dict) for v in given.values()):
        raise SettingMistake(key, "must be a table of names to {root, path, sink}")
    return {name: _place(key, parts, base) for name, parts in given.items()}


def _build(mapping: Mapping[str, Any], _: Files) -> ReportSettings:
    base = Place(
        root=_text(mapping, "report_root", ""),
        zone=read_zone(mapping),
        fsync=read_flag(mapping, "report_fsync"),
        upsert=read_flag(mapping, "report_upsert"),
    )
    base = _place("report_path", {"path": _text(mapping, "report_path", _DEFAULT_PATH)}, base)
    base = _place("report_sink", {"sink": _text(mapping, "report_sink", "csv")}, base)
    keep_days = mapping.get("report_keep_days", 0)
    if type(keep_days) is not int or keep_days < 0:
        raise SettingMistake("report_keep_days", "must be a whole number, 0 for ever")
    return ReportSettings(
        place=base,
        locations=_locations(mapping, base),
        columns=_columns(mapping),
        keep_days=keep_days,
        upload=_words(mapping, "report_upload"),
    )


REPORTS: Topic[ReportSettings] = Topic(
    names=(
        "report_root",
        "report_path",
        "report_sink",
        "report_locations",
        "report_columns",
        "report_fsync",
        "report_upsert",
        "report_keep_days",
        "report_upload",
    ),
    build=_build,
)
