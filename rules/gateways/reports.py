"""The CSV sink: one row, one write, under a lock on the file it goes to.

Several processes append to one file. The lock makes the header, the repair of a line that a crash
cut off, and the row one step; a write that fails is taken back, so no half line stays. A file that
was replaced while we waited for its lock is opened anew. Nothing is written outside the report
folder, whatever links lie in it.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
import time
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from rules.errors import StoreUnavailable
from rules.reports import csv_line, report_path

if TYPE_CHECKING:
    from rules.reports import Place, ReportRow

__all__ = ["MADE", "CsvSink", "open_locked"]

SUFFIX = ".csv"
LINE_BREAK = b"\r\n"
LOCK_SECONDS = 10.0
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
MADE = _FLAGS | os.O_CREAT
"""How a file is opened that need not be there yet."""
_MOST_TRIES = 100
_MOST_CHECKED = 4096
_CHUNK = 1 << 20
_WAY_OUT = "leads out of the report folder"
_log = logging.getLogger("rules.reports")


@lru_cache(maxsize=256)
def _header_line(columns: tuple[str, ...]) -> bytes:
    return csv_line(columns)


def open_locked(path: str, flags: int = _FLAGS) -> int:
    """A descriptor of the file, locked; opened anew when it was replaced while we waited.

    Closing it frees the lock. Raises `OSError`: no such file, a link, no ordinary file, or a lock
    that stays taken.
    """
    for _ in range(_MOST_TRIES):
        descriptor = os.open(path, flags, 0o600)
        kept = False
        try:
            _lock(descriptor)
            kept = _is_in_use(descriptor)
        finally:
            if not kept:
                os.close(descriptor)
        if kept:
            return descriptor
    raise OSError(errno.EBUSY, "the file is replaced again and again")


def _is_in_use(descriptor: int) -> bool:
    """Has the open file still a name? `OSError` when it is no ordinary file at all."""
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "no ordinary file")
    return found.st_nlink > 0


def _lock(descriptor: int) -> None:
    """Take the file's lock; wait for it, but not for ever."""
    deadline, pause = 0.0, 0.0005
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            now = time.monotonic()
            deadline = deadline or now + LOCK_SECONDS
            if now > deadline:
                raise
            time.sleep(pause)
            pause = min(pause * 1.5, 0.01)
        else:
            return


class CsvSink:
    """The files of one place under one folder."""

    def __init__(self, root: Path, place: Place) -> None:
        self.root, self.place = root.absolute(), place
        self._real_root = _real(root)
        self._checked: dict[str, tuple[int, int]] = {}

    def append(self, row: ReportRow) -> None:
        """Write one row, whole or not at all; raises `StoreUnavailable`."""
        relative = report_path(self.place.path, row, self.place.zone)
        header, line = _header_line(row.header()), csv_line(row.values())
        path = f"{self.root}/{relative}"
        try:
            if not self._append(path, header, line):
                self._append_beside(path, header, line)
        except OSError as error:
            name = errno.errorcode.get(error.errno or 0, "OSError")
            _log.error("report not written", extra={"path": relative, "errno": name})
            raise StoreUnavailable(f"the report cannot be written: {name}") from None

    def _append_beside(self, path: str, header: bytes, line: bytes) -> None:
        """Rows whose columns do not fit go to `.2.csv`, then `.3.csv`."""
        stem = path.removesuffix(SUFFIX)
        for number in count(2):
            beside = f"{stem}.{number}{SUFFIX}"
            if beside not in self._checked:
                _log.warning("report has other columns", extra={"path": Path(beside).name})
            if self._append(beside, header, line):
                return

    def _append(self, path: str, header: bytes, line: bytes) -> bool:
        """Append under the file's lock; false when the file has other columns."""
        made = False
        try:
            descriptor = open_locked(path)
        except FileNotFoundError:
            self._make_folder(Path(path).parent)
            descriptor, made = open_locked(path, MADE), True
        try:
            found = os.fstat(descriptor)
            size = found.st_size
            if self._checked.get(path) != (found.st_ino, found.st_dev):
                self._check_inside(descriptor, path)
                self._remember(path, found)
            start = os.pread(descriptor, len(header), 0)
            if start != header:
                if not header.startswith(start):
                    return False
                os.ftruncate(descriptor, 0)  # nothing yet, or a header that was cut off
                size, line = 0, header + line
            elif os.pread(descriptor, 1, size - 1) != b"\n":
                line = _end_of_torn_line(descriptor, size) + line
            _write(descriptor, line, size)
            if self.place.fsync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if made and self.place.fsync:
            _sync_folder(Path(path).parent)
        return True

    def _remember(self, path: str, found: os.stat_result) -> None:
        """That this very file lies inside; a few thousand files are enough."""
        if len(self._checked) >= _MOST_CHECKED:
            self._checked.clear()
        self._checked[path] = (found.st_ino, found.st_dev)

    def _make_folder(self, folder: Path) -> None:
        """Make the folders that are missing, for our user only; refuse a way out of the root."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._real_root = _real(self.root)
        way = self.root
        for part in folder.relative_to(self.root).parts:
            way /= part
            if not _real(way).startswith(self._real_root):
                raise OSError(errno.EXDEV, _WAY_OUT)
            way.mkdir(mode=0o700, exist_ok=True)

    def _check_inside(self, descriptor: int, path: str) -> None:
        """Refuse an open file that lies outside the root, by way of a link inside it."""
        try:
            real = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115  the text is wanted
        except OSError:  # a system without it
            real = os.path.realpath(path)
        if not real.startswith(self._real_root):
            self._real_root = _real(self.root)  # perhaps the root was moved
            if not real.startswith(self._real_root):
                raise OSError(errno.EXDEV, _WAY_OUT)


def _real(folder: Path) -> str:
    """The folder with every link followed, as the beginning of all paths in it."""
    return f"{folder.resolve()}{os.sep}"


def _write(descriptor: int, data: bytes, size: int) -> None:
    """One write; when it fails or comes up short, the file is as it was."""
    written = -1
    try:
        written = os.write(descriptor, data)
    finally:
        if written < len(data):
            os.ftruncate(descriptor, size)
    if written < len(data):
        raise OSError(errno.ENOSPC, "written only in part")


def _end_of_torn_line(descriptor: int, size: int) -> bytes:
    """What ends a line that was cut off: a quote too, if one stands open."""
    quotes = 0
    for start in range(0, size, _CHUNK):
        quotes += os.pread(descriptor, _CHUNK, start).count(b'"')
    return b'"' + LINE_BREAK if quotes % 2 else LINE_BREAK


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
