"""How much of the mobile number space the series table knows, for `data/README.md`."""

from __future__ import annotations

from collections import Counter

from building.base import Table
from building.telecom_names import GRADES

__all__ = ["coverage"]

_HEADING = """\
### Coverage: what share of numbers has which grade

Counted in blocks of 100,000 numbers (five digits), 10,000 for each first digit; much of the space
was never given out. A grade of `low` counts as unknown in every answer.

| first digit | operator high | medium | low | circle high | medium | low |
| --- | --- | --- | --- | --- | --- | --- |
"""


def coverage(circles: Table) -> str:
    """Blocks per first digit and grade, operator and circle apart."""
    blocks: Counter[tuple[str, str, str]] = Counter()
    for prefix, _, _, operator_grade, circle_grade, *_ in circles.rows:
        size = 10 if len(prefix) == 4 else 1
        for digit in (prefix[0], "all"):
            blocks[digit, "operator", operator_grade] += size
            blocks[digit, "circle", circle_grade] += size
    lines = []
    for digit in ("6", "7", "8", "9", "all"):
        space = 40_000 if digit == "all" else 10_000
        cells = [
            f"{blocks[digit, what, grade]:,} ({blocks[digit, what, grade] / space:.0%})"
            for what in ("operator", "circle")
            for grade in GRADES
        ]
        lines.append(f"| {' | '.join((digit, *cells))} |")
    return _HEADING + "\n".join(lines) + "\n"
