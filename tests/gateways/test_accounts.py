"""The accounts file: mistakes with line and key, and a file that changes while in use."""

from __future__ import annotations

import os

import pytest

from rules.envelope import PROTOCOL
from rules.errors import SettingsRefused
from rules.gateways.accounts import AccountsFile, read_accounts

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
    ],
)
def test_refused_with_line_and_key(file, text, says):
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsRefused, match=says):
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
