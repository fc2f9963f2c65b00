"""Tables of cases whose rows are not worth a test each."""

from __future__ import annotations

import functools
import inspect

import pytest
from _pytest.mark import ParameterSet

__all__ = ["each"]


def each(names, rows):
    """Like `pytest.mark.parametrize`, but one test goes through all rows and names every one that
    fails: where the rule takes microseconds, thousands of tests take longer than all rules.

    What the test takes besides the names are fixtures, the same for all rows.
    """
    names = names.split(", ") if isinstance(names, str) else list(names)
    sets = [ParameterSet.extract_from(row, force_tuple=len(names) == 1) for row in rows]
    assert sets, f"no row for {names}"
    assert not any(row.marks for row in sets), "a mark is for a test of its own"
    table = [dict(zip(names, row.values, strict=True)) for row in sets]

    def over(test):
        @functools.wraps(test)
        def all_rows(*instance, **fixtures):
            wrong = []
            for values in table:
                try:
                    test(*instance, **values, **fixtures)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  raised below
                    row = ", ".join(f"{name}={value!r:.300}" for name, value in values.items())
                    error.add_note(f"in the row {row}")
                    wrong.append(error)
            if wrong:
                raise BaseExceptionGroup(f"{len(wrong)} of {len(table)} rows fail", wrong)

        kept = inspect.signature(test)
        all_rows.__signature__ = kept.replace(
            parameters=[p for name, p in kept.parameters.items() if name not in names]
        )
        return all_rows

    return over
