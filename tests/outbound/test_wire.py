"""The wire: exact bytes out, every kind of answer in."""

import json

from rules.outbound import CODES, MESSAGES, Kind, Outcome, WireCall, interpret, no_answer
from tests._cases import cases
from tests.outbound.made import FLOW, SECURITY, at, planned
from tests.rows import each

CALL = WireCall(
    "1.0",
    SECURITY,
    FLOW,
    "phononio123456",
    "2026-11-18T10:45:00+05:30",
    ("919876543210", "14155550123"),
    (("$flow.key.leadid", "L-77"), ("$flow.key.नाम", 'आ"शा\n')),
)


def headers(text):
    pairs = (line.partition(": ") for line in text.split("|") if line)
    return [(name, value.replace("Wed ", "Wed, ")) for name, _, value in pairs]


@each("row", cases("dialler_answers"))
def test_answer(row):
    found = interpret(
        int(row["status"]),
        headers(row["headers"]),
        row["body"].encode(),
        earlier_unknown=row["earlier"] == "yes",
    )
    assert found == Outcome(
        Kind(row["kind"]),
        int(row["code"]),
        row["request_id"],
        row["phonon_uuid"],
        row["reason"],
        row["known"] == "yes",
        int(row["retry_after"]),
    )


@each(
    ("details", "kind", "uuid", "why"),
    [
        ([{"client-identifier": "c-1", "phonon-uuid": "u"}], "accepted", "u", "ours"),
        (
            [7, {"client-identifier": "c-9"}, {"client-identifier": "c-1", "phonon-uuid": "u"}],
            "accepted",
            "u",
            "ours among others",
        ),
        ([{"client-identifier": "c-9", "phonon-uuid": "v"}], "rejected", "", "another's"),
        ([{"phonon-uuid": "v"}], "rejected", "", "nobody's"),
        (None, "rejected", "", "no details"),
    ],
)
def test_a_partial_success_is_ours_by_its_identifier(details, kind, uuid, why):
    answer = {"api-response-code": 209, "request-id": "r", "call-details": details}
    found = interpret(200, (), json.dumps(answer).encode(), client_id="c-1")
    assert (found.kind.value, found.phonon_uuid) == (kind, uuid), why
    assert found.code == (209 if kind == "accepted" else 205)


def test_hostile_bodies_are_no_answer():
    for body in (b"\xff", b"[" * 100_000, b'{"api-response-code":1e999}', b"{" * 5000):
        assert interpret(200, (), body).kind is Kind.DOWN


def test_nothing_came_back():
    assert no_answer(sent=True) == Outcome(Kind.DOWN, reason="DIALLER_DOWN", known=False)
    assert no_answer(sent=False).known


def test_the_exact_bytes():
    assert CALL.encode().decode() == (
        '{"api-version":"1.0","security-id":"' + SECURITY + '","flow-id":"aB3dE5gH","calls":['
        '{"client-identifier":"phononio123456","start-time":"2026-11-18T10:45:00+05:30",'
        '"contact-numbers":["919876543210","14155550123"],"keys":['
        '{"name":"$flow.key.leadid","value":"L-77"},'
        '{"name":"$flow.key.नाम","value":"आ\\"शा\\n"}]}]}'
    )
    assert WireCall.decode(CALL.encode()) == CALL


def test_bytes_are_json_for_other_readers():
    assert json.loads(CALL.encode())["calls"][0]["keys"][1]["value"] == 'आ"शा\n'


def test_another_start_changes_nothing_else():
    moved = planned(delay_minutes=15).call.starting(at(60))
    assert moved.start == "2026-11-18T11:30:00+05:30"
    assert moved.encode().replace(b"T11:30", b"T10:45") == planned(delay_minutes=15).body


def test_the_masked_body_hides_the_security_id_only():
    masked = CALL.masked()
    assert SECURITY not in masked
    assert json.loads(masked)["security-id"] == "*" * 64
    assert masked.encode().replace(b"*" * 64, SECURITY.encode()) == CALL.encode()


def test_every_code_has_name_and_message():
    assert set(CODES) == set(MESSAGES)
    assert all(name == name.upper() for name in CODES.values())
