"""The shape of replies and failures."""

from rules.envelope import failure, render
from rules.errors import BadParameters, FieldProblem, UnknownMethod


def test_render_keeps_order():
    assert render([("b", "1"), ("a", "2")]) == {
        "keys": [{"name": "b", "value": "1"}, {"name": "a", "value": "2"}]
    }


def test_failure():
    body = failure(UnknownMethod("no such method"), request_id="r")
    assert body == {
        "keys": [],
        "error": {
            "code": "UNKNOWN_METHOD",
            "message": "no such method",
            "request_id": "r",
            "fields": [],
        },
    }


def test_failure_names_every_field():
    error = BadParameters([FieldProblem("$flow.key.a", "X", "m")])
    body = failure(error, [("$flow.key.flag", "false")], request_id="r")
    assert body["keys"] == [{"name": "$flow.key.flag", "value": "false"}]
    assert body["error"]["message"] == "1 field needs attention"
    assert body["error"]["fields"] == [{"name": "$flow.key.a", "code": "X", "message": "m"}]
