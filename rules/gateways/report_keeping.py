"""What happens to report files later: a customer erased, old days deleted, closed days uploaded."""

from __future__ import annotations

import csv
import logging
import os
import subprocess
from typing import TYPE_CHECKING

from rules.errors import StoreUnavailable
from rules.gateways.report_files import ReportFile, walk_files
from rules.gateways.reports import open_locked
from rules.reports import COLUMNS, csv_line, plain_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

__all__ = ["delete_old_files", "erase_in_files", "upload_closed_files"]

UPLOADED = ".uploaded"
UPLOAD_SECONDS = 600.0
_ACCOUNT, _DNIS = COLUMNS.index("accountID"), COLUMNS.index("dnis")
_log = logging.getLogger("rules.reports")


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
    descriptor = open_locked(str(path))
    fresh = path.with_name(f".{path.name}.new")
    changed = 0
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(fresh, flags, 0o600), "wb") as out:
            for raw, cells in _rows(path):
                meant = (
                    len(cells) >= len(COLUMNS)
                    and cells[_ACCOUNT] == account
                    and is_meant(plain_cell(cells[_DNIS]))
                )
                if meant:
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
        os.close(descriptor)
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


def delete_old_files(
    root: Path, template: str, keep_days: Callable[[str], int], today: date
) -> int:
    """Delete whole files whose last day lies further back than the account keeps; how many."""
    gone = 0
    for file, names in walk_files(root, template):
        days = keep_days(names.get("accountID", ""))
        if not days or file.day is None or (today - file.day).days <= days:
            continue
        descriptor = open_locked(str(file.path))
        try:
            file.path.unlink()
            file.path.with_name(file.path.name + UPLOADED).unlink(missing_ok=True)
        finally:
            os.close(descriptor)
        gone += 1
        _log.info("report file deleted", extra={"path": str(file.path.relative_to(root))})
    return gone


def upload_closed_files(
    root: Path, template: str, command: Callable[[str], Sequence[str]], today: date
) -> tuple[int, int]:
    """Run the account's command once for each file of days gone by; how many worked and failed.

    The file's path is the last argument. A mark beside the file says that it was uploaded; one
    that failed is tried again the next time.
    """
    done = failed = 0
    for file, names in walk_files(root, template):
        words = command(names.get("accountID", ""))
        mark = file.path.with_name(file.path.name + UPLOADED)
        if not words or file.day is None or file.day >= today or mark.exists():
            continue
        if _upload(words, file):
            mark.touch(mode=0o600)
            done += 1
        else:
            failed += 1
    return done, failed


def _upload(words: Sequence[str], file: ReportFile) -> bool:
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
