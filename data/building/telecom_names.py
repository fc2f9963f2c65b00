"""The names every other telecom table is checked against: areas, operators, languages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from building.base import BuildError, Row, Table, read_source

__all__ = ["GRADES", "Names", "read_names"]

GRADES = ("high", "medium", "low")
_CIRCLES = (
    "circle",
    "code",
    "sms_header_letter",
    "category",
    "series160_area_digits",
    "covers",
    "default_language",
    "aliases",
)
_OPERATORS = (
    "operator",
    "present_brand",
    "status",
    "successor",
    "date",
    "note",
    "evidence",
    "aliases",
)
_CIRCLE_LANGUAGES = (
    "circle",
    "rank",
    "language",
    "iso639_1",
    "iso639_3",
    "share_pct_2011",
    "kind",
    "default",
    "share_basis",
    "aliases",
)
_ALIASES = ("alias", "language", "iso639_1", "iso639_3")
_CODES = ("iso639_1", "iso639_3")
AREA_COUNT = 22


@dataclass(frozen=True)
class Names:
    """Known names, and the tables that hold them."""

    circles: Collection[str]
    operators: Collection[str]
    closed: Collection[str]
    tables: Sequence[Table]

    def check(self, row: Row, column: str, known: Collection[str], *, needed: bool = False) -> None:
        """Stop at a name that is not in its table; blank is allowed unless needed."""
        name = row[column]
        if (name or needed) and name not in known:
            raise row.wrong(f"{column} '{name}' is not in its table")

    def check_grade(self, row: Row, column: str, graded: str) -> None:
        """Stop at a grade that is unknown, or given for a blank, or missing."""
        if row[column] not in (GRADES if row[graded] else ("",)):
            raise row.wrong(f"{column} '{row[column]}' does not fit {graded} '{row[graded]}'")


def read_names(folder: Path) -> Names:
    """Read and check areas, operators and languages."""
    areas = read_source(folder, "circles.csv", _CIRCLES)
    _once(areas, "circle")
    _once(areas, "code")
    if len(areas) != AREA_COUNT:
        raise BuildError(folder / "circles.csv", 1, f"{len(areas)} areas, not {AREA_COUNT}")
    operators = read_source(folder, "operator_lineage.csv", _OPERATORS)
    _once(operators, "operator")
    aliases = read_source(folder, "language_aliases.csv", _ALIASES)
    ranked = read_source(folder, "circle_languages.csv", _CIRCLE_LANGUAGES)
    circles = [row["circle"] for row in areas]
    _check_ranks(ranked, areas)
    tables = (_areas(areas), _ranked(ranked), _languages(aliases, ranked), _operators(operators))
    closed = [row["operator"] for row in operators if not row["present_brand"]]
    return Names(circles, [row["operator"] for row in operators], closed, tables)


def _once(rows: Sequence[Row], column: str) -> None:
    seen = set()
    for row in rows:
        if not row[column] or row[column] in seen:
            raise row.wrong(f"{column} '{row[column]}' is blank or stands twice")
        seen.add(row[column])


def _check_ranks(ranked: Sequence[Row], areas: Sequence[Row]) -> None:
    for area in areas:
        rows = [row for row in ranked if row["circle"] == area["circle"]]
        if not rows:
            raise area.wrong(f"{area['circle']} has no languages")
        if sorted(row["rank"] for row in rows) != sorted(str(n + 1) for n in range(len(rows))):
            raise rows[0].wrong(f"ranks of {area['circle']} are not 1 to {len(rows)}")
        _once(rows, "language")
        default = [row["language"] for row in rows if row["default"] == "yes"]
        if default != [area["default_language"]]:
            raise rows[0].wrong(f"{area['circle']} needs one default, {area['default_language']}")
    known = {area["circle"] for area in areas}
    for row in ranked:
        if row["circle"] not in known:
            raise row.wrong(f"circle '{row['circle']}' is not in its table")
        if row["default"] not in {"yes", "no"}:
            raise row.wrong("default is neither yes nor no")


def _areas(areas: Sequence[Row]) -> Table:
    columns = (
        "circle",
        "code",
        "sms_header_letter",
        "category",
        "series160",
        "covers",
        "default_language",
        "aliases",
    )
    rows = sorted(tuple(row[column] for column in _CIRCLES) for row in areas)
    return Table("areas.csv", columns, rows, "the 22 licensed service areas", ("areas",))


def _ranked(ranked: Sequence[Row]) -> Table:
    columns = ("circle", "rank", "language", *_CODES, "kind", "default")
    rows = sorted(
        (tuple(row[column] for column in columns) for row in ranked),
        key=lambda cells: (cells[0], int(cells[1])),
    )
    about = "languages of each area, in the order to try them"
    return Table("circle_languages.csv", columns, rows, about, ("languages",))


def _languages(aliases: Sequence[Row], ranked: Sequence[Row]) -> Table:
    """Every name a language goes by; a name of two languages stops the build."""
    found: dict[str, tuple[str, str, str]] = {}
    spoken = [(alias, row) for row in ranked for alias in _split(row)]
    for alias, row in [*((row["alias"], row) for row in aliases), *spoken]:
        meaning = (row["language"], row["iso639_1"], row["iso639_3"])
        if alias != " ".join(alias.upper().replace("-", " ").replace("_", " ").split()):
            raise row.wrong(f"alias '{alias}' is not in capitals with single blanks")
        if found.setdefault(alias, meaning) != meaning:
            raise row.wrong(f"'{alias}' is {found[alias]} elsewhere, here {meaning}")
    rows = sorted((alias, *meaning) for alias, meaning in found.items())
    about = "names and codes of languages, also misspelled ones"
    return Table("language_names.csv", _ALIASES, rows, about, ("languages",))


def _split(row: Row) -> list[str]:
    return [row["language"], *filter(None, row["aliases"].split("|"))]


def _operators(operators: Sequence[Row]) -> Table:
    columns = ("operator", "present_brand", "status", "successor", "date", "aliases")
    rows = sorted(tuple(row[column] for column in columns) for row in operators)
    about = "operators, and who serves their customers today"
    return Table("operators.csv", columns, rows, about, ("lineage",))
