"""D4 and D5: what follows from an attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rules.webhooks.endpoints import (
    CheckResult,
    Endpoint,
    new_message_id,
    new_secret,
    read_check_error,
    read_check_reply,
)
from rules.webhooks.messages import Attempt, Message, MessageState, record_attempt
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
ENDPOINT = Endpoint("e", "293", "crm", "https://hooks.example/", NOW, "whsec_x")
MESSAGE = Message("msg_1", "e", "293", "u", b"{}", NOW, MessageState.SENDING)


def after(*attempts, endpoint=ENDPOINT, jitter=0.0):
    message, now = MESSAGE, NOW
    for attempt in attempts:
        message, endpoint = record_attempt(message, endpoint, attempt, now=now, jitter=jitter)
        now = message.due or now
    return message, endpoint, now


def test_D4_schedule():  # noqa: N802  the rule's name
    waits, message, now = [], MESSAGE, NOW
    for _ in range(8):
        message, _ = record_attempt(message, ENDPOINT, Attempt(500), now=now, jitter=0.0)
        waits.append((message.due - now).total_seconds() if message.due else None)
        now = message.due or now
    assert waits == [5, 300, 1800, 7200, 18_000, 36_000, 36_000, None]
    assert (now - NOW) == timedelta(hours=27, minutes=35, seconds=5)
    assert (message.state, message.reason) == (MessageState.FAILED, "HTTP_500")


@pytest.mark.parametrize(("jitter", "seconds"), [(-1, 4.5), (1, 5.5)])
def test_D4_jitter_is_a_tenth(jitter, seconds):  # noqa: N802
    assert after(Attempt(500), jitter=jitter)[0].due == NOW + timedelta(seconds=seconds)


@each("status", [200, 201, 204, 299])
def test_D5_any_2xx_is_delivered(status):  # noqa: N802
    message, endpoint, _ = after(Attempt(500), Attempt(status))
    assert (message.state, message.attempts) == (MessageState.DELIVERED, 2)
    assert endpoint.failing_since is None


@each("attempt", [Attempt(302), Attempt(404), Attempt(503), Attempt(None, "TIMEDOUT")])
def test_D5_everything_else_is_tried_again(attempt):  # noqa: N802
    assert after(attempt)[0].state is MessageState.PENDING


def test_D5_gone_disables_the_endpoint():  # noqa: N802
    message, endpoint, _ = after(Attempt(410))
    assert message.state is MessageState.FAILED
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "GONE")


@pytest.mark.parametrize(
    ("asked", "seconds"), [(1, 5), (60, 60), (7 * 86_400, 86_400)], ids=["less", "more", "far more"]
)
def test_D5_retry_after_lengthens_a_wait(asked, seconds):  # noqa: N802
    message, _, _ = after(Attempt(503, retry_after=timedelta(seconds=asked)))
    assert message.due == NOW + timedelta(seconds=seconds)


def test_D5_an_overloaded_receiver_gets_less_at_once():  # noqa: N802
    _, endpoint, _ = after(Attempt(429))
    assert endpoint.at_once == 2
    _, endpoint, _ = after(Attempt(502), Attempt(504), endpoint=endpoint)
    assert endpoint.at_once == 1
    _, endpoint, _ = after(Attempt(500), endpoint=endpoint)
    assert endpoint.at_once == 1
    for expected in (2, 3, 4, 4):
        _, endpoint, _ = after(Attempt(204), endpoint=endpoint)
        assert endpoint.at_once == expected


def test_D5_five_days_without_a_success_disable():  # noqa: N802
    failing = replace(ENDPOINT, failing_since=NOW - timedelta(days=5))
    message, endpoint, _ = after(Attempt(500), endpoint=failing)
    assert (message.state, endpoint.disabled_reason) == (MessageState.HELD, "FAILING")
    nearly = replace(ENDPOINT, failing_since=NOW - timedelta(days=4, hours=23))
    assert after(Attempt(500), endpoint=nearly)[1].enabled


def test_secrets_of_a_rotation_hold_a_day():
    rotated = replace(ENDPOINT, old_secret="whsec_old", rotated_at=NOW)
    assert rotated.secrets_at(NOW + timedelta(hours=23, minutes=59)) == ("whsec_x", "whsec_old")
    assert rotated.secrets_at(NOW + timedelta(hours=24)) == ("whsec_x",)


def test_new_names():
    assert new_message_id(lambda n: n - 1) == "msg_" + "Z" * 26
    assert new_secret(lambda _: 7) == "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="


@each(
    ("status", "result", "tick"),
    [
        (204, "OK", "green"),
        (302, "OK", "green"),
        (404, "OK", "green"),
        (405, "OK", "green"),
        (501, "OK", "green"),
        (401, "NEEDS_AUTH", "green"),
        (403, "NEEDS_AUTH", "green"),
        (400, "ERROR_ANSWER", "yellow"),
        (500, "ERROR_ANSWER", "yellow"),
    ],
)
def test_check_replies(status, result, tick):
    found = read_check_reply(status)
    assert (found.value, found.tick, found.may_be_saved) == (result, tick, True)


@each(
    ("error", "kind", "result", "saved"),
    [
        ("Refused", "address", CheckResult.ADDRESS_REFUSED, False),
        ("Refused", "scheme", CheckResult.HTTP_NOT_ENABLED, False),
        ("Refused", "url", CheckResult.BAD_URL, False),
        ("Unreachable", "name", CheckResult.NAME_UNKNOWN, True),
        ("Unreachable", "tls", CheckResult.TLS_FAILURE, True),
        ("Unreachable", "connect", CheckResult.NO_ANSWER, True),
        ("TimedOut", "reply", CheckResult.NO_ANSWER, True),
    ],
)
def test_check_errors(error, kind, result, saved):
    found = read_check_error(error, kind)
    assert (found, found.may_be_saved) == (result, saved)
    assert found.tick == "red"
