"""Flow ends: both layouts read and written, with the faults that occur."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import MalformedEnvelope, MalformedJson
from rules.webhooks.flow_end import FlowEnd, Leg, read_flow_end
from rules.webhooks.flow_end_text import render_flow_end
from tests._cases import cases
from tests.rows import each

UUID = "5b0c7a3e-1d2f-4c68-9a57-0e9f3b6d2c11"
SINGLE_LEG = {
    "calleeNumber": "919876543210",
    "didNumber": "911400000000",
    "startTime": "2026-11-18T10:31:00.000+05:30",
    "connectTime": "2026-11-18T10:31:08.250+05:30",
    "endTime": "2026-11-18T10:31:52.912+05:30",
    "duration": "44",
    "hangupCause": "16",
    "incoming": False,
}
TWO_LEGS = [
    {
        "calleeNumber": "919876543210",
        "didNumber": "911400000000",
        "calleeType": "VISITOR",
        "cdrId": f"{UUID}##switch-1",
        "startTime": "2026-11-18T10:31:00.000+05:30",
        "connectTime": "2026-11-18T10:31:08.250+05:30",
        "endTime": "2026-11-18T10:31:52.912+05:30",
        "duration": "44662",
        "hangupCause": "16",
        "incoming": True,
        "remoteHangup": False,
    },
    {
        "calleeNumber": "919812345678",
        "calleeType": "AGENT",
        "cdrId": f"{UUID}##switch-2",
        "startTime": "2026-11-18T10:31:20.000+05:30",
        "endTime": "2026-11-18T10:31:52.912+05:30",
        "duration": "0",
        "hangupCause": "19",
        "remoteHangup": True,
        "is_ringing": True,
    },
]
KEYS = [{"name": "$flow.key.city", "value": "पुणे"}, {"name": "$flow.key.ok", "value": True}]


def payload(legs, **more):
    return {"phonon-uuid": UUID, "callDetails": legs, "keys": KEYS} | more


def read(members):
    return read_flow_end(json.dumps(members).encode())


@each(
    "members",
    [
        payload([SINGLE_LEG]),
        payload(TWO_LEGS),
        payload([SINGLE_LEG], recordingUrls=[{"recordedFileName": "a.wav"}]),
        payload(TWO_LEGS, smsDetails=[{"id": "7"}], other=1),
        {"phonon-uuid": UUID, "flowStatus": "COMPLETED", "callDetails": [], "keys": []},
    ],
)
def test_what_is_read_is_written_again(members):
    written = render_flow_end(read(members))
    assert written == members
    assert list(written) == [*(m for m in members if m not in ("smsDetails", "other")), *(
        m for m in members if m in ("smsDetails", "other"))]  # fmt: skip


def test_both_layouts():
    single, two = read(payload([SINGLE_LEG])), read(payload(TWO_LEGS))
    assert (single.layout, two.layout) == ("single-leg", "two-leg")
    assert [leg.talk_ms for leg in (*single.legs, *two.legs)] == [44662, 44662, 0]
    assert two.legs[1].connect is None
    assert two.legs[1].extras == (("is_ringing", True),)
    assert single.variables == (("$flow.key.city", "पुणे"), ("$flow.key.ok", True))


@each("row", cases("talk"))
def test_talk(row):
    def moment(clock):
        return f"2026-11-18T{clock}+05:30" if clock else None

    leg = {
        "duration": row["duration"] or None,
        "connectTime": moment(row["connect"]),
        "endTime": moment(row["end"]),
    }
    leg = {name: value for name, value in leg.items() if value is not None}
    legs = [leg | {"cdrId": "x"}] if row["layout"] == "two-leg" else [leg]
    found = read(payload(legs))
    assert found.legs[0].talk_ms == (int(row["talk_ms"]) if row["talk_ms"] else None)
    assert ";".join(found.warnings) == row["warning"]


def test_blanks_in_times_and_missing_offsets():
    leg = {"startTime": "2026-11-18T10: 31: 08.250+05: 30", "endTime": "2026-11-18 10:31:09.5"}
    found = read(payload([leg])).legs[0]
    assert found.start.isoformat() == "2026-11-18T10:31:08.250000+05:30"
    assert found.end.isoformat() == "2026-11-18T10:31:09.500000+05:30"
    found = read_flow_end(json.dumps(payload([leg])).encode(), zone=ZoneInfo("Asia/Dubai"))
    assert found.legs[0].end.utcoffset().total_seconds() == 4 * 3600


@each(
    ("written", "read_as"),
    [
        ("2026.11.18T10:31:08", "2026-11-18T10:31:08.000+05:30"),
        ("2026.11.18T10:31:08.25", "2026-11-18T10:31:08.250+05:30"),
        ("Tue, 08 Dec 2026 17:00:00.25 +0530", "2026-12-08T17:00:00.250+05:30"),
        ("Tue, 08 Dec 2026 17:00:00 +0530", "2026-12-08T17:00:00.000+05:30"),
        ("20261118T103108.25+0530", "2026-11-18T10:31:08.250+05:30"),
        ("2026-11-18T10:31:08,1239+05:30", "2026-11-18T10:31:08.123+05:30"),
        ("2026-11-18T10:31:08.9999999+05:30", "2026-11-18T10:31:08.999+05:30"),
    ],
)
def test_milliseconds_stand_behind_the_seconds(written, read_as):
    found = read(payload([{"startTime": written}]))
    assert found.warnings == ()
    assert found.legs[0].start.isoformat(timespec="milliseconds") == read_as


def test_numbers_are_normalised_and_kept():
    leg = read(payload([{"calleeNumber": "+91 98765 43210", "didNumber": "163"}])).legs[0]
    assert (leg.callee, leg.callee_given, leg.did) == ("919876543210", "+91 98765 43210", "163")


def test_odd_members():
    legs = [{"calleeType": "hard phone", "incoming": "TRUE", "remoteHangup": "maybe"}, 5]
    found = read(payload(legs))
    assert found.warnings == ("BAD_LEG",)
    assert found.legs[0].role == "HARD_PHONE"
    assert (found.legs[0].incoming, found.legs[0].remote_hangup) == (True, None)
    assert read({"phonon-uuid": UUID, "callDetails": {}}).warnings == ("BAD_LEG",)
    assert read(payload([{"calleeType": "robot", "hangupCause": 16}])).legs[0].role == "robot"
    named = [{"name": "a", "value": 1}, {"name": "a", "value": None}, {"value": 1}, 7]
    assert read(payload([]) | {"keys": named}).variables == (("a", ""),)


def test_a_wrapper_is_taken_off():
    assert read({"body": payload([])}).uuid == UUID
    assert read({"body": {"phonon-uuid": "x"}, "callDetails": []}).uuid == ""


@each("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_no_json(body):
    with pytest.raises(MalformedJson):
        read_flow_end(body)


@each("body", [b"[]", b"{}", b'{"body": 5}', b'{"body": {}}'])
def test_no_flow_end(body):
    with pytest.raises(MalformedEnvelope):
        read_flow_end(body)


def test_layouts_can_be_fixed_and_legs_are_sorted():
    two = read(payload(TWO_LEGS[::-1]))
    legs = render_flow_end(two)["callDetails"]
    assert [leg["calleeType"] for leg in legs] == ["VISITOR", "AGENT"]
    single = render_flow_end(read(payload([TWO_LEGS[0]])), layout="single-leg")["callDetails"][0]
    assert single == SINGLE_LEG | {"incoming": True}
    assert "cdrId" not in single
    unknown = FlowEnd(UUID, (Leg(callee="1"), Leg(callee="2", start=two.legs[0].start)))
    assert [leg["calleeNumber"] for leg in render_flow_end(unknown)["callDetails"]] == ["2", "1"]


@each("talk_ms", [None, 0, 5_000])
@pytest.mark.parametrize("layout", ["single-leg", "two-leg"])
def test_never_connected_is_a_duration_of_zero(layout, talk_ms):
    [leg] = render_flow_end(FlowEnd(UUID, (Leg(talk_ms=talk_ms),)), layout=layout)["callDetails"]
    assert leg == {"duration": "0"}


def test_connected_for_an_unknown_time_says_nothing_of_it():
    connected = Leg(connect=read(payload([SINGLE_LEG])).legs[0].connect)
    assert "duration" not in render_flow_end(FlowEnd(UUID, (connected,)))["callDetails"][0]


def test_no_member_is_null():
    leg = {"is_ringing": None, "label": "x"}
    recordings = [None, {"recordedFileName": "a.wav", "recordedFilePublicPath": None}]
    written = render_flow_end(
        read(payload([leg], smsDetails=None, recordingUrls=recordings, other=1))
    )
    assert written["callDetails"] == [{"duration": "0", "label": "x"}]
    assert written["recordingUrls"] == [{"recordedFileName": "a.wav"}]
    assert ("smsDetails" in written, written["other"]) == (False, 1)
    assert "recordingUrls" not in render_flow_end(read(payload([], recordingUrls=[None])))
    set_to = (("$flow.key.a", None), ("$flow.key.b", 5), ("$flow.key.c", False))
    keys = render_flow_end(FlowEnd(UUID, variables=set_to))["keys"]
    assert [entry["value"] for entry in keys] == ["", "5", False]


@each("layout", ["", "as-given", "two", "Auto"])
def test_an_unknown_layout_names_those_there_are(layout):
    with pytest.raises(ValueError, match="auto, single-leg, two-leg"):
        render_flow_end(FlowEnd(UUID), layout=layout)


NAMES = (
    *("phonon-uuid", "callDetails", "keys", "name", "value", "duration", "startTime"),
    *("connectTime", "endTime", "calleeNumber", "body"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_read_or_refused(members):
    try:
        found = read(members)
    except (MalformedEnvelope, MalformedJson):
        return
    again = read_flow_end(json.dumps(render_flow_end(found)).encode())
    assert again.uuid == found.uuid
    assert len(again.legs) == len(found.legs)
