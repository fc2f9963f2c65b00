"""The accounts file: TOML with the settings of accounts and flows, read again when it changes.

A file with a mistake is refused as a whole: at start that stops the process, later the last good
one stays in force. Files that settings name (own dates, number overrides) lie beside it and are
watched too.
"""

from __future__ import annotations

import logging
import re
import threading
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rules.errors import SettingsRefused, quote
from rules.methods import TOPICS
from rules.settings import SCOPES, Accounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["AccountsFile", "read_accounts"]

_CHECK_SECONDS = 5.0
_log = logging.getLogger(__name__)


def read_accounts(path: Path) -> tuple[Accounts, tuple[Path, ...]]:
    """Accounts and every file read for them; `SettingsRefused` lists each mistake with its line."""
    paths = [path]
    return _read(path, paths), tuple(paths)


def _read(path: Path, paths: list[Path]) -> Accounts:
    """The accounts of a file; every file that settings name is added to `paths`, read or not."""
    try:
        return _judged(path, paths)
    except SettingsRefused:
        raise
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
    except ValueError as error:  # what TOML, UTF-8 and whole numbers raise
        why = f"is no TOML: {error}"
    except RecursionError:
        why = "is nested too deeply"
    except Exception as error:  # noqa: BLE001  whatever was written, the file is refused for it
        why = f"cannot be used ({type(error).__name__})"
    raise SettingsRefused(path.name, [why])


def _judged(path: Path, paths: list[Path]) -> Accounts:
    """The accounts of a file; `SettingsRefused` lists each mistake with its line."""
    text = path.read_text(encoding="utf-8-sig")
    document = tomllib.loads(text)
    mistakes = list(_misplaced(document, text))
    if mistakes:
        raise SettingsRefused(path.name, mistakes)
    files, named, mistakes = _named_files(document, path.parent, text)
    paths += named
    accounts = Accounts(document, files)
    for scope, name, key, message in accounts.mistakes(TOPICS):
        place = f"line {_line(text, scope, name, key)}, " + (key or name or scope)
        mistakes.append(f"{place}: {message}")
    if mistakes:
        raise SettingsRefused(path.name, mistakes)
    return accounts


def _misplaced(document: Mapping[str, Any], text: str) -> Iterable[str]:
    """Top-level members that are no scope, and scopes of another form than tables."""
    for scope, value in document.items():
        if scope not in SCOPES:
            yield f"line {_line(text, None, None, scope)}, {scope}: no such table; use {SCOPES}"
        elif not isinstance(value, dict):
            yield f"line {_line(text, None, None, scope)}, {scope}: must be a table"
        elif scope != "default":
            for name, keys in value.items():
                if not isinstance(keys, dict):
                    yield f'line {_line(text, scope, name, "")}: write [{scope}."{name}"]'


def _named_files(
    document: Mapping[str, Any], folder: Path, text: str
) -> tuple[dict[str, str], list[Path], list[str]]:
    """Texts of the files that settings name, by the name as written."""
    wanted = {name for topic in TOPICS for name in topic.files}
    texts: dict[str, str] = {}
    paths: list[Path] = []
    mistakes: list[str] = []
    for scope, name, keys in Accounts(document).scopes():
        for key in wanted & set(keys):
            value = str(keys[key])
            if not value:
                continue
            paths.append(folder / value)
            try:
                texts[value] = paths[-1].read_text(encoding="utf-8-sig")
            except (OSError, ValueError):
                line = _line(text, scope, name, key)
                mistakes.append(f"line {line}, {key}: file {quote(value)} cannot be read as UTF-8")
    return texts, paths, mistakes


def _line(text: str, scope: str | None, name: str | None, key: str) -> int:
    """Line on which a key of a table stands; of the table when the key is not found."""
    parts = [re.escape(part) for part in (scope, name) if part]
    written = r"\s*\.\s*".join(rf"""(?:"{part}"|'{part}'|{part})""" for part in parts)
    header = re.compile(rf"\s*\[+\s*{written}\s*[.\]]")
    inside, table_line = scope is None, 1
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("["):
            inside = bool(header.match(line)) if scope else key in line
            table_line = number if inside else table_line
            if inside and not scope:
                return number
        elif inside and re.match(rf'\s*["\']?{re.escape(key)}["\']?\s*[.=]', line):
            return number
    return table_line


class AccountsFile:
    """The accounts in force, looked at again at most every five seconds.

    `state` is for the health page: since when the file is in force, and what is wrong with a newer
    one. Safe to call from several threads.
    """

    def __init__(self, path: str, *, monotonic: Callable[[], float]) -> None:
        self._path = Path(path)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._files: list[Path] = [self._path]
        self._accounts = _read(self._path, self._files)
        self._seen = self._stamp()
        self._checked = monotonic()
        self._refusal = ""

    def __call__(self) -> Accounts:
        """The accounts in force now."""
        if self._monotonic() - self._checked >= _CHECK_SECONDS and self._lock.acquire(
            blocking=False
        ):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._accounts

    def state(self) -> dict[str, Any]:
        """`in_force`, and `refused` with the reason while a newer file is refused."""
        self()
        return {"file": self._path.name, "ok": not self._refusal, "refused": self._refusal}

    def _look(self) -> None:
        self._checked = self._monotonic()
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._files = [self._path]
        try:
            self._accounts = _read(self._path, self._files)
        except SettingsRefused as error:
            self._refusal = str(error)
            _log.error("accounts file refused, the last good one stays", extra={"why": str(error)})
        else:
            self._refusal = ""
            _log.info("accounts file read again")
        self._seen = self._stamp()

    def _stamp(self) -> tuple[tuple[str, int, int], ...]:
        return tuple(_stat(path) for path in self._files)


def _stat(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size
