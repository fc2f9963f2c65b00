"""Reading CSV reports back: the files of some days, their rows by moment of writing.

Memory stays small at any size. A file whose lines stand in order (nearly always) is handed on in
blocks as it is. Otherwise only an index of the rows is kept, some 60 bytes each, and the lines are
fetched in their order. A line that a crash cut off is passed over.
"""

from __future__ import annotations

import csv
import logging
import os
from array import array
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rules.reports import COLUMNS, LineBatch, day_patterns, last_day, plain_cell, read_path
from rules.services.reports import Listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.services.reports import Query

__all__ = [
    "ReportFile",
    "find_files",
    "list_files",
    "read_batches",
    "read_columns",
    "walk_files",
]

_BLOCK = 1 << 20
_BATCH = 5000
_MOST_DAYS = 400
_MOST_OPEN = 64
_KEY = COLUMNS.index("writtenAt")
_OWNERS = (COLUMNS.index("accountID"), COLUMNS.index("reportType"))
_KEY_LENGTH, _OFFSET = 29, 23
"""Of a moment of writing: its length, and where its offset begins."""
_log = logging.getLogger("rules.reports")


@dataclass(frozen=True)
class ReportFile:
    """One file of a report, as long as it was when it was found.

    `day` is the last day it can hold rows of, `one_day` says that it is the only one. `mixed`: it
    may hold rows of other reports.
    """

    path: Path
    size: int
    day: date | None = None
    one_day: bool = False
    mixed: bool = True

    @cached_property
    def first_line(self) -> bytes:
        """The header line."""
        with self.path.open("rb") as file:
            return file.readline()

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Names of the columns; empty when this is no report."""
        line = self.first_line.decode("utf-8", "replace")
        names = tuple(map(plain_cell, next(csv.reader([line]), ())))
        return names if names[: len(COLUMNS)] == COLUMNS else ()

    def lines(self) -> Iterator[list[bytes]]:
        """Blocks of whole lines behind the header."""
        left = self.size - len(self.first_line)
        with self.path.open("rb") as file:
            file.seek(len(self.first_line))
            while left > 0 and (lines := file.readlines(min(_BLOCK, left))):
                left -= sum(map(len, lines))
                if not lines[-1].endswith(b"\n"):
                    lines.pop()  # still being written, or cut off
                yield lines


def find_files(root: Path, template: str, query: Query) -> list[ReportFile]:
    """The files that can hold rows of a query, by day and name."""
    parts = template.split("/")
    mixed = not {"{accountID}", "{reportType}"} <= set(parts)
    real_root = root.resolve()
    found = {}
    for pattern in day_patterns(template, query.account, query.report_type, _days(query)):
        for path in root.glob(pattern):
            name = path.relative_to(root).as_posix()
            names = read_path(template, name)
            if names is None or not path.resolve().is_relative_to(real_root):
                continue
            size, one_day = path.stat().st_size, "date" in names
            file = ReportFile(path, size, last_day(names), one_day=one_day, mixed=mixed)
            if not _is_outside(file, query):
                found[name] = file
    files = sorted(found.values(), key=lambda file: (file.day or date.max, _place(file.path)))
    return [file for file in files if file.header]


def _place(path: Path) -> tuple[str, int]:
    """How files of one day are ordered: `x.csv` before `x.2.csv` before `x.10.csv`."""
    stem, _, number = path.stem.rpartition(".")
    return (str(path.parent / stem), int(number)) if stem else (str(path.with_suffix("")), 1)


def walk_files(root: Path, template: str) -> Iterator[tuple[ReportFile, dict[str, str]]]:
    """Every file of a template, and the names in its path; links are not followed."""
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder, name)
            found = read_path(template, path.relative_to(root).as_posix())
            if found is not None and not path.is_symlink():
                yield ReportFile(path, path.stat().st_size, last_day(found)), found


def list_files(root: Path, template: str, account: str | None) -> list[Listed]:
    """Which reports there are, by the names in the paths; rows are counted by line."""
    found: dict[tuple[str, str], list[ReportFile]] = {}
    for file, names in walk_files(root, template):
        owner = (names.get("accountID", ""), names.get("reportType", ""))
        if account in (None, owner[0]) and file.header:
            found.setdefault(owner, []).append(file)
    return [_listed(owner, files) for owner, files in sorted(found.items())]


def _listed(owner: tuple[str, str], files: list[ReportFile]) -> Listed:
    days = sorted(file.day for file in files if file.day)
    rows = sum(len(lines) for file in files for lines in file.lines())
    size = sum(file.size for file in files)
    return Listed(*owner, rows, days[0] if days else None, days[-1] if days else None, size)


def _days(query: Query) -> list[date] | None:
    """Every day asked for, or `None` when there is no end to them."""
    if query.since is None or query.until is None:
        return None
    span = (query.until - query.since).days
    if span > _MOST_DAYS:
        return None
    return [query.since + timedelta(days=n) for n in range(span + 1)]


def _is_outside(file: ReportFile, query: Query) -> bool:
    if file.day is None:
        return False
    early = query.since is not None and file.day < query.since
    return early or (file.one_day and query.until is not None and file.day > query.until)


def read_columns(files: Sequence[ReportFile]) -> tuple[str, ...]:
    """The seven columns, and every further one of the files."""
    return tuple(dict.fromkeys((*COLUMNS, *(name for file in files for name in file.header))))


def read_batches(files: Sequence[ReportFile], query: Query) -> Iterator[LineBatch]:
    """Rows by moment of writing, then by order of writing."""
    for _, group in groupby(files, key=lambda file: file.day):
        together = list(group)
        if len(together) == 1 and _is_in_order(together[0], query):
            for lines in together[0].lines():
                yield LineBatch(together[0].header, b"".join(lines), len(lines))
        else:
            yield from _Index(together, query).batches()


def _is_in_order(file: ReportFile, query: Query) -> bool:
    """Can the file be handed on as it is: plain lines, all asked for, in order?"""
    if file.mixed or not (file.one_day or query.since is query.until is None):
        return False
    last, commas = b"", len(file.header) - 1
    for lines in file.lines():
        block = b"".join(lines)
        if b'"' in block or block.count(b",") != commas * len(lines):
            return False
        keys = [last, *_keys(lines)]
        if len(keys) <= len(lines) or keys != sorted(keys):
            return False
        last = keys[-1]
    return True


def _keys(lines: list[bytes]) -> list[bytes]:
    """Moments of writing, if they are of one form and so can be compared as they are."""
    try:
        keys = [line.split(b",", _KEY + 1)[_KEY].rstrip() for line in lines]
    except IndexError:
        return []
    alike = all(len(key) == _KEY_LENGTH for key in keys)
    return keys if alike and len({key[_OFFSET:] for key in keys}) == 1 else []


def _key(cells: list[str]) -> int | None:
    """Milliseconds of the moment of writing; `None` when this is no whole row."""
    if len(cells[_KEY]) != _KEY_LENGTH:
        return None
    try:
        return round(datetime.fromisoformat(cells[_KEY]).timestamp() * 1000)
    except ValueError:
        return None


class _Index:
    """Where each row of some files stands, in the order the rows are wanted in."""

    def __init__(self, files: list[ReportFile], query: Query) -> None:
        self._files, self._query = files, query
        self._places, self._lengths, self._owners = array("q"), array("q"), array("q")
        self._open: dict[int, BinaryIO] = {}
        keys: list[int] = []
        for number, file in enumerate(files):
            with file.path.open("rb") as lines:
                for key, start, length in self._rows(file, lines):
                    keys.append(key << 40 | len(keys))
                    self._places.append(start)
                    self._lengths.append(length)
                    self._owners.append(number)
        self._order = sorted(keys)

    def _rows(self, file: ReportFile, source: BinaryIO) -> Iterator[tuple[int, int, int]]:
        """Moment of writing, start and length of every whole row that is asked for."""
        place = start = len(file.first_line)
        source.seek(place)

        def lines() -> Iterator[str]:
            nonlocal place
            while place < file.size and (line := source.readline()).endswith(b"\n"):
                place += len(line)
                yield line.decode("utf-8", "replace")

        passed_over = 0
        for cells in csv.reader(lines()):
            key = _key(cells) if len(cells) == len(file.header) else None
            if key is None:
                passed_over += 1
            elif self._is_wanted(cells, file):
                yield key, start, place - start
            start = place
        if passed_over:
            _log.warning(
                "lines of a report passed over",
                extra={"path": str(file.path), "lines": passed_over},
            )

    def _is_wanted(self, cells: list[str], file: ReportFile) -> bool:
        query, day = self._query, cells[_KEY][:10]
        owners = [cells[place] for place in _OWNERS]
        return (
            (not file.mixed or owners == [query.account, query.report_type])
            and (query.since is None or day >= query.since.isoformat())
            and (query.until is None or day <= query.until.isoformat())
        )

    def batches(self) -> Iterator[LineBatch]:
        """The rows in order, those of equal columns that follow each other together."""
        try:
            for start in range(0, len(self._order), _BATCH):
                rows = [key & (1 << 40) - 1 for key in self._order[start : start + _BATCH]]
                headers = groupby(rows, key=lambda row: self._files[self._owners[row]].header)
                for header, alike in headers:
                    lines = [self._line(row) for row in alike]
                    yield LineBatch(header, b"".join(lines), len(lines))
        finally:
            self._close()

    def _line(self, row: int) -> bytes:
        owner = self._owners[row]
        file = self._open.get(owner)
        if file is None:
            if len(self._open) >= _MOST_OPEN:
                self._close()
            file = self._open[owner] = self._files[owner].path.open("rb")
        return os.pread(file.fileno(), self._lengths[row], self._places[row])

    def _close(self) -> None:
        for file in self._open.values():
            file.close()
        self._open.clear()
