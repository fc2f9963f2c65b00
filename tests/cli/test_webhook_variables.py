"""Kept variables as CSV: one row per run, one column per variable."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.bootstrap import build
from rules.cli import main
from rules.settings import Settings

NOW = datetime(2026, 11, 18, 5, tzinfo=UTC)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("RULES_DATABASE", str(tmp_path / "rules.sqlite3"))
    return build(Settings(database=str(tmp_path / "rules.sqlite3"))).webhooks


def test_runs_and_columns(store, capsys):
    store.keep("163", "run-1", [("$flow.key.a", "1"), ("$flow.key.b", "x,y")], now=NOW)
    store.keep("163", "run-2", [("$flow.key.a", "=1+1")], now=NOW + timedelta(days=1))
    store.keep("164", "run-3", [("$flow.key.c", "other")], now=NOW)
    assert main(["webhook-variables", "--account", "163", "--until", "2026-12-01"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "account,run,at,$flow.key.a,$flow.key.b",
        '163,run-1,2026-11-18T05:00:00+00:00,1,"x,y"',
        "163,run-2,2026-11-19T05:00:00+00:00,'=1+1,",
    ]


def test_a_span_and_many_runs(store, capsys, monkeypatch):
    monkeypatch.setattr("rules.cli.webhook_variables._PAGE", 2)
    for number in range(5):
        store.keep("", f"run-{number}", [("a", str(number))], now=NOW)
    assert main(["webhook-variables", "--since", "2026-11-18", "--until", "2026-11-19"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6
    assert main(["webhook-variables", "--since", "2026-11-20", "--until", "2026-11-21"]) == 0
    assert capsys.readouterr().out.splitlines() == ["account,run,at"]
