"""Tables of cases whose rows are not worth a test each."""

from __future__ import annotations

import functools
import inspect

import pytest
from _pytest.mark import ParameterSet

__all__ = ["each", "every"]


def each(names, rows):
    """Like `pytest.mark.parametrize`, but one test goes through all rows and names every one that
    fails: where the rule takes microseconds, thousands of tests take longer than all rules.

    What the test takes besides the names are fixtures, the same for all rows.
    """
    names = names.split(", ") if isinstance(names, str) else list(names)
    sets = [ParameterSet.extract_from(row, force_tuple=len(names) == 1) for row in rows]
    assert not any(row.marks for row in sets), "a mark is for a test of its own"
    table = [dict(zip(names, row.values, strict=True)) for row in sets]

    def over(test):
        @functools.wraps(test)
        def all_rows(*instance, **fixtures):
            every(table, lambda row: test(*instance, **row, **fixtures))

        kept = inspect.signature(test)
        all_rows.__signature__ = kept.replace(
            parameters=[p for name, p in kept.parameters.items() if name not in names]
        )
        return all_rows

    return over


def every(rows, check):
    """`check(row)` for all rows; those that fail are raised together, each with its row."""
    assert rows, "no row"
    wrong = []
    for row in rows:
        try:
            check(row)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  raised below
            error.add_note(f"in the row {row!r:.500}")
            wrong.append(error)
    if wrong:
        raise BaseExceptionGroup(f"{len(wrong)} of {len(rows)} rows fail", wrong)
