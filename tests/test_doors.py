"""Every case of `cases/<method>/` holds through import, HTTP and command line alike."""

from __future__ import annotations

import pytest

from rules.methods import METHODS
from tests.doors import DOORS, check, read_cases
from tests.rows import every

ALL = read_cases()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", [method.name for method in METHODS.values()])
def test_cases(method, door, tmp_path_factory):
    cases = [case for case in ALL if case.method == method and door in case.doors]
    every(cases, lambda case: check(door, case, tmp_path_factory.mktemp("case")))
