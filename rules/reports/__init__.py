"""Call records for a report: the row, its cells, its moment, and the file it belongs to.

Each call appends one row. What a row holds and how a cell is written is decided here; files and
tables are in `rules.gateways.reports` and `rules.storage.reports`.

>>> csv_cell("=1+1"), csv_cell("-5"), csv_cell("+919848012345")
("'=1+1", '-5', '+919848012345')
>>> from zoneinfo import ZoneInfo
>>> start_text(read_start_time("2021-01-11T09:00:00.000+5:30", zone=ZoneInfo("UTC")))
'2021-01-11T09:00:00.000+05:30'
"""

from rules.reports.batches import (
    Batch,
    CellBatch,
    LineBatch,
    batches_of,
    csv_line,
    csv_lines,
    read_row,
)
from rules.reports.cells import csv_cell, plain_cell
from rules.reports.places import (
    PLACEHOLDERS,
    InvalidName,
    day_patterns,
    is_name,
    last_day,
    read_path,
    report_path,
)
from rules.reports.rows import COLUMNS, ReportRow, mask, moment_text
from rules.reports.settings import REPORTS, Place, ReportSettings
from rules.reports.start_time import read_start_time, start_text

__all__ = [
    "COLUMNS",
    "PLACEHOLDERS",
    "REPORTS",
    "Batch",
    "CellBatch",
    "InvalidName",
    "LineBatch",
    "Place",
    "ReportRow",
    "ReportSettings",
    "batches_of",
    "csv_cell",
    "csv_line",
    "csv_lines",
    "day_patterns",
    "is_name",
    "last_day",
    "mask",
    "moment_text",
    "plain_cell",
    "read_path",
    "read_row",
    "read_start_time",
    "report_path",
    "start_text",
]
