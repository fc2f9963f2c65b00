"""The command line itself: help, exit codes, forms of output, what is said of mistakes."""

from __future__ import annotations

import io
import json

import pytest

from rules.cli import GROUPS, main, parser
from rules.cli.common import print_table
from rules.methods import Answer
from tests.rows import each


def choices(found):
    return list(found._subparsers._group_actions[0].choices)


@each("names", GROUPS)
def test_a_command_comes_with_its_group_alone(names):
    for name in names:
        assert choices(parser(name)) == list(names)


def test_every_command_has_help(capsys):
    commands = choices(parser())
    assert {"call", "methods", "serve"} <= set(commands)
    for name in commands:
        assert main([name, "--help"]) == 0
        assert len(capsys.readouterr().out) > 60


def test_no_command_is_wrong_use(capsys):
    assert main([]) == 2
    assert "COMMAND" in capsys.readouterr().err
    assert main(["--version"]) == 0


def test_methods_lists(capsys):
    assert main(["methods"]) == 0
    assert main(["methods", "nonsense"]) == 2
    assert "no such method" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["call", "nonsense"], "no such method"),
        (["call", "validatedateandtime", "novalue"], "write name=value"),
        (["call", "validatedateandtime", "--output", "json", "novalue"], "write name=value"),
        (["call", "validatedateandtime", "--nonsense", "a=b"], "--nonsense"),
        (["call", "validatedateandtime", "--json", "/nowhere.json"], "cannot be read"),
        (["serve", "--port", "99999"], "--port: must be a whole number from 1 to 65535"),
        (["serve", "--port=-1"], "--port: must be"),
        (["serve", "--port", "9" * 5000], "--port: must be"),
        (["serve", "--port", "eighty"], "--port: must be"),
        (["serve", "--workers", "0"], "--workers: must be"),
        (["serve", "--workers=-1"], "--workers: must be"),
        (["serve", "--threads", "0"], "--threads: must be"),
        (["serve", "--threads", "-3"], "--threads"),
        (["call", "validatedateandtime", "--now", "soon"], "is no moment"),
        (["call", "validatedateandtime", "--accounts", "/nowhere.toml"], "cannot be read"),
    ],
)
def test_wrong_use_names_the_remedy(capsys, arguments, says):
    assert main(arguments) == 2
    assert says in capsys.readouterr().err


def test_bad_json(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    assert main(["call", "validatedateandtime", "--json", "-"]) == 2
    assert "--json" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[]")))
    assert main(["call", "validatedateandtime", "a=b", "--json", "-"]) == 2
    assert "needs an object" in capsys.readouterr().err


def test_outputs(capsys):
    call = ["call", "ValidateDateAndTime", "inputDate=kal", "type=Callback"]
    now = ["--now", "2026-11-18T10:30"]
    assert main([*call, *now]) == 0
    assert "outputDate\t2026-11-19T08:00:00+05:30" in capsys.readouterr().out
    assert main([*call, *now, "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["$flow.key.dateIsValid"] == "true"
    assert main([*call, *now, "--output", "envelope"]) == 0
    assert json.loads(capsys.readouterr().out)["keys"][0]["name"] == "$flow.key.outputDate"


def test_values_may_stand_behind_options(capsys):
    call = ["call", "ValidateDateAndTime", "--output", "json", "inputDate=kal"]
    assert main([*call, "--now", "2026-11-18T10:30", "type=Callback"]) == 0
    assert json.loads(capsys.readouterr().out)["$flow.key.dateIsValid"] == "true"


def test_a_failure_of_ours_is_told_with_its_cause(capsys, monkeypatch):
    monkeypatch.setenv("RULES_DATABASE", "/nonexistent/x.db")
    known = ["$user.syskey.contactNumber=9876543210", "$user.syskey.accountID=163"]
    assert main(["call", "fetchUserPreferences", *known]) == 1
    said = capsys.readouterr().err
    assert "StoreUnavailable: the database cannot be used" in said
    assert "RULES_DATABASE" in said


def test_a_failure_that_is_not_our_own_error_says_its_kind_alone(capsys, monkeypatch):
    failed = Answer(500, {"keys": []}, error=KeyError("919876543210"))
    monkeypatch.setattr("rules.cli.methods.answer", lambda *_, **__: failed)
    assert main(["call", "fetchUserPreferences"]) == 1
    said = capsys.readouterr().err
    assert "KeyError" in said
    assert "9198" not in said


def test_a_port_of_the_environment_is_checked_too(capsys, monkeypatch):
    monkeypatch.setenv("PORT", "99999")
    assert main(["serve"]) == 2
    assert "--port: must be" in capsys.readouterr().err


def test_refused_input_is_named_on_standard_error(capsys):
    assert main(["call", "ValidateDateAndTime"]) == 2
    said = capsys.readouterr()
    assert "BAD_PARAMETERS: 2 fields need attention" in said.err
    assert "$flow.key.inputDate: needed (MISSING_PARAMETER)" in said.err


def test_a_bad_setting_stops_with_its_name(capsys, monkeypatch):
    monkeypatch.setenv("RULES_MAX_BODY_BYTES", "many")
    assert main(["call", "ValidateDateAndTime"]) == 2
    assert "RULES_MAX_BODY_BYTES" in capsys.readouterr().err


def test_tables_for_programs(capsys):
    print_table(("a", "b"), [("x\ty", "z\n")])
    assert capsys.readouterr().out == "x y\tz \n"
