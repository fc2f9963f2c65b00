"""`pullBreakReport`: the breaks of some days, added up and row by row."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from rules.dates import DateUnreadable, read_date
from rules.envelope import Field, Unusable, text
from rules.errors import UnreadableNumber
from rules.methods._agent import stamp
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Method, Reply, fixed, flag
from rules.prefs import PREFS, BreakSums
from rules.prefs.breaks import COLUMNS
from rules.reports import csv_cell
from rules.services import need
from rules.services.breaks import MOST_DAYS, BreakQuestion, break_report
from rules.telecom.contact import agent_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from rules.methods._method import Call, Pairs
    from rules.prefs import BreakRow

__all__ = ["METHOD", "csv_lines"]

RESULT = "$flow.key.breakCount"
MOST_ROWS = 1_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def _number(value: str) -> str:
    try:
        return agent_number(value)
    except UnreadableNumber as error:
        raise Unusable("is no agent's number", error.code) from None


FROM: Field[str | None] = Field(
    "$flow.key.reportFrom", text, "first day, in any spelling", default=None
)
TO: Field[str | None] = Field("$flow.key.reportTo", text, "last day", default=None)
CLI: Field[str | None] = Field("$flow.key.cli", _number, "only this agent's breaks", default=None)
REASON: Field[str | None] = Field(
    "$flow.key.pauseReason", text, "only breaks of this reason, in any case", default=None
)


def _day(call: Call, field: Field[str | None]) -> date | None:
    """The day said; today when not said, `None` for what cannot be a day of a report."""
    zone = call.settings(PREFS).zone
    today, said = call.now.astimezone(zone).date(), call[field]
    try:
        day = today if said is None else read_date(said, today=today, zone=zone).date
    except DateUnreadable as error:
        call.filled.refuse(field, error.code, str(error))
        return None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        years = f"the years {_FIRST_YEAR} to {_LAST_YEAR}"
        call.filled.refuse(field, "OUT_OF_RANGE", f"a report covers days of {years}")
        return None
    return day


def _check(call: Call) -> tuple[date, date] | None:
    """First and last day of the report."""
    first, last = _day(call, FROM), _day(call, TO)
    if first is None or last is None:
        return None
    if last < first:
        call.filled.refuse(TO, "OUT_OF_RANGE", "is before the first day")
    elif (last - first).days >= MOST_DAYS:
        call.filled.refuse(TO, "OUT_OF_RANGE", f"a report covers at most {MOST_DAYS} days")
    return first, last


def rows(call: Call) -> Iterator[BreakRow]:
    """The rows that a checked call asks for."""
    first, last = call.typed
    question = BreakQuestion(
        first,
        last,
        call.settings(PREFS).zone,
        cli=call[CLI] or "",
        account=call.account or "",
        reason=call[REASON] or "",
    )
    store = need(call.services.pauses, "store of pauses")
    return break_report(store, call.services.accounts(), question, now=call.now)


def cells(row: BreakRow) -> dict[str, str]:
    """A row as texts by column."""
    zone = row.start.tzinfo
    assert zone is not None, "moments are aware"  # noqa: S101  for the type checker
    return {
        "cli": row.cli,
        "name": row.name,
        "account": row.account,
        "date": row.date.isoformat(),
        "reason": row.reason,
        "start": stamp(row.start, zone),
        "end": stamp(row.end, zone),
        "minutes": row.minutes,
        "planned_end": stamp(row.planned_end, zone),
        "overrun_minutes": row.overrun_minutes,
        "ended_by": str(row.ended_by),
    }


def csv_lines(call: Call) -> Iterator[str]:
    """The report that a checked call asks for as lines of CSV; no cell is a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows(call):
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(map(csv_cell, cells(row).values()))
    yield buffer.getvalue()


def _json(row: BreakRow) -> dict[str, Any]:
    """A row for the reply: minutes are numbers there."""
    found: dict[str, Any] = cells(row)
    return found | {name: float(found[name]) for name in ("minutes", "overrun_minutes")}


def _run(call: Call) -> Pairs:
    sums, shown = BreakSums(), []
    for row in rows(call):
        sums.add(row)
        if sums.count <= MOST_ROWS:
            shown.append(_json(row))
    yield RESULT, str(sums.count)
    yield "$flow.key.breakMinutes", sums.minutes
    yield "$flow.key.breakOverrunMinutes", sums.overrun_minutes
    yield "$flow.key.breakReport", json.dumps(shown, ensure_ascii=False)
    yield "$flow.key.breakTruncated", flag(sums.count > MOST_ROWS)


METHOD = Method(
    name="pullBreakReport",
    about="the breaks of some days, added up and row by row",
    fields=(FROM, TO, CLI, REASON, ACCOUNT_ID, FLOW_ID),
    replies=(
        Reply(RESULT, "how many rows"),
        Reply("$flow.key.breakMinutes", "all minutes, one decimal"),
        Reply("$flow.key.breakOverrunMinutes", "minutes past the planned ends"),
        Reply("$flow.key.breakReport", "the rows as JSON text, 1,000 at most"),
        Reply("$flow.key.breakTruncated", "`true` when there are more rows"),
    ),
    run=_run,
    failure=fixed((RESULT, "")),
    check=_check,
)
