"""Which names and values an account lets in."""

import json

from rules.prefs import NameRules, contact_hash
from tests._cases import cases
from tests.rows import each


@each("row", cases("pref_names"))
def test_value(row):
    problem = NameRules.from_setting(json.loads(row["table"])).problem(row["name"], row["value"])
    assert (problem[0] if problem else "") == row["code"]


@each(
    ("name", "value", "code", "why"),
    [
        ("n" * 200, "v" * 4_000, None, "the longest of both"),
        ("n" * 201, "", "TOO_LONG", "one more in the name"),
        ("n", "v" * 4_001, "TOO_LONG", "one more in the value"),
        ("n\0", "v", "OUT_OF_RANGE", "a name no database keeps"),
        ("n", "v\0", "OUT_OF_RANGE", "a value no database keeps"),
    ],
)
def test_limits_hold_without_a_list(name, value, code, why):
    problem = NameRules().problem(name, value)
    assert (problem and problem[0]) == code, why


def test_slip_in_a_name_is_helped():
    _, words = NameRules.from_setting({"strict": True, "city": "text"}).problem("citi", "Pune")
    assert words.endswith("did you mean 'city'?")


def test_hash_depends_on_key_and_contact():
    hashes = {contact_hash(key, who) for key in ("a", "b") for who in ("918000374123", "CUST")}
    assert len(hashes) == 4
    assert all(len(text) == 12 + 64 for text in hashes)
