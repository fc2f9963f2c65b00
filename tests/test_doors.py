"""Every case of `cases/<method>/` holds through import, HTTP and command line alike."""

from __future__ import annotations

import pytest

from rules.methods import METHODS
from tests.doors import CASES, DOORS, Case, read_cases

ALL = [(door, case) for case in read_cases() for door in case.doors]
PREFIX = "$flow.key."


@pytest.mark.parametrize(
    ("door", "case"), ALL, ids=[f"{case.method}-{door}-{case.why}"[:100] for door, case in ALL]
)
def test_case(door, case: Case, tmp_path):
    status, body = DOORS[door](case, tmp_path)
    assert status == case.status, body
    reply = {key["name"].removeprefix(PREFIX): key["value"] for key in body["keys"]}
    assert {name: reply.get(name) for name in case.reply} == case.reply
    assert not set(case.absent) & set(reply)
    assert len(reply) == len(body["keys"]), "a variable stands twice"
    assert all(isinstance(value, str) for value in reply.values())
    codes = [field["code"] for field in body.get("error", {"fields": []})["fields"]]
    assert codes == case.codes or not case.codes
    assert ("error" in body) == (status != 200)


def test_every_method_has_cases():
    folders = {path.name.casefold() for path in CASES.iterdir() if path.is_dir()}
    assert {name for name in METHODS if name not in folders} == set()
