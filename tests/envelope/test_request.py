"""Reading a request: lenient where platforms are sloppy, strict where a guess would be wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.envelope import NEEDED, Envelope, Field, Rest, decode, integer, parse, text
from rules.errors import BadParameters, MalformedEnvelope, MalformedJson
from tests.rows import each

DATE = Field("$flow.key.inputDate", text, "a date")
DAYS = Field("$flow.key.validMAxDays", integer, "days", None, code="INVALID_DAYS")
FLOW = Field("$flow.syskey.flowID", text, "flow", None)
TOKEN = Field("$flow.key.apiKey", integer, "secret number", None, secret=True)
CLI = Field("$flow.key.cli", text, "number", blank="withheld")
PREFS = Rest("$user.key.", "preferences")


def request(*pairs):
    return Envelope("x", list(pairs))


@each(
    ("body", "keys", "why"),
    [
        ({"keys": [{"name": "a", "value": "x"}]}, [("a", "x")], "as documented"),
        ({"keys": None}, [], "null is an empty list"),
        ({}, [], "absent is an empty list"),
        ({"keys": [1, "a", None, [], {"value": 1}]}, [], "no objects with a name: skipped"),
        ({"keys": [{"name": " ", "value": 1}]}, [], "blank name: skipped"),
        ({"keys": [{"name": 7, "value": 1}]}, [], "name is no text: skipped"),
        ({"keys": [{"name": " a ", "value": " b ", "x": 1}]}, [("a", " b ")], "name is trimmed"),
        ({"keys": [{"name": "a"}]}, [("a", None)], "no value is null"),
        ({"keys": [{"name": "a", "value": True}]}, [("a", "true")], "boolean"),
        ({"keys": [{"name": "a", "value": False}]}, [("a", "false")], "boolean"),
        ({"keys": [{"name": "a", "value": 5}]}, [("a", "5")], "integer"),
        ({"keys": [{"name": "a", "value": 2.5}]}, [("a", "2.5")], "other number"),
        ({"keys": [{"name": "a", "value": [1, "b"]}]}, [("a", '[1,"b"]')], "list as JSON"),
        ({"keys": [{"name": "a", "value": {"b": None}}]}, [("a", '{"b":null}')], "object as JSON"),
        ({"flowStatus": {}, "phonon-uuid": 1, "body": {}}, [], "unknown members"),
    ],
)
def test_bodies(body, keys, why):
    assert parse(body).keys == keys
    assert parse(json.dumps(body).encode()).keys == keys


@each(
    ("body", "error", "why"),
    [
        (b"", MalformedJson, "empty"),
        (b"  ", MalformedJson, "blank"),
        (b"{", MalformedJson, "cut off"),
        (b"\xff\xfe{}", MalformedJson, "wrong encoding"),
        (b'{"keys": [{"name": "a", "value": "\xff"}]}', MalformedJson, "wrong encoding inside"),
        (b'{"keys": NaN}', MalformedJson, "NaN is not JSON"),
        (b'{"keys": [{"name": "a", "value": Infinity}]}', MalformedJson, "nor is Infinity"),
        (b"[" * 100_000, MalformedJson, "nested too deeply"),
        (b'{"keys":[{"name":"a","value":"\\ud800"}]}', MalformedJson, "half a surrogate pair"),
        (b"[1, 2]", MalformedEnvelope, "no object"),
        (b'"x"', MalformedEnvelope, "no object"),
        (b"null", MalformedEnvelope, "no object"),
        (b'{"keys": {}}', MalformedEnvelope, "keys is no list"),
        (b'{"keys": "a"}', MalformedEnvelope, "keys is no list"),
    ],
)
def test_refused(body, error, why):
    with pytest.raises(error):
        parse(body)


@each("value", [float("nan"), float("inf"), object(), {1: object()}])
def test_decoded_values_that_are_no_json(value):
    with pytest.raises(MalformedJson):
        parse({"keys": [{"name": "a", "value": value}]})


def test_decoded_lone_surrogate_and_deep_list():
    with pytest.raises(MalformedJson):
        parse({"keys": [{"name": "a", "value": "\ud800"}]})
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(MalformedJson):
        parse({"keys": [{"name": "a", "value": deep}]})


def test_byte_order_mark_and_repeated_member():
    assert parse(b'\xef\xbb\xbf{"method": " A ", "method": "B"}').method == "B"
    assert parse({"method": " A "}).method == "A"
    assert parse({"method": 5}).method == ""
    assert parse({"method": "A"}, "fromPath").method == "fromPath"


def test_numbers_keep_their_text():
    body = (
        b'{"keys":[{"name":"a","value":5.0},{"name":"b","value":123456789012345678901234567890}]}'
    )
    assert parse(body).keys == [("a", "5.0"), ("b", "123456789012345678901234567890")]
    assert decode(b"[1.10]") == ["1.10"]


@each(
    ("pairs", "found", "why"),
    [
        ([("$flow.key.inputDate", "1")], "1", "full name"),
        ([("$FLOW.KEY.INPUTDATE", "1")], "1", "any case"),
        ([("inputdate", "1")], "1", "bare name"),
        ([("inputDate", "1"), ("$flow.key.inputDate", "2")], "2", "last of one rank"),
        ([("$flow.key.inputDate", "1"), ("inputDate", "2")], "2", "last of one rank"),
        ([("inputDate", "1"), ("inputDate", "")], None, "last wins though blank"),
        ([("inputDate", "1"), ("inputDate", None)], None, "last wins though null"),
        ([("$user.key.inputDate", "1")], None, "another namespace"),
        ([("$flow.syskey.inputDate", "1")], None, "twin only for system fields"),
        ([("inputDate", "$flow.key.askedDate")], None, "never replaced"),
        ([("inputDate", "$call.x")], None, "never replaced"),
        ([("inputDate", "$flow.key.a b")], "$flow.key.a b", "a blank: a text after all"),
        ([("inputDate", "NULL")], None, "the word null"),
        ([("inputDate", " undefined ")], None, "the word undefined"),
        ([("inputDate", " 5 ")], "5", "read without blanks around"),
    ],
)
def test_which_key_fills(pairs, found, why):
    filled = request(*pairs).read((DATE,))
    assert filled.get(DATE) == found
    if found is None:
        with pytest.raises(BadParameters) as refusal:
            filled.check()
        assert [(f.name, f.code) for f in refusal.value.fields] == [
            ("$flow.key.inputDate", "MISSING_PARAMETER")
        ]


def test_system_field_has_a_twin_of_lower_rank():
    twin = ("$flow.key.flowID", "twin")
    assert request(twin).fill((FLOW,))[FLOW] == "twin"
    assert request(("flowid", "bare"), twin).fill((FLOW,))[FLOW] == "bare"
    assert request(("$flow.syskey.flowID", ""), twin).fill((FLOW,))[FLOW] is None


def test_all_problems_at_once_in_field_order():
    with pytest.raises(BadParameters) as refusal:
        request(("apiKey", "hunter2"), ("validMaxDays", "two")).fill((DATE, DAYS, TOKEN))
    assert str(refusal.value) == "3 fields need attention"
    assert [(f.name, f.code, f.message) for f in refusal.value.fields] == [
        ("$flow.key.inputDate", "MISSING_PARAMETER", "needed"),
        ("$flow.key.validMAxDays", "INVALID_DAYS", "'two' is not a whole number"),
        ("$flow.key.apiKey", "NOT_AN_INTEGER", "cannot be used"),
    ]


def test_a_method_adds_problems_of_its_own():
    filled = request(("inputDate", "1")).read((DATE,))
    filled.refuse(DATE, "INVALID_TYPE", "say more")
    filled.refuse(DAYS, "OUT_OF_RANGE", "a field of another method")
    with pytest.raises(BadParameters) as refusal:
        filled.check()
    assert [f.code for f in refusal.value.fields] == ["INVALID_TYPE", "OUT_OF_RANGE"]


def test_blank_may_mean_something():
    assert request(("cli", " ")).fill((CLI,))[CLI] == "withheld"
    assert request(("cli", "98")).fill((CLI,))[CLI] == "98"
    assert request(("cli", None)).read((CLI,)).get(CLI) is None


def test_open_set_keeps_names_and_values_as_sent():
    sent = request(
        ("$USER.key.City", " Pune "), ("$user.key.city", None), ("$user.key.City", "Delhi"),
        ("$user.key.", "no name"), ("$user.syskey.accountID", "1"), ("$user.key.a.b c", "x"),
    )  # fmt: skip
    assert sent.rest(PREFS) == {"City": "Delhi", "city": None, "a.b c": "x"}
    assert request().read((PREFS,)).check().get(DATE) is None


def test_needed():
    assert DATE.needed
    assert not DAYS.needed
    assert NEEDED.value == "needed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused(body):
    try:
        parse(body)
    except (MalformedJson, MalformedEnvelope) as error:
        assert len(str(error)) < 200


@given(JSON)
def test_any_object_is_read_or_refused(body):
    try:
        found = parse(body)
    except (MalformedJson, MalformedEnvelope):
        return
    assert all(value is None or isinstance(value, str) for _, value in found.keys)
