"""Tables of cases: `tests/cases/<name>.csv`, one fact a row, the last column says why."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"


def cases(name: str) -> list[Any]:
    """Rows of a table as parameters of a test: a dictionary each, named after line and reason."""
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            pytest.param(row, id=f"line {line}: {row['why']}")
            for line, row in enumerate(csv.DictReader(file, strict=True), start=2)
        ]
