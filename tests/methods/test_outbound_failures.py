"""What a flow gets from the outbound methods when the request fails as a whole."""

from rules.errors import (
    AddressNotAllowed,
    BadParameters,
    FieldProblem,
    MalformedJson,
    RulesError,
    StoreUnavailable,
    TooLarge,
)
from rules.methods import METHODS, answer
from rules.testing import make_services
from tests.outbound.made import NOW
from tests.rows import each

CREATE = METHODS["createoutbound"]


def field(code):
    return FieldProblem("$flow.key.x", code, "x")


@each(
    ("error", "code", "why"),
    [
        (BadParameters([field("MISSING_PARAMETER")]), "210", "a designer's error"),
        (BadParameters([field("IDEMPOTENCY_KEY_TAKEN")]), "201", "a key of another order"),
        (BadParameters([field("BODY_TOO_LARGE")]), "400", "too large for the dialler"),
        (BadParameters([field("BODY_TOO_LARGE"), field("X")]), "210", "and something else"),
        (MalformedJson("x"), "400", "invalid format"),
        (TooLarge("x"), "400", "invalid format"),
        (AddressNotAllowed("x"), "401", "the sender is not admitted"),
        (StoreUnavailable("x"), "500", "our own failure"),
        (RulesError("x"), "500", "anything unexpected"),
    ],
)
def test_code_of_a_failed_create(error, code, why):
    assert list(CREATE.failure(error)) == [
        ("$flow.key.obdResponseCode", code),
        ("$flow.key.obdReqID", ""),
        ("$flow.key.obdPhononUUID", ""),
    ], why


@each(
    ("method", "first"),
    [
        ("fetchOutboundStatus", ("obdState", "")),
        ("cancelOutbound", ("obdCancelled", "false")),
        ("previewOutbound", ("previewTotal", "")),
        ("checkCall", ("callVerdict", "")),
    ],
)
def test_failure_values_of_the_others(method, first):
    reply = answer(b"{", make_services(now=NOW), method=method)
    key = reply.body["keys"][0]
    assert (key["name"].removeprefix("$flow.key."), key["value"]) == first
