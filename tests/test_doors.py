"""Every case of `cases/<method>/` holds through import, HTTP and command line alike."""

from __future__ import annotations

import pytest

from rules.methods import METHODS
from tests.doors import CASES, Case, check, read_cases

ALL = [(door, case) for case in read_cases() for door in case.doors]


@pytest.mark.parametrize(
    ("door", "case"), ALL, ids=[f"{case.method}-{door}-{case.why}"[:100] for door, case in ALL]
)
def test_case(door, case: Case, tmp_path):
    check(door, case, tmp_path)


def test_every_method_has_cases():
    folders = {path.name.casefold() for path in CASES.iterdir() if path.is_dir()}
    assert {name for name in METHODS if name not in folders} == set()
