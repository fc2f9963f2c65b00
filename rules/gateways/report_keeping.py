"""What happens to report files later: a customer erased, old days deleted, closed days uploaded.

Whose settings hold for a file is told by its path. Each change takes the file's lock, so no row
that is being written is lost.
"""

from __future__ import annotations

import csv
import logging
import os
import subprocess
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from rules.errors import StoreUnavailable
from rules.gateways.report_files import ReportFile, walk_files
from rules.gateways.reports import MADE, open_locked
from rules.reports import COLUMNS, REPORTS, csv_line, plain_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from rules.reports import Place, ReportSettings
    from rules.services.reports import ReportTable
    from rules.settings import Accounts

__all__ = ["ReportKeeping", "erase_in_files"]

UPLOADED = ".uploaded"
UPLOAD_SECONDS = 300.0
_BATCH = 500
_ACCOUNT, _DNIS = COLUMNS.index("accountID"), COLUMNS.index("dnis")
_log = logging.getLogger("rules.reports")


@contextmanager
def _locked(path: Path, flags: int | None = None) -> Iterator[int]:
    """The file under its lock."""
    descriptor = open_locked(str(path)) if flags is None else open_locked(str(path), flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def erase_in_files(
    root: Path, template: str, account: str, is_meant: Callable[[str], bool], replacement: str
) -> int:
    """Replace `dnis` in the account's rows that are meant; gives back how many rows."""
    total = 0
    for file, names in walk_files(root, template):
        if names.get("accountID", account) == account and file.header:
            try:
                total += _erase(file.path, account, is_meant, replacement)
            except OSError as error:
                _log.error("report not erased", extra={"errno": error.errno})
                raise StoreUnavailable("a report cannot be rewritten") from None
    return total


def _erase(path: Path, account: str, is_meant: Callable[[str], bool], replacement: str) -> int:
    """Rewrite one file under its lock: a new file takes its place, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    changed = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    try:
        with _locked(path), os.fdopen(os.open(fresh, flags, 0o600), "wb") as out:
            for raw, cells in _rows(path):
                whole = len(cells) >= len(COLUMNS) and cells[_ACCOUNT] == account
                if whole and is_meant(plain_cell(cells[_DNIS])):
                    changed += 1
                    cells[_DNIS] = replacement
                    out.write(csv_line([plain_cell(cell) for cell in cells]))
                else:
                    out.write(raw)
            out.flush()
            os.fsync(out.fileno())
            if changed:
                fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return changed


def _rows(path: Path) -> Iterator[tuple[bytes, list[str]]]:
    """Every row as it stands and its cells, the header and torn lines too."""
    raw: list[bytes] = []

    def lines() -> Iterator[str]:
        with path.open("rb") as source:
            for line in source:
                raw.append(line)
                yield line.decode("utf-8", "replace")

    for cells in csv.reader(lines()):
        yield b"".join(raw), cells
        raw.clear()


class ReportKeeping:
    """The nightly work on an installation's reports; `root` tells the folder of a place."""

    def __init__(
        self,
        accounts: Callable[[], Accounts],
        root: Callable[[Place], Path | None],
        table: ReportTable,
    ) -> None:
        self._accounts, self._root, self._table = accounts, root, table

    def sweep(self, now: datetime) -> int:
        """Delete a batch of rows, and every file, that an account keeps no longer."""
        rows = 0
        for account in self._table.accounts():
            settings = self._settings(account)
            if settings.keep_days:
                zone = settings.place.zone
                first = now.astimezone(zone).date() - timedelta(days=settings.keep_days)
                before = datetime.combine(first, time(), zone)
                rows += self._table.sweep(account, before=before, limit=_BATCH)
        if rows:
            _log.info("report rows deleted", extra={"rows": rows})
        return rows + sum(self._delete(file, root) for file, root in self._old_files(now))

    def upload(self, now: datetime) -> int:
        """Run the accounts' commands for files of days gone by; 0: once over all of them."""
        for file, settings, today in self._files(now):
            if settings.upload and file.day and file.day < today:
                _upload(settings.upload, file)
        return 0

    def _settings(self, account: str) -> ReportSettings:
        return self._accounts().settings(REPORTS, account or None)

    def _places(self) -> dict[tuple[Path, str], None]:
        """Every folder and template that any scope names, once."""
        accounts = self._accounts()
        found: dict[tuple[Path, str], None] = {}
        for scope, name, _ in accounts.scopes():
            ids = {scope: name}
            settings = accounts.settings(REPORTS, ids.get("account"), ids.get("flow"))
            for place in settings.places().values():
                if root := self._root(place):
                    found[root, place.path] = None
        return found

    def _files(self, now: datetime) -> Iterator[tuple[ReportFile, ReportSettings, date]]:
        """Every file, the settings of its account, and the day it is there."""
        for root, template in self._places():
            for file, names in walk_files(root, template):
                settings = self._settings(names.get("accountID", ""))
                yield file, settings, now.astimezone(settings.place.zone).date()

    def _old_files(self, now: datetime) -> Iterator[tuple[ReportFile, date]]:
        for file, settings, today in self._files(now):
            days = settings.keep_days
            if days and file.day and (today - file.day).days > days:
                yield file, file.day

    def _delete(self, file: ReportFile, day: date) -> int:
        with _locked(file.path):
            file.path.unlink()
        file.path.with_name(file.path.name + UPLOADED).unlink(missing_ok=True)
        _log.info("report file deleted", extra={"path": str(file.path), "day": day.isoformat()})
        return 1


def _upload(words: Sequence[str], file: ReportFile) -> None:
    """Run the command for one file, unless the mark beside it says that it was done."""
    mark = file.path.with_name(file.path.name + UPLOADED)
    if mark.exists() and mark.stat().st_size:
        return
    with _locked(mark, MADE) as descriptor:
        if not os.fstat(descriptor).st_size and _runs(words, file):
            os.write(descriptor, b"uploaded\n")
            _log.info("report uploaded", extra={"path": str(file.path)})


def _runs(words: Sequence[str], file: ReportFile) -> bool:
    try:
        ended = subprocess.run(  # noqa: S603  the operator's own command, no shell
            [*words, str(file.path)], timeout=UPLOAD_SECONDS, check=False, capture_output=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.warning("report not uploaded", extra={"error": type(error).__name__})
        return False
    if ended.returncode:
        _log.warning("report not uploaded", extra={"exit": ended.returncode})
    return ended.returncode == 0
