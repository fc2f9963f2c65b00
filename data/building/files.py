"""From builders to files: the tables as CSV, `manifest.json` and `README.md`."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from building.base import Builder, BuildError, Output, Source, Table, read_source

__all__ = ["build_files", "read_sources"]

_COLUMNS = tuple(field.name for field in fields(Source))
_STATE = re.compile(r"(\d{4}(-\d\d(-\d\d)?)?)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INTRODUCTION = """\
# Data

Written by `data/build.py` from `data/sources/`. **Built files are never edited by hand**: change a
source, run `make data`, look at the difference, commit both. `python data/build.py --check` fails
when a built file does not follow from the sources.

A state date is the date that a content describes, never the day it was fetched or built: `2021`,
`2021-06` or `2021-06-30`, as far as known. "Review by" is the day a person must look at the source
again; from then on a test fails (`RULES_ALLOW_OLD_DATA=1` turns that into a warning).
"""


def read_sources(folder: Path) -> dict[str, Source]:
    """The sources by id; stops at an unknown form of date."""
    found: dict[str, Source] = {}
    for row in read_source(folder, "sources.csv", _COLUMNS):
        source = Source(**row.cells)
        if source.id in found:
            raise row.wrong(f"source '{source.id}' stands twice")
        if not _STATE.fullmatch(source.state):
            raise row.wrong(f"state '{source.state}' is no date")
        for day in (source.checked, source.review_by):
            if not _DAY.fullmatch(day):
                raise row.wrong(f"'{day}' is no day (2026-11-20)")
        found[source.id] = source
    return found


def build_files(builders: Iterable[Builder], folder: Path) -> dict[str, bytes]:
    """Content of every built file by its name in `data/`."""
    sources = read_sources(folder)
    outputs = [builder(folder, sources) for builder in builders]
    tables = [table for output in outputs for table in output.tables]
    for table in tables:
        if unknown := set(table.sources) - set(sources):
            raise BuildError(folder / "sources.csv", 1, f"{table.name}: no source {unknown}")
    files = {table.name: _csv(table.columns, table.rows) for table in tables}
    manifest = {table.name: _entry(table, files[table.name], sources) for table in tables}
    files["manifest.json"] = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    files["README.md"] = _readme(outputs, manifest, sources).encode()
    return files


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def _entry(table: Table, content: bytes, sources: Mapping[str, Source]) -> dict[str, str | int]:
    used = [sources[name] for name in table.sources]
    states = sorted(filter(None, table.states or [source.state for source in used]))
    return {
        "rows": len(table.rows),
        "sha256": hashlib.sha256(content).hexdigest(),
        "oldest": states[0] if states else "",
        "newest": states[-1] if states else "",
        "review_by": min((source.review_by for source in used), default=""),
        **table.more,
    }


def _readme(
    outputs: Sequence[Output],
    manifest: Mapping[str, Mapping[str, str | int]],
    sources: Mapping[str, Source],
) -> str:
    parts = [_INTRODUCTION]
    for output in outputs:
        parts.append(f"## {output.title}\n\n{_tables(output, manifest)}")
        parts.append(output.section.strip() + "\n")
        used = {name for table in output.tables for name in table.sources}
        if shown := [source for source in sources.values() if source.id in used]:
            parts.append("### Where it comes from\n\n" + _sources(shown))
    return "\n".join(parts)


def _tables(output: Output, manifest: Mapping[str, Mapping[str, str | int]]) -> str:
    lines = ["| table | rows | state | review by | what |", "| --- | --- | --- | --- | --- |"]
    for table in output.tables:
        entry = manifest[table.name]
        span = " to ".join(dict.fromkeys(str(entry[key]) for key in ("oldest", "newest")))
        lines.append(
            f"| `{table.name}` | {entry['rows']:,} | {span or 'not dated'} "
            f"| {entry['review_by']} | {table.about} |"
        )
    return "\n".join(lines) + "\n"


def _sources(shown: Iterable[Source]) -> str:
    lines = ["| id | what | where | licence | state | checked |", "| --- " * 6 + "|"]
    lines += [
        f"| `{one.id}` | {one.what} | {one.address} | {one.licence} | {one.state or 'unknown'} "
        f"| {one.checked} |"
        for one in shown
    ]
    return "\n".join(lines) + "\n"
