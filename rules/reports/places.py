"""Where a row goes: a path made from a template, out of names that cannot leave their folder.

>>> from datetime import UTC, datetime
>>> from zoneinfo import ZoneInfo
>>> from rules.reports.rows import ReportRow
>>> row = ReportRow("call", "1", "x/y", "293", "98", "", datetime(2026, 11, 17, 19, tzinfo=UTC))
>>> report_path("{accountID}/{reportType}/{flowid}/{date}.csv", row, ZoneInfo("Asia/Kolkata"))
'293/call/_/2026-11-18.csv'
>>> read_path("{accountID}/{date}.csv", "293/2026-11-18.2.csv")
{'accountID': '293', 'date': '2026-11-18'}
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from rules.reports.rows import ReportRow

__all__ = [
    "PLACEHOLDERS",
    "InvalidName",
    "day_patterns",
    "is_name",
    "last_day",
    "read_path",
    "report_path",
    "template_problem",
]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_SPOT = re.compile(r"\{([^{}]*)\}")
_LITERAL = re.compile(r"[A-Za-z0-9_./ -]*\Z")
_SUFFIX = ".csv"
_SHAPES = {
    "accountID": "[A-Za-z0-9_-]{1,64}",
    "reportType": "[A-Za-z0-9_-]{1,64}",
    "flowid": "[A-Za-z0-9_-]{1,64}",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "month": "[0-9]{4}-[0-9]{2}",
}
_ANY = {"flowid": "*", "date": "????-??-??", "month": "????-??"}
PLACEHOLDERS = tuple(_SHAPES)
"""What a path template may hold between braces."""


class InvalidName(RulesError):
    """A report or account name that cannot be part of a path."""

    code = "INVALID_NAME"


def is_name(text: str) -> bool:
    """Can this text be a name in a path: letters, digits, `_`, `-`, 1 to 64 of them?"""
    return _NAME.match(text) is not None


def template_problem(template: str) -> str:
    """What is wrong with a path template, in words; empty when it can be used."""
    unknown = [name for name in _SPOT.findall(template) if name not in _SHAPES]
    if unknown:
        return f"'{{{unknown[0]}}}' is none of {', '.join(f'{{{n}}}' for n in PLACEHOLDERS)}"
    if not template.endswith(_SUFFIX):
        return "must end in .csv"
    if not _LITERAL.match(_SPOT.sub("", template)):
        return "may hold letters, digits, '_', '.', '-', blanks and '/' beside its names in braces"
    if any(part.strip(". ") == "" for part in template.split("/")):
        return "must be a path inside the report folder"
    return ""


def report_path(template: str, row: ReportRow, zone: tzinfo) -> str:
    """The row's path under the report folder; `InvalidName` for a name that could lead out."""
    written = row.written_at if row.written_at.tzinfo is zone else row.written_at.astimezone(zone)
    return _path(template, row.account_id, row.report_type, row.flow_id, written.date())


@lru_cache(maxsize=4096)
def _path(template: str, account: str, report_type: str, flow: str, day: date) -> str:
    if not (is_name(account) and is_name(report_type)):
        raise InvalidName("an account or a report has no such name")
    return _filled(
        template,
        {
            "accountID": account,
            "reportType": report_type,
            "flowid": flow if is_name(flow) else "_",
            "date": day.isoformat(),
            "month": day.isoformat()[:7],
        },
    )


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _SPOT.sub(lambda spot: values[spot[1]], template)


def day_patterns(
    template: str, account: str, report_type: str, days: Iterable[date] | None
) -> list[str]:
    """Patterns (`*`, `?`) of the files that hold these days, or any day; each file only once."""
    if not (is_name(account) and is_name(report_type)):
        raise InvalidName("an account or a report has no such name")
    fixed = {"accountID": account, "reportType": report_type, "flowid": "*"}
    patterns: dict[str, None] = {}
    for day in ["", *(d.isoformat() for d in days)][1:] if days is not None else [""]:
        values = {"date": day or _ANY["date"], "month": day[:7] or _ANY["month"], **fixed}
        path = _filled(template, values)
        patterns[path] = None
        patterns[f"{path.removesuffix(_SUFFIX)}.[0-9]*{_SUFFIX}"] = None
    return list(patterns)


@lru_cache(maxsize=64)
def _shape(template: str) -> re.Pattern[str]:
    """A pattern that matches the paths of a template; a name that comes twice must be equal."""
    seen: set[str] = set()
    parts = []
    for place, part in enumerate(_SPOT.split(template.removesuffix(_SUFFIX))):
        if place % 2 == 0:
            parts.append(re.escape(part))
        elif part in seen:
            parts.append(f"(?P={part})")
        else:
            seen.add(part)
            parts.append(f"(?P<{part}>{_SHAPES[part]})")
    return re.compile("".join(parts) + r"(?:\.[0-9]+)?\.csv\Z")


def read_path(template: str, path: str) -> dict[str, str] | None:
    """The names in a path that the template made, or `None` for another path."""
    found = _shape(template).match(path)
    return found.groupdict() if found else None


def last_day(names: Mapping[str, str]) -> date | None:
    """The last day whose rows a file with these names can hold; `None` when it has no end."""
    try:
        if "date" in names:
            return date.fromisoformat(names["date"])
        if "month" in names:
            year, month = (int(part) for part in names["month"].split("-"))
            return date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:  # digits that name no day
        return None
    return None
