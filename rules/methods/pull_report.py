"""pullreport: one row about a call, appended to a report. The platform reads no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.envelope import Field, Rest, Unusable
from rules.methods._method import Call, Method, Pairs, fixed
from rules.reports import REPORTS, ReportRow, is_name, read_start_time, start_text
from rules.services import need

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.reports import ReportSettings

__all__ = ["METHOD"]

LONGEST, LONGEST_START = 64, 100


def _name(value: str) -> str:
    if not is_name(value):
        raise Unusable("may hold letters, digits, '_' and '-', 64 at most", "INVALID_NAME")
    return value


def _short(most: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if len(value) > most:
            raise Unusable(f"has more than {most} characters", "TOO_LONG")
        return value

    return read


REPORT_TYPE = Field("$flow.key.reportType", _name, "name of the report", code="INVALID_NAME")
DTMF = Field("$flow.key.dtmf", _short(LONGEST), "last key pressed", default="")
FLOW = Field("$flow.key.flowid", _short(LONGEST), "flow of the call")
ACCOUNT = Field("$flow.key.accountID", _name, "account whose report it is", code="INVALID_NAME")
DNIS = Field("$flow.key.dnis", _short(LONGEST), "number called, kept as given")
START = Field("$flow.key.starttime", _short(LONGEST_START), "start of the call")
LOCATION: Field[str | None] = Field(
    "$flow.key.location", str, "name of a configured place", default=None, code="UNKNOWN_LOCATION"
)
CALL: Field[str] = Field(
    "$flow.syskey.phonon_uuid", str, "call, by which a repeated request is recognised", default=""
)
VARIABLES = Rest("$flow.key.", "variables that the account's report_columns append")


def _settings(call: Call) -> ReportSettings:
    """Settings of the account whose report it is."""
    return call.services.accounts().settings(REPORTS, call.filled.get(ACCOUNT), call.flow)


def _check(call: Call) -> None:
    if _settings(call).find_place(call.filled.get(LOCATION)) is None:
        call.filled.refuse(LOCATION, "UNKNOWN_LOCATION", "not configured for this account")


def _run(call: Call) -> Pairs:
    settings = _settings(call)
    place = settings.find_place(call[LOCATION])
    assert place is not None, "checked"  # noqa: S101  for the type checker
    start = read_start_time(call[START], zone=place.zone)
    sent = call.envelope.rest(VARIABLES) if settings.columns else {}
    row = ReportRow(
        report_type=call[REPORT_TYPE],
        dtmf=call[DTMF],
        flow_id=call[FLOW],
        account_id=call[ACCOUNT],
        dnis=call[DNIS],
        start_time=start_text(start) if start else call[START],
        written_at=call.now.astimezone(place.zone),
        extra=tuple((name, sent.get(name) or "") for name in settings.columns),
        call_id=call[CALL],
    )
    need(call.services.reports, "place for reports").at(place).append(row)
    if start is None:
        call.services.metrics.count("report_unreadable_starttime")
    return ()


METHOD = Method(
    name="pullreport",
    about="appends one row about a call to a report",
    fields=(REPORT_TYPE, DTMF, FLOW, ACCOUNT, DNIS, START, LOCATION, CALL, VARIABLES),
    replies=(),
    run=_run,
    failure=fixed(),
    check=_check,
)
