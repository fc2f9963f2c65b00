"""`flow-rules webhook`: what a replay says."""

from __future__ import annotations

from datetime import datetime

import pytest

from rules.bootstrap import build
from rules.cli import main
from rules.settings import Settings
from rules.webhooks.endpoints import Endpoint
from rules.webhooks.messages import Message, MessageState
from tests.doors import new_database
from tests.rows import each

MADE = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
MINE = ["--account", "163"]
NOTHING = "no delivered or failed message matched"


@pytest.fixture
def failed(monkeypatch, tmp_path):
    """An installation with one message given up, of the account 163."""
    database = tmp_path / "rules.sqlite3"
    database.write_bytes(new_database())
    monkeypatch.setenv("RULES_DATABASE", str(database))
    built = build(Settings.from_mapping({"RULES_DATABASE": str(database)}))
    endpoint = Endpoint("e1", "163", "crm", "https://hooks.example/", MADE, "whsec_1")
    built.endpoints.add(endpoint)
    message = Message("msg_1", "e1", "163", "u1", b"{}", MADE, MessageState.FAILED)
    built.messages.queue(message)
    claimed, seen, _ = built.messages.claim("msg_1", now=MADE)
    built.messages.finish(message, seen, was=claimed, now=MADE)
    return built


@each(
    "arguments",
    [
        ["msg_nope"],
        ["msg_1", "--account", "164"],
        ["--since", "2026-11-19T00:00", "--until", "2026-11-20T00:00"],
        ["--until", "2026-11-18T10:30"],
    ],
)
def test_a_replay_that_matches_nothing_says_so(failed, capsys, arguments):
    assert main(["webhook", "replay", *MINE, *arguments]) == 1
    assert NOTHING in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["msg_1", "msg_nope"], ["--since", "2026-11-18T10:30"]])
def test_a_replay_counts_what_goes_out_again(failed, capsys, arguments):
    assert main(["webhook", "replay", *MINE, *arguments]) == 0
    assert capsys.readouterr().out == "1 messages are sent again\n"
    assert failed.messages.listing()[0].state is MessageState.PENDING


def test_a_replay_needs_messages_or_a_span(failed, capsys):
    assert main(["webhook", "replay", *MINE]) == 2
    assert "--since" in capsys.readouterr().err


def test_credentials_are_taken_off(failed, capsys, monkeypatch):
    change = ["webhook", "change", "e1", *MINE]
    assert main([*change, "--auth", "basic"]) == 2
    assert "username: needed with auth basic (MISSING_PARAMETER)" in capsys.readouterr().err
    monkeypatch.setenv("WEBHOOK_PASSWORD", "hunter2")
    assert main([*change, "--auth", "basic", "--username", "me"]) == 0
    assert failed.endpoints.get("e1").password == "hunter2"
    monkeypatch.delenv("WEBHOOK_PASSWORD")
    assert main([*change, "--auth", "none"]) == 0
    found = failed.endpoints.get("e1")
    assert (found.username, found.password) == ("", "")
