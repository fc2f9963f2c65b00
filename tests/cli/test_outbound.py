"""`flow-rules outbound`, `explain-call`, `sandbox-dialler`, with a real sandbox."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from datetime import datetime

import pytest

from rules.cli import main
from rules.cli.sandbox import SandboxChild, call_example, dialler_note, wants_sandbox
from rules.sandbox import Fault, Sandbox, SandboxServer
from rules.testing import make_services
from tests.doors import new_database
from tests.outbound.made import FLOW, NOW, SECURITY, URL, at
from tests.rows import each
from tests.sandbox.made import Clock

MOMENT = ["--now", NOW.isoformat()]


@pytest.fixture
def sandbox():
    server = SandboxServer(Sandbox(clock=Clock())).start()
    yield server
    server.close()


@pytest.fixture
def setting(monkeypatch, tmp_path, sandbox):
    """An installation of its own: database, sandbox as dialler, an accounts file to write."""
    database = tmp_path / "rules.sqlite3"
    database.write_bytes(new_database())
    monkeypatch.setenv("RULES_DATABASE", str(database))
    monkeypatch.setenv("RULES_ACCOUNTS", str(tmp_path / "accounts.toml"))
    monkeypatch.setenv("RULES_OUTGOING_ALLOWED", "127.0.0.0/8")
    monkeypatch.setenv("SECURITY_ID", SECURITY)
    monkeypatch.chdir(tmp_path)

    def accounts(**given):
        members = {"http_enabled": True, "dialler_url": sandbox.url, **given}
        lines = [f"{name} = {json.dumps(value)}" for name, value in members.items()]
        (tmp_path / "accounts.toml").write_text("[default]\n" + "\n".join(lines))

    accounts()
    return accounts


def run(capsys, *arguments):
    """Exit code, lines of output, and what was said on the side."""
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def write(tmp_path, text, name="calls.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return str(path)


LIST = """\
contact,purpose,starttime,$flow.key.city,note
9876543210,,,Pune,first
+91 98765 43210,,,Pune,again
98765XXXXX,,,,masked
9876500001,recovery,2026-11-18 19:30,Goa,evening
9876500002,fun,,,purpose
9876500003,,yesterday,,start
"""


def test_preview(setting, tmp_path, capsys):
    code, out, err = run(capsys, "outbound", "preview", write(tmp_path, LIST), *MOMENT)
    assert code == 0
    assert [(row["verdict"], row["reason"]) for row in rows(out)] == [
        ("allowed", ""),
        ("duplicate", ""),
        ("invalid", "MASKED_NUMBER"),
        ("deferred", "R11"),
        ("invalid", "INVALID_PURPOSE"),
        ("invalid", "INVALID_START_TIME"),
    ]
    assert rows(out)[3]["when"] == "2026-11-19T08:00:00+05:30"
    assert err.splitlines() == [
        "rows 6  allowed 1  deferred 1  duplicate 1  invalid 3",
        "by rule: R11 1",
    ]


def test_preview_with_a_purpose_for_all_and_a_file_for_the_answers(setting, tmp_path, capsys):
    path = write(tmp_path, "\ufefftel1,tel2\n9876543210,9876500001\n")
    moment = ["--now", "2026-11-18T19:30:00"]
    code, out, _ = run(
        capsys, "outbound", "preview", path, "--purpose", "recovery", "--output", "out.csv", *moment
    )
    assert (code, out) == (0, "")
    (row,) = rows((tmp_path / "out.csv").read_text())
    assert (row["number"], row["verdict"]) == ("919876543210,919876500001", "deferred")


def test_nothing_is_sent_without_send(setting, tmp_path, capsys, sandbox):
    path = write(tmp_path, LIST)
    code, out, err = run(capsys, "outbound", "create", path, "--flow-id", FLOW, *MOMENT)
    assert code == 1
    assert [(row["state"], row["code"], row["reason"]) for row in rows(out)] == [
        ("preview", "200", ""),
        ("duplicate", "", ""),
        ("refused", "205", "MASKED_NUMBER"),
        ("preview", "200", "DEFERRED,R11"),
        ("refused", "210", "$flow.key.purpose INVALID_PURPOSE"),
        ("refused", "", "INVALID_START_TIME"),
    ]
    assert err.splitlines() == [
        "rows 6  duplicate 1  preview 2  refused 3",
        "Nothing was sent; add --send to place these calls.",
    ]
    assert not sandbox.sandbox.memory.requests


def test_sending_a_list_twice_calls_nobody_twice(setting, tmp_path, capsys, sandbox):
    path = write(tmp_path, LIST)
    send = ["outbound", "create", path, "--flow-id", FLOW, "--send", *MOMENT]
    _, first, err = run(capsys, *send)
    assert err == "rows 6  accepted 2  duplicate 1  refused 2  rejected 1\n"
    assert [row["state"] for row in rows(first)] == [
        "accepted",
        "duplicate",
        "rejected",
        "accepted",
        "refused",
        "refused",
    ]
    _, again, _ = run(capsys, *send)
    assert again == first
    calls = [record.calls[0] for record in sandbox.sandbox.memory.find(lambda _: True)]
    assert len(calls) == 2
    assert calls[0].keys == (("$flow.key.city", "Pune"),)
    assert calls[1].start == datetime.fromisoformat("2026-11-19T08:00:00+05:30")
    run(capsys, *send, "--batch", "second")
    assert len(sandbox.sandbox.memory.requests) == 4, "another batch is wanted on purpose"


def create(capsys, tmp_path, text, *more, now=NOW):
    """The answers of a file of calls, row by row."""
    given = ["--flow-id", FLOW, "--now", now.isoformat(), *more]
    _, out, _ = run(capsys, "outbound", "create", write(tmp_path, text), *given)
    return rows(out)


def test_a_start_of_a_row_is_kept_exactly(setting, tmp_path, capsys, sandbox):
    text = "contact,starttime\n9876543210,2026-11-18T10:30:31+05:30\n"
    (first,) = create(capsys, tmp_path, text, "--send")
    assert (first["state"], first["start"]) == ("accepted", "2026-11-18T10:30:31+05:30")
    for minutes in (0.1, 40):
        assert create(capsys, tmp_path, text, "--send", now=at(minutes)) == [first]
    assert len(sandbox.sandbox.memory.requests) == 1


def test_a_start_gone_by_today_is_now(setting, tmp_path, capsys):
    (row,) = create(capsys, tmp_path, "contact,starttime\n9876543210,2026-11-18T08:00+05:30\n")
    assert row["start"] == NOW.isoformat()


@pytest.mark.parametrize("column", ["$flow.key.dryRun", "$flow.key.DRYRUN", "$flow.key.dryRun "])
def test_no_column_switches_sending_on(setting, tmp_path, capsys, sandbox, column):
    text = f"contact,{column},$flow.key.idempotencyKey\n9876543210,false,mine\n"
    (row,) = create(capsys, tmp_path, text)
    assert row["state"] == "preview"
    assert not sandbox.sandbox.memory.requests
    assert run(capsys, "outbound", "list")[1] == ""


def test_columns_of_a_file_that_is_sent(setting, tmp_path, capsys, sandbox):
    text = """\
contact,$flow.key.dryRun,$flow.key.idempotencyKey
9876543210,true,
9876543210,,mine
9876500001,no,
9876500002,perhaps,
"""
    found = create(capsys, tmp_path, text, "--send")
    assert [row["state"] for row in found] == ["preview", "accepted", "accepted", "refused"]
    assert len(sandbox.sandbox.memory.requests) == 2
    (other,) = create(
        capsys, tmp_path, "contact,$flow.key.idempotencyKey\n9876500009,mine\n", "--send"
    )
    assert (other["code"], other["reason"]) == (
        "201",
        "$flow.key.idempotencyKey IDEMPOTENCY_KEY_TAKEN",
    )


def test_the_second_row_of_a_number_is_a_duplicate(setting, tmp_path, capsys, sandbox):
    text = """\
contact,tel2,purpose
9876543210,9876500001,fun
9876543210,9876500001,
+91 98765 43210,,
9876500001,9876543210,
9876500001,,
98765XXXXX,,
98765XXXXX,,
"""
    states = ["refused", "accepted", "duplicate", "duplicate", "accepted", "rejected", "rejected"]
    assert [row["state"] for row in create(capsys, tmp_path, text, "--send")] == states
    _, out, _ = run(capsys, "outbound", "preview", str(tmp_path / "calls.csv"), *MOMENT)
    assert [row["verdict"] for row in rows(out)] == [
        "invalid",
        "allowed",
        "duplicate",
        "duplicate",
        "allowed",
        "invalid",
        "invalid",
    ]
    assert len(sandbox.sandbox.memory.requests) == 2


@pytest.mark.parametrize("mark", [*"\v\f\x1c\x1d\x1e\x85\u2028\u2029"])
def test_only_line_ends_end_a_row(setting, tmp_path, capsys, mark):
    text = f"$flow.key.note,contact\r\na{mark}9876500009,9876543210\r\n"
    path = tmp_path / "calls.csv"
    path.write_bytes(text.encode())
    _, out, _ = run(capsys, "outbound", "preview", str(path), *MOMENT)
    assert [row["number"] for row in rows(out)] == ["919876543210"]


def test_a_very_long_cell(setting, tmp_path, capsys):
    text = f"contact,$flow.key.note\n9876543210,{'x' * 140_000}\n9876500001,{'x' * 270_000}\n"
    found = create(capsys, tmp_path, text)
    assert [(row["state"], row["code"]) for row in found] == [
        ("preview", "200"),
        ("refused", "400"),
    ]


def test_an_output_that_cannot_be_written(setting, tmp_path, capsys, sandbox):
    path = write(tmp_path, "contact\n9876543210\n")
    send = ["outbound", "create", path, "--flow-id", FLOW, "--send", "--output", "none/out.csv"]
    code, _, err = run(capsys, *send)
    assert (code, "--output: none/out.csv cannot be written" in err) == (2, True)
    assert not sandbox.sandbox.memory.requests


def test_columns_of_numbers_and_of_the_flow(setting, tmp_path, capsys, sandbox):
    text = "tel2,flowID\n9876543210,zZ9zZ9zZ\n9876500001, \n"
    assert [row["state"] for row in create(capsys, tmp_path, text, "--send")] == ["accepted"] * 2
    flows = [record.flow_id for record in sandbox.sandbox.memory.find(lambda _: True)]
    assert sorted(flows) == sorted(["zZ9zZ9zZ", FLOW])


def test_a_column_of_the_flow_and_an_account(setting, tmp_path, capsys, sandbox):
    path = write(tmp_path, f"contact,$flow.syskey.flowID\n9876543210,{FLOW}\n")
    code, _, _ = run(capsys, "outbound", "create", path, "--account", "293", "--send", *MOMENT)
    assert code == 0
    (record,) = sandbox.sandbox.memory.find(lambda _: True)
    assert record.calls[0].keys == (("$flow.key.accountID", "293"),)
    _, out, _ = run(capsys, "outbound", "list", "--account", "293")
    assert out.split("\t")[1] == "293"


@pytest.mark.parametrize(
    ("text", "says"),
    [(b"number\n1\n", "a column 'contact'"), (b"\xff\xfe", "is not UTF-8"), (None, "be read")],
)
def test_a_file_that_cannot_be_used(setting, tmp_path, capsys, text, says):
    path = tmp_path / "calls.csv"
    if text is not None:
        path.write_bytes(text)
    code, _, err = run(capsys, "outbound", "create", str(path))
    assert code == 2
    assert says in err


def test_a_list_from_standard_input(setting, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"contact\n9876543210\n")))
    code, out, _ = run(capsys, "outbound", "preview", "-")
    assert (code, rows(out)[0]["verdict"]) == (0, "allowed")


def place(capsys, tmp_path, *, code=0):
    """Place one call, and give back the id of its order."""
    path = write(tmp_path, "contact\n9876543210\n")
    found, out, _ = run(capsys, "outbound", "create", path, "--flow-id", FLOW, "--send", *MOMENT)
    assert found == code
    return run(capsys, "outbound", "list")[1].split("\t")[0], rows(out)[0]


def test_status_shows_the_history(setting, tmp_path, capsys):
    order, row = place(capsys, tmp_path)
    code, out, _ = run(capsys, "outbound", "status", row["request_id"])
    assert code == 0
    lines = [line.split("\t") for line in out.splitlines()]
    assert ["order", order] in lines
    assert ["state", "accepted"] in lines
    assert ["2026-11-18T10:30:00+05:30", "queued", "sending", "", "1", ""] in lines


@pytest.mark.parametrize("command", ["status", "cancel", "retry", "release"])
def test_an_unknown_order(setting, capsys, command):
    code, _, err = run(capsys, "outbound", command, "nobody")
    assert (code, err) == (1, "flow-rules: no order has the id nobody\n")


def test_a_failure_of_ours_is_named_in_its_row(setting, tmp_path, capsys):
    with closing(sqlite3.connect(tmp_path / "rules.sqlite3")) as database:
        database.execute("DROP TABLE rules_order_changes")
    path = write(tmp_path, "contact\n9876543210\n")
    code, out, _ = run(capsys, "outbound", "create", path, "--flow-id", FLOW, "--send")
    assert (code, rows(out)[0]["reason"]) == (1, "INTERNAL")


def test_cancel(setting, tmp_path, capsys):
    setting(hold="until_due")
    path = write(tmp_path, "contact,starttime\n9876543210,2026-11-18T12:00:00+05:30\n")
    run(capsys, "outbound", "create", path, "--flow-id", FLOW, "--send", *MOMENT)
    order = run(capsys, "outbound", "list", "--state", "held")[1].split("\t")[0]
    assert run(capsys, "outbound", "cancel", order)[:2] == (0, "cancelled \n")
    assert run(capsys, "outbound", "cancel", order)[:2] == (0, "cancelled ALREADY_CANCELLED\n")


def test_cancel_too_late(setting, tmp_path, capsys):
    order, _ = place(capsys, tmp_path)
    assert run(capsys, "outbound", "cancel", order)[:2] == (
        1,
        "not cancelled ALREADY_HANDED_OVER\n",
    )


def test_retry_an_uncertain_order(setting, tmp_path, capsys, sandbox):
    setting(on_uncertain="hold")
    sandbox.sandbox.provoke(Fault("error-500"), 1)
    order, row = place(capsys, tmp_path, code=1)
    assert (row["state"], row["reason"]) == ("uncertain", "FATE_UNKNOWN")
    assert run(capsys, "outbound", "retry", order, *MOMENT)[:2] == (0, "accepted \n")
    code, _, err = run(capsys, "outbound", "retry", order)
    assert code == 2
    assert "only queued and uncertain orders" in err


def test_release_an_uncertain_order(setting, tmp_path, capsys, sandbox):
    setting(on_uncertain="hold")
    sandbox.sandbox.provoke(Fault("error-500"), 1)
    order, _ = place(capsys, tmp_path, code=1)
    assert run(capsys, "outbound", "release", order)[:2] == (0, "accepted\n")
    code, _, err = run(capsys, "outbound", "release", order)
    assert code == 2
    assert "only uncertain orders are released" in err


def test_explain(setting, tmp_path, capsys):
    setting(purpose="recovery", caller_id="1600123456")
    order, _ = place(capsys, tmp_path)
    code, out, _ = run(capsys, "explain-call", order)
    assert code == 0
    assert out.count("Asked for a recovery call on Wed 2026-11-18 10:30:00 +0530.") == 2
    assert "2026-11-18T10:30:00+05:30 (queued)" in out
    assert "R11 (version 1) allows it: No recovery calls before 08:00 or after 19:00" in out
    assert "RBI, circular of 12 August 2022" in out


def test_explain_an_order_without_a_purpose(setting, tmp_path, capsys):
    order, _ = place(capsys, tmp_path)
    assert "The gate was not asked" in run(capsys, "explain-call", order)[1]


# the sandbox as a process


def test_the_sandbox_command(tmp_path):
    config = tmp_path / "sandbox.toml"
    config.write_text("rate_realtime = 1\n")
    command = [sys.executable, "-m", "rules", "sandbox-dialler", "--port", "0", "--mode", "bulk"]
    files = ["--state", str(tmp_path / "state.jsonl"), "--config", str(config)]
    child = subprocess.Popen(
        [*command, *files, "--end-with-input"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = child.stdout.readline().rpartition(" ")[2].strip()
    with urllib.request.urlopen(url, data=b"{}", timeout=10) as reply:  # noqa: S310  loopback
        assert reply.status == 202
    assert "Calls it got" in child.stdout.readline()
    child.stdin.close()
    assert child.wait(10) == 0
    child.stdout.close()
    assert (tmp_path / "state.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--config", "missing.toml"], "cannot be read"),
        (["--port", "1", "--host", "192.0.2.1"], "cannot listen there"),
    ],
)
def test_a_sandbox_that_cannot_start(capsys, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "sandbox-dialler", *arguments)
    assert code == 2
    assert says in err


def test_the_sandbox_beside_the_service(monkeypatch, sandbox):
    port = int(sandbox.base.rpartition(":")[2])
    monkeypatch.setattr("rules.cli.sandbox.PORT", port)  # taken: another one is found
    monkeypatch.setenv("RULES_SANDBOX_DIALLER", "")
    child = SandboxChild()
    url = child.start()
    assert f":{port}/" not in url
    with urllib.request.urlopen(url.partition("/kairos")[0] + "/", timeout=10) as reply:  # noqa: S310  loopback
        assert b"Nothing yet" in reply.read()
    child.stop()
    SandboxChild().stop()


@each(
    ("accounts", "sandbox_url", "wanted", "note"),
    [
        ({}, "", True, "Dialler: not set"),
        ({}, URL, False, "the calls it gets: https://dialler.example/"),
        ({"default": {"dialler_url": URL}}, "", False, "Dialler: set for default"),
        (
            {"account": {"7": {"dialler_url": URL}}, "flow": {"8": {"dialler_url": URL}}},
            "",
            False,
            "Dialler: set for account 7, flow 8",
        ),
    ],
)
def test_which_dialler_is_in_force(accounts, sandbox_url, wanted, note):
    services = make_services(now=NOW, accounts=accounts, sandbox_dialler=sandbox_url)
    assert wants_sandbox(services) is wanted
    assert note in dialler_note(services.settings, services)
    assert ("createOutbound" in call_example(services.settings, "host:1")) is bool(sandbox_url)
