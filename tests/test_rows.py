"""The tables of the other tests: no row may be passed over, every failing one is named."""

import pytest

from tests.rows import each, every


def test_every_failing_row_is_named():
    seen = []

    @each("number, even", [(1, False), (2, False), pytest.param(3, True), (4, True)])
    def check(number, even, fixture):
        seen.append((number, fixture))
        assert (number % 2 == 0) == even

    with pytest.raises(BaseExceptionGroup, match="2 of 4 rows") as failed:
        check(fixture="x")
    assert seen == [(1, "x"), (2, "x"), (3, "x"), (4, "x")]
    notes = [error.__notes__ for error in failed.value.exceptions]
    assert notes == [
        ["in the row {'number': 2, 'even': False}"],
        ["in the row {'number': 3, 'even': True}"],
    ]


def test_what_was_not_raised_fails_too():
    def check(_):
        with pytest.raises(ValueError, match="never"):
            pass

    with pytest.raises(BaseExceptionGroup, match="1 of 1 rows"):
        every([1], check)


def test_a_table_without_rows_fails():
    with pytest.raises(AssertionError, match="no row"):
        every([], print)
