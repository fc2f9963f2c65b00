"""Tables of Indian phone numbers: whose a block is, where, and which language is spoken there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from building.base import Output, Row, Source, Table, read_source
from building.number_types import number_types
from building.telecom_coverage import coverage
from building.telecom_names import Names, read_names
from building.telecom_series import circles_table

__all__ = ["build", "tables_from_sources"]

GEOCODER, PATTERNS = "geo-in", "plan-in"
_AREAS = ("std_code", "area", "state", "circle", "circle_confidence", "note")
_NETWORKS = ("mcc", "mnc", "operator", "circle", "present_brand", "in_use_2023", "note")
_CLASSES = (
    "class_id",
    "class",
    "national_pattern",
    "length",
    "type_by_phonenumbers_9_0_43",
    "can_be_called_back",
    "circle_rule",
    "operator_rule",
    "confidence",
    "note",
)
_AREA_CODE = re.compile(r"[1-8][0-9]{1,3}")
_CLASS_NAMES = {
    "mobile": "MOBILE",
    "fixed": "LANDLINE",
    "promo140": "PROMOTION",
    "service1600": "SERVICE_GOVERNMENT",
    "service1601": "SERVICE_FINANCIAL",
    "tollfree1800": "TOLL_FREE",
    "tollfree1803": "TOLL_FREE",
    "intl_tollfree": "TOLL_FREE",
    "shared1860": "SHARED_COST",
    "premium186": "PREMIUM",
    "m2m13": "M2M",
    "emergency": "EMERGENCY",
    "short1": "SHORT_CODE",
    "short5": "SHORT_CODE",
    "satellite": "SATELLITE",
    "foreign": "FOREIGN",
    "text_header": "SENDER_HEADER",
    "unused": "INVALID",
}
_RULES_OF_A_CLASS = tuple(f"fixed_level_{level}" for level in (2, 3, 4, 6, 7))


def build(folder: Path, sources: Mapping[str, Source]) -> Output:
    """Every table of numbers, operators, areas and languages."""
    tables = tables_from_sources(folder, sources)
    gaps = (folder / "telecom_gaps.md").read_text(encoding="utf-8")
    section = coverage(tables[0]) + "\n" + gaps
    return Output("Phone numbers of India", [*tables, number_types(PATTERNS)], section)


def tables_from_sources(folder: Path, sources: Mapping[str, Source]) -> list[Table]:
    """The tables that follow from `data/sources/` alone, `circles.csv` first."""
    names = read_names(folder)
    return [
        circles_table(folder, names, sources),
        _landlines(folder, names),
        *names.tables,
        _networks(folder, names),
        _classes(folder),
    ]


def _landlines(folder: Path, names: Names) -> Table:
    seen: set[str] = set()
    rows = []
    for row in read_source(folder, "landline_areas.csv", _AREAS):
        code = row["std_code"]
        if not (
            code.isascii() and code.isdigit() and 2 <= len(code) <= 4 and code[0] in "12345678"
        ):
            raise row.wrong(f"'{code}' is no area code of 2 to 4 digits from 1 to 8")
        if code in seen:
            raise row.wrong(f"area code {code} stands twice")
        seen.add(code)
        names.check(row, "circle", names.circles, needed=True)
        names.check_grade(row, "circle_confidence", "circle")
        rows.append((code, row["area"], row["state"], row["circle"], row["circle_confidence"]))
    columns = ("area_code", "place", "state_name", "circle", "circle_confidence")
    about = "area codes of fixed lines, with place, state and circle"
    return Table("landlines.csv", columns, sorted(rows), about, (GEOCODER,))


def _networks(folder: Path, names: Names) -> Table:
    seen: set[tuple[str, str]] = set()
    rows = []
    for row in read_source(folder, "networks.csv", _NETWORKS):
        code = row["mcc"], row["mnc"]
        if not all(part.isascii() and part.isdigit() for part in code):
            raise row.wrong(f"{code} is no network code")
        if code in seen:
            raise row.wrong(f"network {code} stands twice")
        seen.add(code)
        names.check(row, "operator", names.operators, needed=True)
        names.check(row, "circle", names.circles)
        if row["in_use_2023"] not in {"yes", "no"}:
            raise row.wrong("in_use_2023 is neither yes nor no")
        rows.append(
            (*code, row["operator"], row["circle"], row["present_brand"], row["in_use_2023"])
        )
    columns = ("mcc", "mnc", "operator", "circle", "present_brand", "in_use")
    about = "network codes, for live sources that answer with them"
    return Table("networks.csv", columns, sorted(rows), about, ("mcc-mnc",))


def _classes(folder: Path) -> Table:
    rows = [
        (_class_name(row), row["national_pattern"], row["length"], row["can_be_called_back"])
        for row in read_source(folder, "number_classes.csv", _CLASSES)
        if row["class_id"] not in _RULES_OF_A_CLASS
    ]
    columns = ("class", "pattern", "length", "can_be_called_back")
    about = "classes of numbers and their patterns"
    return Table("number_classes.csv", columns, sorted(rows), about, ("classes",))


def _class_name(row: Row) -> str:
    name = _CLASS_NAMES.get(row["class_id"])
    if name is None:
        raise row.wrong(f"class '{row['class_id']}' has no name in the code")
    return name
