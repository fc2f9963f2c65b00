"""A row of a report: seven columns that never change place, then the account's own.

>>> from datetime import UTC, datetime
>>> now = datetime(2026, 11, 18, tzinfo=UTC)
>>> row = ReportRow("call", "1", "8657", "293", "9848012345", "", now)
>>> row.values()[-1], mask("+919848012345")
('2026-11-18T00:00:00.000+00:00', '*********2345')
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["COLUMNS", "ReportRow", "mask", "moment_text"]

COLUMNS = ("reportType", "dtmf", "flowid", "accountID", "dnis", "starttime", "writtenAt")
_SHOWN = 4


def moment_text(moment: datetime) -> str:
    """A moment of writing as the report has it: milliseconds and offset."""
    return moment.isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class ReportRow:
    """One call in one report. `start_time` is the text to write, `written_at` our own moment.

    `extra` are the account's further columns. `call_id` is the platform's name of the call, by
    which a repeated request is recognised; it is no column.
    """

    report_type: str
    dtmf: str
    flow_id: str
    account_id: str
    dnis: str = field(repr=False)
    start_time: str
    written_at: datetime
    extra: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    call_id: str = ""

    def header(self) -> tuple[str, ...]:
        """Names of the columns this row has."""
        return (*COLUMNS, *(name for name, _ in self.extra)) if self.extra else COLUMNS

    def values(self) -> tuple[str, ...]:
        """Texts in column order, as given."""
        seven = (
            self.report_type,
            self.dtmf,
            self.flow_id,
            self.account_id,
            self.dnis,
            self.start_time,
            moment_text(self.written_at),
        )
        return (*seven, *(value for _, value in self.extra)) if self.extra else seven


def mask(value: str) -> str:
    """Only the last four characters of a value; nothing of one that has no more than four."""
    hidden = max(len(value) - _SHOWN, 0)
    return "*" * hidden + value[hidden:] if hidden else "*" * len(value)
