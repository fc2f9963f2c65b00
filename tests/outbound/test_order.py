"""From a request to an order: numbers, start, bytes, what makes two requests the same."""

from datetime import UTC, datetime

import pytest

from rules.outbound import BodyTooLarge, Purpose, Refused, State, read_numbers, read_purpose
from tests._cases import cases
from tests.outbound.made import NOW, at, grounds, planned, request, settings
from tests.rows import each


@each("row", cases("outbound_numbers"))
def test_numbers(row):
    found = read_numbers(row["text"])
    assert found.usable == tuple(row["usable"].split())
    assert set(found.refused) == set(row["refused"].split())
    if found.usable:
        order = planned(contact_numbers=row["text"])
        assert order.call.numbers == found.usable
        assert order.notes == found.refused
    else:
        with pytest.raises(Refused) as refused:
            planned(contact_numbers=row["text"])
        assert refused.value.number == 205
        assert refused.value.reasons == (found.refused or ("INVALID_NUMBER",))


@each(
    ("delay", "zone", "start", "why"),
    [
        (0, "Asia/Kolkata", "2026-11-18T10:30:00+05:30", "at once"),
        (15, "Asia/Kolkata", "2026-11-18T10:45:00+05:30", "a quarter of an hour"),
        (840, "Asia/Kolkata", "2026-11-19T00:30:00+05:30", "past midnight"),
        (525_600, "Asia/Kolkata", "2027-11-18T10:30:00+05:30", "a year"),
        (0, "UTC", "2026-11-18T05:00:00+00:00", "the account's zone"),
        (0, "America/New_York", "2026-11-18T00:00:00-05:00", "another date there"),
    ],
)
def test_start(delay, zone, start, why):
    order = planned(delay_minutes=delay, on=grounds(zone=zone))
    assert order.call.start == start, why
    assert order.start == datetime.fromisoformat(start)


def test_a_clock_change_does_not_shorten_the_delay():
    now = datetime.fromisoformat("2026-03-29T01:30:00+01:00")
    order = planned(now=now, delay_minutes=60, on=grounds(zone="Europe/Berlin"))
    assert order.call.start == "2026-03-29T03:30:00+02:00"
    assert (order.start - now).total_seconds() == 3600


def test_fractions_of_a_second_are_cut():
    assert planned(now=NOW.replace(microsecond=999_999)).call.start == "2026-11-18T10:30:00+05:30"


def test_members_and_variables_in_request_order():
    keys = (("$flow.key.b", "2"), ("$flow.key.a", "1"))
    call = planned(api_version="TEST", client_id="mine", keys=keys).call
    assert (call.api_version, call.client_id, call.keys) == ("TEST", "mine", keys)
    assert planned("o-9").call.client_id == "o-9"


def test_too_large_a_body():
    planned(keys=(("$flow.key.x", "x" * 261_700),))
    with pytest.raises(BodyTooLarge):
        planned(keys=(("$flow.key.x", "x" * 262_144),))


@each(
    ("change", "same", "why"),
    [
        ({}, True, "another order id only"),
        ({"contact_numbers": "+91 98765 43210"}, True, "the same number, other spelling"),
        ({"contact_numbers": "9876543210, 9876500001"}, False, "one more number"),
        ({"security_id": "x"}, False, "another sender"),
        ({"flow_id": "x"}, False, "another flow"),
        ({"client_id": "c"}, False, "another reference"),
        ({"delay_minutes": 1}, False, "another delay"),
        ({"keys": (("$flow.key.a", "1"),)}, False, "other variables"),
    ],
)
def test_what_makes_two_requests_the_same_order(change, same, why):
    other = planned("o-2", **change)
    assert (other.fingerprint == planned("o-1").fingerprint) is same, why


def test_purpose_of_the_request_before_the_account():
    on = grounds(purpose="recovery")
    assert planned(on=on).purpose is Purpose.RECOVERY
    assert planned(on=on, purpose=Purpose.PROMOTIONAL).purpose is Purpose.PROMOTIONAL
    assert planned().purpose is None


def test_a_planned_order():
    order = planned(idempotency_key="k", account="293", flow="58")
    assert (order.state, order.attempts, order.reason) == (State.QUEUED, 0, "")
    assert (order.idempotency_key, order.account, order.flow) == ("k", "293", "58")
    assert order.wake == NOW
    assert not order.may_have_arrived


@each(
    ("word", "purpose"),
    [
        ("promotional", Purpose.PROMOTIONAL),
        (" Appointment Callback ", Purpose.APPOINTMENT_CALLBACK),
        ("SERVICE-EXPLICIT", Purpose.SERVICE_EXPLICIT),
        ("service_ implicit", Purpose.SERVICE_IMPLICIT),
        ("marketing", None),
        ("", None),
    ],
)
def test_purposes(word, purpose):
    assert read_purpose(word) is purpose


def test_defaults_of_a_request():
    assert (request().api_version, request().delay_minutes) == ("1.0", 0)
    assert settings().purpose is None


def test_an_exact_start_makes_the_order_the_same_whenever_it_is_asked_for():
    first, later = planned(start=at(20.5)), planned(now=at(40), start=at(20.5))
    assert (first.start, later.start) == (at(20.5), at(40)), "one gone by is at once"
    assert first.call.start == "2026-11-18T10:50:30+05:30"
    assert first.fingerprint == later.fingerprint == planned(start=at(20.5)).fingerprint
    others = [planned(start=at(21)), planned(), planned(delay_minutes=20)]
    assert first.fingerprint not in {order.fingerprint for order in others}


def test_a_moment_in_another_zone_is_the_same_start():
    moment = at(20.5)
    order = planned(start=moment.astimezone(UTC))
    assert order.fingerprint == planned(start=moment).fingerprint
    assert order.body == planned(start=moment).body
