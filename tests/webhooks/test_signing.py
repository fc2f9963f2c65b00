"""D3: signatures as Standard Webhooks says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.webhooks.signing import BadSignature, sign, verify
from tests.rows import each

NOW = datetime.fromtimestamp(1794978000, UTC)
EXAMPLES = [
    (
        "whsec_b3VyLW93bi1leGFtcGxlLXNlY3JldC0zMi1ieXRlcyE=",
        "msg_0198c2f4a6b1",
        b'{"phonon-uuid":"5b0c7a3e-1d2f-4c68-9a57-0e9f3b6d2c11","callDetails":[],"keys":[]}',
        b"v1,IETGuodLUpUTDe0dWgEyD5I3geh8MxLDvwq7EH6vZGs=",
    ),
    (
        "whsec_BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY=",
        "msg_2Zt5kQ9wLr0BvXyNc7JdHs3GfA",
        '{"phonon-uuid":"7d1f0a52-3c4e-4b86-9a11-5e2d8c7f6b30","callDetails":[],'
        '"keys":[{"name":"$flow.key.city","value":"पुणे"}]}'.encode(),
        b"v1,+HOupcohgWGo/CUukp0+sEZFp6SSTYxbopt6prZk4P8=",
    ),
]
SECRET, ID, BODY, _ = EXAMPLES[0]
OTHER = EXAMPLES[1][0]


def headers(*secrets, now=NOW):
    return {name: value.decode() for name, value in sign(ID, now, BODY, secrets)}


@pytest.mark.parametrize(("secret", "message_id", "body", "signature"), EXAMPLES)
def test_worked_examples(secret, message_id, body, signature):
    found = dict(sign(message_id, NOW, body, [secret]))
    assert found["webhook-signature"] == signature
    assert found["webhook-timestamp"] == b"1794978000"
    sent = {name.title(): value.decode() for name, value in found.items()}
    verify(sent, body, secret, now=NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_age_within_the_tolerance(seconds):
    verify(headers(SECRET), BODY, SECRET, now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, -300.9, 300.9, 301])
def test_age_beyond_the_tolerance(seconds):
    with pytest.raises(BadSignature, match="too far"):
        verify(headers(SECRET), BODY, SECRET, now=NOW + timedelta(seconds=seconds))


def test_after_a_rotation_both_secrets_fit():
    both = headers(OTHER, SECRET)
    verify(both, BODY, SECRET, now=NOW)
    verify(both, BODY, OTHER, now=NOW)


@each(
    "change",
    [
        {"webhook-id": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "१७९४९७८०००"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-signature": "v2,abc"},
        {"webhook-signature": "v1,नहीं"},
        {"webhook-signature": ""},
        {"webhook-id": "msg_other"},
    ],
)
def test_malformed(change):
    with pytest.raises(BadSignature):
        verify(headers(SECRET) | change, BODY, SECRET, now=NOW)


@each(
    "given",
    [None, 5, "webhook-id", [], [("webhook-id", ID)], {}, {5: ID}, {None: None}],
)
def test_headers_that_are_none(given):
    with pytest.raises(BadSignature):
        verify(given, BODY, SECRET, now=NOW)


@each("value", [None, 5, 1794978000, b"v1,abc", ["a"], True])
@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_that_is_no_text(name, value):
    with pytest.raises(BadSignature):
        verify(headers(SECRET) | {name: value}, BODY, SECRET, now=NOW)


@each("body", [BODY.decode(), None, 5, [BODY]])
def test_a_body_that_is_no_bytes(body):
    with pytest.raises(BadSignature):
        verify(headers(SECRET), body, SECRET, now=NOW)


def test_any_kind_of_bytes():
    for body in (bytearray(BODY), memoryview(BODY)):
        verify(headers(SECRET) | {5: "other"}, body, SECRET, now=NOW)


@pytest.mark.parametrize(
    "secret", ["whsec_!", "whsec_YWJj", "पुणे", b"", SECRET.encode(), None, 5, OTHER]
)
def test_other_secrets(secret):
    with pytest.raises(BadSignature):
        verify(headers(SECRET), BODY, secret, now=NOW)


def test_another_body():
    with pytest.raises(BadSignature):
        verify(headers(SECRET), BODY + b" ", SECRET, now=NOW)
