"""Where the work on a list stands, so that a run that broke off goes on without a row lost.

Kept beside the output as `OUT.progress.json`, replaced by rename after each chunk that is safe on
the disk. It belongs to one input, one set of options and one state of the data.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rules.gateways.list_errors import CannotResume

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Counts", "Progress", "digest", "fingerprint", "merge", "safe_write"]

_ENDS = 1 << 20
_VERSION = 1
Counts = dict[str, dict[str, dict[str, int]]]
"""Rows by number column, added column and value."""


@dataclass
class Progress:
    """What is saved.

    `source` is the offset in the input (bytes of text, or rows), `line` the lines of text read,
    `output` and `rejects` lengths of the files, `parts` sizes of the finished segments.
    """

    source: int = 0
    line: int = 1
    output: int = 0
    rejects: int = 0
    parts: list[int] = field(default_factory=list)
    rows: int = 0
    rejected: int = 0
    seconds: float = 0.0
    questions: int = 0
    cost: str = "0"
    counts: Counts = field(default_factory=dict)
    whole: bool = False

    def save(self, path: Path, marks: Mapping[str, Any]) -> None:
        """Replace the saved state."""
        document = {"version": _VERSION, "marks": marks, "progress": asdict(self)}
        safe_write(path, json.dumps(document, ensure_ascii=False).encode())

    @classmethod
    def load(cls, path: Path, marks: Mapping[str, Any]) -> Progress | None:
        """The saved state, `None` when there is none; raises `CannotResume` with the reason."""
        try:
            document = json.loads(path.read_bytes())
            version, kept, progress = (
                document["version"],
                document["marks"],
                cls(**document["progress"]),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise CannotResume(f"{path.name} cannot be read") from None
        if version != _VERSION:
            raise CannotResume(f"{path.name} was written by another version")
        for name, value in marks.items():
            if kept.get(name) != value:
                raise CannotResume(f"{name} changed since the run broke off")
        return progress


def safe_write(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is the old one or the new one."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def fingerprint(path: Path) -> dict[str, Any]:
    """Size, time, and digest of both ends of a file."""
    found = path.stat()
    sha = hashlib.sha256()
    with path.open("rb") as file:
        sha.update(file.read(_ENDS))
        file.seek(max(0, found.st_size - _ENDS))
        sha.update(file.read(_ENDS))
    return {"size": found.st_size, "time": found.st_mtime_ns, "ends": sha.hexdigest()}


def digest(value: Any) -> str:
    """The digest of plain values."""
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def merge(counts: Counts, tally: Mapping[str, Mapping[str, Counter[str]]]) -> Counts:
    """Both counts together, as a value of its own."""
    return {
        number: {
            column: {
                value: counts.get(number, {}).get(column, {}).get(value, 0) + found[value]
                for value in sorted({*counts.get(number, {}).get(column, {}), *found})
            }
            for column, found in columns.items()
        }
        for number, columns in tally.items()
    }
