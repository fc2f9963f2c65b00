"""`flow-rules agents`, on an SQLite file."""

import pytest

from rules import bootstrap
from rules.cli import main
from rules.settings import Settings

NOW = "2026-11-18T10:30:00+05:30"
ACCOUNTS = """
[default]
agents = "agents.csv"
[account."293"]
pause_max_minutes = 120
pause_reasons = [{code = "LUNCH", minutes = 45}]
"""
AGENTS = (
    "number,name,account,active\n9879912345,Asha,293,\n9800000001,Ravi,294,\n9800000002,Om,293,no\n"
)


@pytest.fixture(scope="module")
def way_out():
    """The real client, opened once: its start check takes longer than a command."""
    return bootstrap.open_client(Settings())


@pytest.fixture(autouse=True)
def _environment(monkeypatch, sqlite_address, tmp_path, way_out):
    monkeypatch.setattr(bootstrap, "open_client", lambda _: way_out)
    (tmp_path / "accounts.toml").write_text(ACCOUNTS)
    (tmp_path / "agents.csv").write_text(AGENTS)
    monkeypatch.setenv("RULES_DATABASE", sqlite_address)
    monkeypatch.setenv("RULES_ACCOUNTS", str(tmp_path / "accounts.toml"))


@pytest.fixture
def run(capsys):
    """Run `flow-rules agents`; gives back exit code, output lines, errors."""

    def run(*arguments, now=NOW):
        code = main(["agents", *arguments, "--now", now])
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return run


def test_list_shows_agents_and_breaks(run):
    assert run("pause", "98799 12345", "--reason", "lunch")[:2] == (
        0,
        ["paused until 2026-11-18T11:15:00+05:30"],
    )
    code, lines, _ = run("list", now="2026-11-18T11:00:00+05:30")
    since, until = "2026-11-18T10:30:00+05:30", "2026-11-18T11:15:00+05:30"
    assert (code, [line.split("\t") for line in lines]) == (
        0,
        [
            ["919800000001", "Ravi", "294", "active", "", "", "", ""],
            ["919800000002", "Om", "293", "left", "", "", "", ""],
            ["919879912345", "Asha", "293", "paused", "LUNCH", since, until, "30"],
        ],
    )
    assert len(run("list", "--paused", now="2026-11-18T11:00:00+05:30")[1]) == 1
    assert run("list", "--paused", now="2026-11-18T11:15:00+05:30")[1] == []
    assert [line.split("\t")[1] for line in run("list", "--account", "294")[1]] == ["Ravi"]


def test_pause_and_resume(run):
    assert run("pause", "9800000001", "--until", "17:30")[1] == [
        "paused until 2026-11-18T17:30:00+05:30"
    ]
    assert run("resume", "9800000001")[:2] == (0, ["active"])
    assert run("pause", "9800000001", "--account", "294")[1] == ["paused"]


@pytest.mark.parametrize(
    ("arguments", "code", "words", "why"),
    [
        (["pause", "163"], 1, "INVALID_NUMBER", "no phone number"),
        (["pause", "9812345678"], 1, "UNKNOWN_AGENT", "not in the list"),
        (["pause", "9879912345", "--minutes", "240"], 2, "pauseMinutes: ", "too long"),
        (["pause", "9879912345", "--reason", "TEA"], 2, "pauseReason: ", "no such reason"),
        (["report", "--from", "soon"], 2, "reportFrom: ", "no date"),
        (["report", "--from", "0001-01-01"], 2, "1900 to 2100", "the first day there is"),
        (["report", "--to", "9999-12-31"], 2, "1900 to 2100", "the last day there is"),
    ],
)
def test_refused(run, arguments, code, words, why):
    found, lines, err = run(*arguments)
    assert (found, lines) == (code, []), why
    assert words in err


def test_report(run):
    run("pause", "9879912345", "--reason", "LUNCH", now="2026-11-17T23:50:00+05:30")
    run("resume", "9879912345", now="2026-11-18T00:20:00+05:30")
    code, lines, _ = run("report", "--from", "yesterday", "--to", "today")
    assert code == 0
    assert [line.split(",")[:2] + line.split(",")[7:8] for line in lines[1:]] == [
        ["919879912345", "Asha", "10.0"],
        ["919879912345", "Asha", "20.0"],
    ]
    assert len(run("report", "--account", "294")[1]) == 1
    assert (
        len(run("report", "--cli", "9879912345", "--reason", "lunch", "--account", "293")[1]) == 2
    )
