"""The sandbox's checks, in order, in real time and in bulk."""

import json
from datetime import UTC, date
from ipaddress import ip_network

import pytest

from rules.errors import SettingMistake
from rules.outbound import CODES
from rules.sandbox import SandboxAccount, SandboxConfig, read_config
from tests.outbound.made import FLOW, SECURITY
from tests.rows import each
from tests.sandbox.made import body, call, code, noted, sandbox

BAD = call(**{"contact-numbers": [""]})
YESTERDAY = "2026-11-17T23:59:00+05:30"
BODIES = [
    (body(), 200, "the documented body"),
    (body(**{"security-id": "a" * 63}), 202, "security id of 63 characters"),
    (body(**{"security-id": "ä" * 64}), 202, "letters of another script"),
    (body(**{"security-id": 7}), 202, "no text"),
    (body(**{"security-id": ...}), 210, "no security id"),
    (body(**{"security-id": ""}), 210, "a blank one"),
    (body(**{"flow-id": ...}), 210, "no flow"),
    (body(**{"flow-id": "short"}), 301, "a malformed flow"),
    (body(**{"api-version": ...}), 210, "no version"),
    (body(**{"api-version": "2.0"}), 203, "another version"),
    (body(**{"api-version": "TEST"}), 203, "a flow under test, not allowed here"),
    (body(**{"api-version": "TEST", "security-id": ...}), 203, "the version is looked at first"),
    (body(calls=[]), 302, "no calls"),
    (body(calls=...), 302, "calls missing"),
    (body(calls="one"), 210, "calls no list"),
    (body(calls=[call()] * 501), 303, "501 calls"),
    (body(calls=[call()] * 500), 200, "500 calls"),
    (body(call(), BAD), 209, "some bad, some good"),
    (body(BAD, BAD), 205, "all bad: the first call's code"),
    (body(call(**{"contact-numbers": []}), BAD), 210, "no numbers at all"),
    (body("call"), 210, "a call that is no object"),
    (body(call(**{"contact-numbers": "9876543210"})), 210, "numbers no list"),
    (body(call(**{"contact-numbers": ["98765 43210"]})), 200, "blanks drop out"),
    (body(call(**{"contact-numbers": ["+919876543210"]})), 200, "a leading plus drops out"),
    (body(call(**{"contact-numbers": ["987654321"]})), 205, "nine digits"),
    (body(call(**{"contact-numbers": ["1" * 16]})), 205, "sixteen digits"),
    (body(call(**{"contact-numbers": ["98765X3210"]})), 205, "letters"),
    (body(call(**{"contact-numbers": ["x", "9876543210"]})), 200, "one usable alternate is enough"),
    (body(call(**{"start-time": YESTERDAY})), 210, "yesterday 23:59"),
    (body(call(**{"start-time": "2026-11-18T00:01:00+05:30"})), 200, "gone by today: at once"),
    (body(call(**{"start-time": "2026-11-18T00:30:00Z"})), 200, "06:00 of today in India"),
    (body(call(**{"start-time": "2026-11-17T18:29:00Z"})), 210, "yesterday in India"),
    (body(call(**{"start-time": "2026-11-17T18:30:00Z"})), 200, "today 00:00 in India"),
    (body(call(**{"start-time": "2026-11-18T10:45:07.111+05:30"})), 200, "a fraction"),
    (body(call(**{"start-time": "2026-11-18T10:45:07.111Z+05:30"})), 200, "Z and an offset"),
    (body(call(**{"start-time": "tomorrow"})), 210, "words"),
    (body(call(**{"start-time": 7})), 210, "no text"),
    (body(call(**{"start-time": None})), 210, "no start"),
    (body(call(keys="none")), 200, "keys are not judged"),
    (body(call(**{"client-identifier": "force-212"})), 212, "a code asked for"),
    (body(call(**{"client-identifier": "force-212"}), **{"flow-id": ...}), 212, "whatever else"),
    (body(call(**{"client-identifier": "force-999"})), 200, "no such code"),
    (body(call(**{"client-identifier": "force-200"})), 200, "success is not forced"),
    (body(more=1), 200, "unknown members are ignored"),
]


@each(("sent", "expected", "why"), BODIES)
def test_code(sent, expected, why):
    made, _ = sandbox()
    answer = made.answer("realtime", sent)
    assert answer.status == 200
    assert answer.body["api-response-code"] == expected, why
    if expected in (200, 209):
        assert answer.body["request-id"]
    else:
        assert set(answer.body) == {"api-response-code", "api-response-message"}, "no ids"
    bulk = made.answer("bulk", sent + b" ")
    assert (bulk.status, bulk.body["api-response-code"]) == (202, 202)
    assert bulk.body["request-id"]
    assert bulk.body["call-details"] is None
    assert noted(made) == expected


@each("number", sorted(set(CODES) - {200}))
def test_every_code_can_be_asked_for(number):
    made, _ = sandbox()
    assert code(made, body(call(**{"client-identifier": f"force-{number}"}))) == number


@each("sent", [b"hello", b"", b"[]", b"\xff", b"[" * 9999])
@each("mode", ["realtime", "bulk"])
def test_what_is_no_object_is_refused_by_both(sent, mode):
    answer = sandbox()[0].answer(mode, sent)
    assert (answer.status, answer.body["api-response-code"]) == (200, 400)


@pytest.mark.parametrize("mode", ["realtime", "bulk"])
def test_size(mode):
    made, _ = sandbox()
    short = len(body(more=""))
    assert made.answer(mode, body(more="x" * (262_144 - short))).status != 413
    answer = made.answer(mode, body(more="x" * (262_145 - short)))
    assert (answer.status, answer.body["api-response-code"]) == (413, 400)


def test_entries_for_the_good_calls_in_request_order():
    made, _ = sandbox()
    calls = [call(**{"client-identifier": name}) for name in "abc"]
    calls[1]["contact-numbers"] = []
    details = made.answer("realtime", body(*calls)).body["call-details"]
    assert [entry["client-identifier"] for entry in details] == ["a", "c"]
    assert len({entry["phonon-uuid"] for entry in details}) == 2


# the checksum rule


def test_the_same_bytes_again():
    made, _ = sandbox()
    assert [code(made, body()) for _ in range(3)] == [200, 201, 201]
    assert code(made, body() + b" ") == 200, "one byte more"
    assert code(made, body(**{"flow-id": "zZ9zZ9zZ"})) == 200, "another flow"


def test_only_accepted_requests_are_remembered():
    made, clock = sandbox()
    tomorrow = body(call(**{"start-time": YESTERDAY}))
    assert [code(made, tomorrow) for _ in range(2)] == [210, 210]
    clock.turn(days=-1)
    assert [code(made, tomorrow) for _ in range(2)] == [200, 201]


def test_bytes_are_forgotten_after_a_day():
    made, clock = sandbox()
    later = body(call(**{"start-time": "2026-11-30T10:00:00+05:30"}))
    assert code(made, later) == 200
    clock.turn(hours=24)
    assert code(made, later) == 201
    clock.turn(seconds=1)
    assert code(made, later) == 200


def test_bulk_takes_the_same_bytes_and_notes_201():
    made, _ = sandbox()
    assert [code(made, body(), "bulk") for _ in range(2)] == [202, 202]
    assert noted(made) == 201


# who may send, how often


def test_addresses():
    config = SandboxConfig(allowed_networks=(ip_network("127.0.0.0/8"),))
    made, _ = sandbox(config=config)
    assert code(made, body(), sender="127.0.0.9") == 200
    answer = made.answer("realtime", body(), "10.0.0.1")
    assert (answer.status, answer.body["api-response-code"]) == (200, 401)
    answer = made.answer("bulk", body(), "10.0.0.1")
    assert (answer.status, answer.body["api-response-code"]) == (403, 401)


def test_rate_of_a_sender_in_a_minute():
    made, clock = sandbox(config=SandboxConfig(rate_realtime=2, rate_bulk=3))
    statuses = []
    for _ in range(3):
        statuses.append(made.answer("realtime", b"{}").status)
        clock.turn(seconds=1)
    assert statuses == [200, 200, 429]
    assert code(made, b"{}", sender="127.0.0.2") == 210, "another sender"
    assert [made.answer("bulk", b"{}").status for _ in range(4)] == [202, 202, 202, 429]
    clock.turn(seconds=57)
    assert code(made, b"{}") == 210, "the first is a minute old"
    assert made.answer("realtime", b"{}").body["api-response-code"] == 500


# accounts

CONFIG = f"""
allowed_networks = ["127.0.0.0/8"]
checksum_hours = 1
rate_realtime = 50
call_seconds = 5
flow_end_url = "http://127.0.0.1:9/"
[account.demo]
security_id = "{SECURITY}"
flows = ["{FLOW}"]
balance = 2
valid_until = 2026-11-19
test = true
"""


ACCOUNT = f'[account.demo]\nsecurity_id = "{SECURITY}"\n'


def test_reading_a_configuration():
    assert read_config(CONFIG) == SandboxConfig(
        allowed_networks=(ip_network("127.0.0.0/8"),),
        checksum_hours=1,
        rate_realtime=50,
        call_seconds=5,
        flow_end_url="http://127.0.0.1:9/",
        accounts=(SandboxAccount("demo", SECURITY, (FLOW,), 2, date(2026, 11, 19), test=True),),
    )
    assert read_config("") == SandboxConfig()


@each(
    ("text", "says"),
    [
        ("[", "is no TOML"),
        ("colour = 1", "no such setting"),
        ("rate_bulk = 0", "above 0"),
        ('checksum_hours = "24"', "whole number"),
        ("rate_bulk = true", "whole number"),
        ('allowed_networks = ["here"]', "list of networks"),
        ("allowed_networks = 7", "list of networks"),
        ("[account.demo]\nflows = []", "must hold security_id"),
        ('[account.demo]\nsecurity_id = "x"\ncolour = 1', "must hold security_id"),
        ("account = 7", "account: must be tables"),
        ("[account]\ndemo = 7", "account.demo: must hold security_id"),
        ("flow_end_url = 7", "flow_end_url: must be text"),
        ('allowed_networks = "10.0.0.1"', "list of networks"),
        ("[account.demo]\nsecurity_id = 7", "account.demo.security_id: must be text"),
        (ACCOUNT + 'flows = "aB3dE5gH"', "account.demo.flows: must be a list"),
        (ACCOUNT + "flows = [7]", "account.demo.flows: must be a list"),
        (ACCOUNT + 'balance = "100"', "account.demo.balance: must be a whole number"),
        (ACCOUNT + "balance = -1", "account.demo.balance: must be a whole number"),
        (ACCOUNT + "balance = true", "account.demo.balance: must be a whole number"),
        (ACCOUNT + 'valid_until = "2027-03-31"', "account.demo.valid_until: must be a date"),
        (ACCOUNT + "valid_until = 2027-03-31T00:00:00", "account.demo.valid_until: must be a date"),
        (ACCOUNT + 'test = "yes"', "account.demo.test: must be true or false"),
    ],
)
def test_a_mistake_in_the_configuration(text, says):
    with pytest.raises(SettingMistake, match=says):
        read_config(text)


def test_an_account_and_its_flows():
    made, _ = sandbox(config=read_config(CONFIG))
    assert code(made, body(**{"security-id": "b" * 64})) == 202, "unknown, though well formed"
    assert code(made, body(**{"flow-id": "zZ9zZ9zZ"})) == 301, "of another account"
    assert code(made, body(**{"api-version": "TEST"})) == 200


def test_a_balance_is_used_up_by_calls():
    made, _ = sandbox(config=read_config(CONFIG))
    assert code(made, body(call(), call(), call())) == 212, "three calls, two left"
    assert code(made, body(call(), BAD)) == 209
    assert code(made, body(call(), call())) == 212
    assert code(made, body()) == 200
    assert code(made, body(more=1)) == 212


def test_validity_ends_after_its_last_day():
    made, clock = sandbox(config=read_config(CONFIG))
    clock.turn(days=1)
    later = call(**{"start-time": "2026-12-18T10:45:00+05:30"})
    assert code(made, body(later)) == 200
    clock.turn(days=1)
    assert code(made, body(later)) == 211


def test_the_last_day_ends_at_midnight_in_india():
    made, clock = sandbox(config=read_config(CONFIG))
    clock.now = clock.now.astimezone(UTC)
    later = call(**{"start-time": "2026-12-18T10:45:00+05:30"})
    clock.turn(days=1, hours=13, minutes=29)
    assert code(made, body(later)) == 200, "23:59 of the last day in India"
    clock.turn(minutes=1)
    assert code(made, body(later)) == 211, "18:30 UTC of the same day"


# state


def test_states_of_a_call():
    made, clock = sandbox()
    made.answer("realtime", body())

    def state():
        return made.shown(made.memory.newest(1)[0])["calls"][0]["state"]

    assert state() == "Scheduled"
    clock.turn(minutes=15)
    assert state() == "In process"
    clock.turn(seconds=30)
    assert state() == "Completed"


def test_a_start_gone_by_starts_at_once():
    made, _ = sandbox()
    made.answer("realtime", body(call(**{"start-time": "2026-11-18T00:01:00+05:30"})))
    shown = made.shown(made.memory.newest(1)[0])["calls"][0]
    assert (shown["state"], shown["start-time"].isoformat()) == (
        "In process",
        "2026-11-18T10:30:00+05:30",
    )


def test_a_bulk_call_shows_the_code_it_would_have_got():
    made, _ = sandbox()
    made.answer("bulk", body(BAD))
    shown = made.shown(made.memory.newest(1)[0])
    assert (shown["api-response-code"], shown["calls"][0]["state"]) == (205, "205")


def test_state_in_a_file_survives(tmp_path):
    path = tmp_path / "state.jsonl"
    config = SandboxConfig(accounts=(SandboxAccount("demo", SECURITY, (FLOW,), balance=2),))
    made, _ = sandbox(state=path, config=config)
    made.answer("realtime", body())
    made.answer("realtime", body(BAD))
    again, _ = sandbox(state=path, config=config)
    assert list(again.memory.requests.values()) == list(made.memory.requests.values())
    assert code(again, body()) == 201, "the bytes are remembered"
    assert code(again, body(call(), call())) == 212, "and the balance"
    again.forget()
    assert not path.exists()
    assert code(again, body()) == 200


def test_a_torn_last_line_was_never_answered(tmp_path):
    path = tmp_path / "state.jsonl"
    made, _ = sandbox(state=path)
    made.answer("realtime", body())
    with path.open("ab") as file:
        file.write(b'{"request_id": "half')
    again, _ = sandbox(state=path)
    assert len(again.memory.requests) == 1
    assert code(again, body(more=1)) == 200
    third, _ = sandbox(state=path)
    assert len(third.memory.requests) == 2


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "state.jsonl"
    path.write_text("a diary\n")
    with pytest.raises(SettingMistake, match=r"line 1 of state\.jsonl"):
        sandbox(state=path)
    assert path.read_text() == "a diary\n"


def test_numbers_and_keys_are_kept():
    made, _ = sandbox()
    made.answer("realtime", body(call(keys=[{"name": "a", "value": 1}, "odd"])))
    shown = made.shown(made.memory.newest(1)[0])["calls"][0]
    assert shown["keys"] == [{"name": "a", "value": "1"}]
    assert json.loads(json.dumps(shown["contact-numbers"])) == ["919876543210"]
