"""What an export was asked for, by command line or over HTTP: checked, then carried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rules.errors import BadParameters, FieldProblem
from rules.gateways.report_export import FORMATS, export
from rules.reports import REPORTS, is_name
from rules.services import need
from rules.services.reports import Query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from rules.services import Services
    from rules.services.reports import ReportSink

__all__ = ["MEDIA_TYPES", "ExportJob", "read_job"]

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class ExportJob:
    """An export that can be carried out."""

    sink: ReportSink
    query: Query
    form: str
    zone: ZoneInfo
    masked: tuple[str, ...]

    @property
    def name(self) -> str:
        """A name for the file."""
        query = self.query
        days = [day.isoformat() for day in (query.since, query.until) if day]
        return "_".join([query.account, query.report_type, *days]) + f".{self.form}"

    def run(self, out: Path) -> int:
        """Write the file; gives back how many rows."""
        return export(
            self.sink, self.query, out, form=self.form, zone=self.zone, masked=self.masked
        )


def read_job(services: Services, asked: Mapping[str, str | None]) -> ExportJob:
    """The job of `account`, `type`, `since`, `until`, `format`, `location`, `mask`.

    Raises `BadParameters` with everything that is wrong.
    """
    problems: list[FieldProblem] = []
    account, name = asked.get("account") or "", asked.get("type") or ""
    for field, text in (("account", account), ("type", name)):
        if not is_name(text):
            problems.append(FieldProblem(field, "INVALID_NAME", "letters, digits, '_' and '-'"))
    since, until = (_day(field, asked, problems) for field in ("since", "until"))
    form = (asked.get("format") or "csv").casefold()
    if form not in FORMATS:
        known = ", ".join(FORMATS)
        problems.append(FieldProblem("format", "OUT_OF_RANGE", f"must be one of {known}"))
    settings = services.accounts().settings(REPORTS, account)
    place = settings.find_place(asked.get("location") or None)
    if place is None:
        problems.append(FieldProblem("location", "UNKNOWN_LOCATION", "no such place"))
        raise BadParameters(problems)
    query = Query(account, name, since, until)
    sink = need(services.reports, "place for reports").at(place)
    masked = tuple(filter(None, (asked.get("mask") or "").replace(" ", "").split(",")))
    if masked and not problems and (unknown := set(masked) - set(sink.columns(query))):
        problems.append(FieldProblem("mask", "OUT_OF_RANGE", f"no column {min(unknown)}"))
    if problems:
        raise BadParameters(problems)
    return ExportJob(sink, query, form, place.zone, masked)


def _day(field: str, asked: Mapping[str, str | None], problems: list[FieldProblem]) -> date | None:
    text = asked.get(field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problems.append(FieldProblem(field, "OUT_OF_RANGE", "must be a day: 2026-11-18"))
        return None
