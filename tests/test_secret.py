"""A secret shows itself to nobody by accident."""

import copy
import pickle

import pytest

from rules.secret import Secret
from tests.rows import each

SENTINEL = "s3ntinel-value"


@each(
    "show",
    [
        str,
        repr,
        "{}".format,
        "{:>20}".format,
        "{!r}".format,
        lambda s: "%s" % s,  # noqa: UP031  the old style is shown too
        lambda s: str([s]),
    ],
)
def test_no_way_of_showing_gives_it_away(show):
    shown = show(Secret(SENTINEL))
    assert "***" in shown
    assert SENTINEL not in shown


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy])
def test_it_is_not_written(write):
    with pytest.raises(TypeError):
        write(Secret(SENTINEL))


def test_reveal_compare_and_truth():
    assert Secret(SENTINEL).reveal() == SENTINEL
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert not Secret()
    assert Secret("a")
