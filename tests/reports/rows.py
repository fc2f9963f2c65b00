"""A row for tests: the worked example, with whatever a test wants otherwise."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rules.reports import ReportRow

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=KOLKATA)
HEADER = "reportType,dtmf,flowid,accountID,dnis,starttime,writtenAt"
EXAMPLE = "call,1,8657,293,9848012345,2026-11-18T09:00:00.000+05:30,2026-11-18T10:30:00.000+05:30"


def row(**changes):
    values = {
        "report_type": "call",
        "dtmf": "1",
        "flow_id": "8657",
        "account_id": "293",
        "dnis": "9848012345",
        "start_time": "2026-11-18T09:00:00.000+05:30",
        "written_at": NOW,
    }
    return ReportRow(**values | changes)
