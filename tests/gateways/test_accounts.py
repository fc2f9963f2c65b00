"""The accounts file: mistakes with line and key, and a file that changes while in use."""

from __future__ import annotations

import os

import pytest

from rules.envelope import PROTOCOL
from rules.errors import SettingsRefused
from rules.gateways.accounts import AccountsFile, read_accounts
from rules.settings import Accounts
from tests.rows import each

GOOD = '[default]\nflag_style = "lower"\n\n[account."163"]\nflag_style = "title"\n'


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "accounts.toml"
    path.write_text(GOOD, "utf-8")
    return path


def test_read(file):
    accounts, files = read_accounts(file)
    assert accounts.settings(PROTOCOL, "163").flag_style == "title"
    assert files == (file,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[default\n", "is no TOML: .*line 1"),
        ("[defaults]\nx = 1\n", "line 1, defaults: no such table"),
        ("default = 5\n", "line 1, default: must be a table"),
        ('[account]\n"163" = 5\n', 'line 1: write \\[account."163"\\]'),
        ('[default]\nextra_keys = true\nflag_stile = "x"\n', "line 3, flag_stile: no such setting"),
        ('[account."163"]\n\n[account."164"]\nflag_style = "x"\n', "line 4, flag_style: must be"),
        ("[flow.58]\nextra_keys = 7\n", "line 2, extra_keys: must be true or false"),
        ('[account."163"]\n[account."1"]\nflag_style = "x"\n', "line 3, flag_style: must be"),
        ('[account."1.5"]\n[account.1]\nflag_style = "x"\n', "line 3, flag_style: must be"),
        ('[default]\ntranslate_url = ["x"]\n', "line 2, translate_url: "),
        ("[default]\ntranslate_url = {a = 1}\n", "line 2, translate_url: "),
        ('[account."1"]\nown_dates = "\\u0000"\n', "line 2, own_dates: .* cannot be read"),
        ('[default]\nagents = "\\u0000"\n', "line 2, agents: .* cannot be read"),
        ("[default]\nx = " + "[" * 5000, "is nested too deeply"),
        ("[default]\nx = " + "9" * 5000, "is no TOML"),
    ],
)
def test_refused_with_line_and_key(file, text, says):
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsRefused, match=says):
        read_accounts(file)


def test_a_table_whose_cells_are_too_long_is_refused(file):
    file.write_text('[default]\nagents = "agents.csv"\n', "utf-8")
    (file.parent / "agents.csv").write_text("number\n" + "9" * 131_073, "utf-8")
    with pytest.raises(SettingsRefused, match="line 2, agents: cannot be used"):
        read_accounts(file)


def test_whatever_goes_wrong_is_a_refusal(file, monkeypatch):
    monkeypatch.setattr(Accounts, "mistakes", lambda *_: 1 // 0)
    with pytest.raises(SettingsRefused, match=r"cannot be used \(ZeroDivisionError\)"):
        read_accounts(file)


def test_a_byte_order_mark_is_passed_over(file):
    file.write_text("\ufeff" + GOOD, "utf-8")
    assert read_accounts(file)[0].settings(PROTOCOL, "163").flag_style == "title"


PLAIN = '[default]\nhttp_enabled = true\ndialler_url = "http://d.example/x"\n'
SHUT = "http_enabled = false\n"
OWN = 'dialler_url = "https://d.example/x"\n'


@each(
    ("text", "says", "why"),
    [
        (PLAIN, "", "plain http is allowed where it stands"),
        (
            PLAIN + '[account."163"]\n' + SHUT,
            r'line 4, dialler_url: .*\[account."163"\]',
            "not here",
        ),
        (PLAIN + '[account."163"]\n' + SHUT + OWN, "", "an address of its own"),
        (PLAIN + '[flow."58"]\n' + SHUT, "line 4, dialler_url: must begin", "without an account"),
        (PLAIN + "[account.1]\n" + OWN + "[flow.58]\n" + SHUT, "", "may be a flow of account 1"),
    ],
)
def test_scopes_are_judged_together(file, text, says, why):
    file.write_text(text, "utf-8")
    if says:
        with pytest.raises(SettingsRefused, match=says):
            read_accounts(file)
    else:
        read_accounts(file)


def test_missing_and_odd_files(tmp_path, file):
    with pytest.raises(SettingsRefused, match="cannot be read"):
        read_accounts(tmp_path / "none.toml")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsRefused, match="is no TOML"):
        read_accounts(file)


def rewrite(file, text, stamp):
    file.write_text(text, "utf-8")
    os.utime(file, (stamp, stamp))


def test_a_changed_file_holds_after_five_seconds(file, clock):
    accounts = AccountsFile(str(file), monotonic=clock)
    rewrite(file, GOOD.replace("title", "lower"), 1)
    clock.now = 4.9
    assert accounts().settings(PROTOCOL, "163").flag_style == "title"
    clock.now = 5.0
    assert accounts().settings(PROTOCOL, "163").flag_style == "lower"


def test_a_bad_file_leaves_the_last_good_one_in_force(file, clock, caplog):
    accounts = AccountsFile(str(file), monotonic=clock)
    rewrite(file, '[default]\nflag_style = "upper"\n', 1)
    clock.now = 6
    assert accounts().settings(PROTOCOL, "163").flag_style == "title"
    state = accounts.state()
    assert state["ok"] is False
    assert "line 2, flag_style" in state["refused"]
    assert "refused" in caplog.text
    file.unlink()
    clock.now = 12
    assert accounts().settings(PROTOCOL, "163").flag_style == "title"
    rewrite(file, GOOD, 2)
    clock.now = 18
    assert accounts.state() == {"file": "accounts.toml", "ok": True, "refused": ""}


@each(
    ("named", "mended"),
    [("", "date,status,hours,name,name_hi\n"), ("\xff", "date,status,hours,name,name_hi\n")],
)
def test_mending_a_named_file_lifts_the_refusal(file, clock, named, mended):
    clock.now = 0
    rewrite(file, GOOD, 1)
    accounts = AccountsFile(str(file), monotonic=clock)
    rewrite(file, '[default]\nown_dates = "own.csv"\n', 2)
    own = file.parent / "own.csv"
    own.unlink(missing_ok=True)
    if named:
        own.write_text(named, "latin-1")
    clock.now = 6
    assert "own.csv" in accounts.state()["refused"]
    rewrite(own, mended, 3)
    clock.now = 12
    assert accounts.state()["ok"]


def test_a_file_that_cannot_be_used_at_all_is_told(file, clock):
    accounts = AccountsFile(str(file), monotonic=clock)
    rewrite(file, "[default]\nx = " + "[" * 5000, 1)
    clock.now = 6
    assert accounts.state()["ok"] is False
    assert accounts().settings(PROTOCOL, "163").flag_style == "title"
