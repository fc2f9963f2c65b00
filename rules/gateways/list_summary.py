"""What was done with a list, as plain values and as lines for the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.tables import manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.gateways.list_state import Progress

__all__ = ["lines", "summary"]


def summary(progress: Progress) -> dict[str, Any]:
    """Counts of a run, with those of the runs it goes on from."""
    rows, states = progress.rows, manifest()
    return {
        "whole": progress.whole,
        "rows": rows,
        "rejected_lines": progress.rejected,
        "numbers": {number: _column(found, rows) for number, found in progress.counts.items()},
        "live_questions": progress.questions,
        "live_cost": progress.cost,
        "seconds": round(progress.seconds, 3),
        "rows_per_second": round(rows / progress.seconds) if progress.seconds else 0,
        "data_state": {
            name: states[f"{name}.csv"]["newest"] for name in ("circles", "landlines", "operators")
        },
    }


def _column(found: Mapping[str, Mapping[str, int]], rows: int) -> dict[str, Any]:
    def known(column: str) -> float:
        return round(1 - found[column].get("", 0) / rows, 6) if rows else 0.0

    return {
        "with_operator": known("operator"),
        "with_circle": known("circle"),
        **{name: _ordered(counts) for name, counts in found.items()},
    }


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    """The values that are there, most frequent first."""
    values = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {value: count for value, count in values if value and count}


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The summary for a person."""
    rows = found["rows"]
    yield f"rows: {rows:,}   rejected lines: {found['rejected_lines']:,}"
    for number, column in found["numbers"].items():
        known = f"operator {column['with_operator']:.1%}, circle {column['with_circle']:.1%}"
        yield f"{number}: known {known}"
        for name in ("class", "circle_confidence", "circle", "language", "reason"):
            if column[name]:
                counts = ", ".join(f"{value} {count:,}" for value, count in column[name].items())
                yield f"  {name}: {counts}"
    yield f"live questions: {found['live_questions']:,}, cost {found['live_cost']}"
    yield f"{found['seconds']:.1f} s, {found['rows_per_second']:,} rows/s"
    yield "data of " + ", ".join(f"{name} {state}" for name, state in found["data_state"].items())
