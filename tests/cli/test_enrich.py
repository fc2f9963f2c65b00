"""`flow-rules enrich` as it is used: exit codes, the screen, and real processes that are killed."""

from __future__ import annotations

import json
import os
import pty
import random
import resource
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import polars as pl
import pytest

from rules.cli import main
from rules.cli.enrich_progress import Pace, watch
from rules.gateways.campaign import Seen
from tests.gateways.lists import ANSWER, EXAMPLE, left_over, write_list

COMMAND = [sys.executable, "-m", "rules", "enrich"]
LANGUAGES = ["--languages", "TELGU,HINDI,ENGLISH"]


@pytest.fixture
def enrich(tmp_path, monkeypatch):
    """Run the command in its own folder; gives the exit code."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_bytes(EXAMPLE)

    def run(*options, source="list.csv", out="out.csv"):
        return main(["enrich", source, out, "--number-column", "phone", *options])

    return run


def test_the_worked_example(enrich, tmp_path, capsys):
    assert enrich(*LANGUAGES, "--summary", "sum.json", "--quiet") == 0
    assert (tmp_path / "out.csv").read_bytes() == ANSWER
    shown = capsys.readouterr()
    assert "rows: 4   rejected lines: 0" in shown.out
    assert "class: INVALID 1, LANDLINE 1, MOBILE 1, WITHHELD 1" in shown.out
    assert shown.err == ""
    found = json.loads((tmp_path / "sum.json").read_text())
    numbers = found.pop("numbers")["phone"]
    assert (numbers["with_operator"], numbers["with_circle"]) == (0.5, 0.5)
    assert numbers["reason"] == {"MASKED_NUMBER": 1, "WITHHELD": 1}
    assert numbers["language"] == {"HINDI": 3, "TELGU": 1}
    assert numbers["circle_confidence"] == {"high": 2}
    assert (found["rows"], found["whole"], found["rejected_lines"]) == (4, True, 0)
    assert (found["live_questions"], found["live_cost"]) == (0, "0")
    assert set(found["data_state"]) == {"circles", "landlines", "operators"}


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--number-column", "fax"], 2, "no column fax"),
        (["--columns", "colour"], 2, "no column to add: colour"),
        (["--prefix", "", "--columns", "class", "--delimiter", "tab"], 2, "no column phone"),
        (["--batch-rows", "0"], 2, "a whole number above 0"),
        (["--live", "nobody", "--live-max", "5"], 2, "no live source nobody"),
        (["--accounts", "nowhere.toml"], 2, "cannot be read"),
        (["--delimiter", "x"], 2, "invalid choice"),
    ],
)
def test_wrong_use(enrich, tmp_path, capsys, options, code, says):
    assert enrich(*options) == code
    assert says in capsys.readouterr().err
    assert left_over(tmp_path) == {"list.csv"}


def test_a_list_that_is_not_there(enrich, capsys):
    assert enrich(source="nothing.csv") == 2
    assert "nothing.csv" in capsys.readouterr().err


def test_overwrite_and_restart(enrich, tmp_path, capsys):
    assert enrich(*LANGUAGES) == 0
    assert enrich(*LANGUAGES) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert enrich("--overwrite", "--columns", "class") == 0
    assert (tmp_path / "out.csv").read_bytes().startswith(b"id,phone,city,tel_class\n")
    (tmp_path / "next.csv.progress.json").write_text("{}")
    assert enrich(*LANGUAGES, out="next.csv") == 3
    assert "--restart begins anew" in capsys.readouterr().err
    assert enrich(*LANGUAGES, "--restart", out="next.csv") == 0
    assert (tmp_path / "next.csv").read_bytes() == ANSWER


def test_an_account_s_overrides_labels_and_grade(enrich, tmp_path):
    (tmp_path / "own.csv").write_text("number,circle\n98480,Kerala\n")
    (tmp_path / "accounts.toml").write_text(
        '[account.7]\nnumber_overrides = "own.csv"\noperator_labels = {Idea = "Idee"}\n'
    )
    options = ["--accounts", "accounts.toml", "--account", "7", "--min-confidence", "high"]
    assert enrich(*options) == 0
    assert (
        b"MOBILE,+919848012345,Idee,VI,KERALA,high,MALAYALAM" in (tmp_path / "out.csv").read_bytes()
    )


def test_rejected_lines_are_named(enrich, tmp_path, capsys):
    (tmp_path / "list.csv").write_bytes(EXAMPLE + b"5,6\n")
    assert enrich() == 0
    assert "rejected lines are in out.csv.rejects" in capsys.readouterr().err
    assert (tmp_path / "out.csv.rejects").read_bytes() == b"6\t5,6\n"


# how far it is


def test_pace():
    pace = Pace(100.0)
    assert pace.words(Seen(100, 1000, 50), 101.0) == " 10.0%  50 rows  50 rows/s  0:00:09 left"
    assert "0:00:01 left" in pace.words(Seen(900, 1000, 450), 109.0)
    assert "100.0%" in Pace(0.0).words(Seen(0, 0, 0), 1.0)


def test_a_line_every_ten_seconds(capsys, monkeypatch):
    now = SimpleNamespace(at=0.0)
    monkeypatch.setattr(time, "monotonic", lambda: now.at)
    with watch(quiet=False) as see:
        for second in range(25):
            now.at = float(second)
            see(Seen(second, 100, second * 1000))
    assert len(capsys.readouterr().err.splitlines()) == 2
    with watch(quiet=True) as see:
        see(Seen(1, 2, 3))
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(tmp_path):
    source = write_list(tmp_path / "in.csv", 300)
    leader, follower = pty.openpty()
    arguments = [*COMMAND, source, tmp_path / "out.csv", "--number-column", "phone"]
    with subprocess.Popen(
        [*arguments, "--batch-rows", "30"],
        stderr=follower,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    ) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(leader)
    assert process.returncode == 0
    assert b"rows/s" in shown
    assert b"left" in shown


# processes that end in the middle


@pytest.fixture
def long(tmp_path):
    """A list that takes a while in small chunks, and what must come of it."""
    source = write_list(tmp_path / "in.csv", 1500)
    return SimpleNamespace(folder=tmp_path, source=source, batch="75")


def command(long, out):
    return [
        *COMMAND,
        str(long.source),
        str(long.folder / out),
        *("--number-column", "phone", "--batch-rows", long.batch, "--quiet"),
    ]


def start(long, out, **options):
    return subprocess.Popen(
        command(long, out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options
    )


def rows_saved(folder, out):
    try:
        return json.loads((folder / f"{out}.progress.json").read_bytes())["progress"]["rows"]
    except FileNotFoundError:
        return 0


def end_after(process, rows, folder, out, kind):
    """Send a signal once so many rows are saved; gives the exit code."""
    limit = time.monotonic() + 60
    while process.poll() is None and rows_saved(folder, out) < rows:
        assert time.monotonic() < limit
        time.sleep(0.002)
    process.send_signal(kind)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.parametrize("moments", [[1, 700]])
def test_killed_and_run_again_equals_an_uninterrupted_run(long, moments):
    for rows in moments:
        with start(long, "out.csv") as process:
            code = end_after(process, rows, long.folder, "out.csv", signal.SIGKILL)
        assert code in {-signal.SIGKILL, 0}
    if code:
        assert not (long.folder / "out.csv").exists()
        subprocess.run(command(long, "out.csv"), check=True, stdout=subprocess.DEVNULL)
    subprocess.run(command(long, "whole.csv"), check=True, stdout=subprocess.DEVNULL)
    for end in ("", ".rejects"):
        found = (long.folder / f"out.csv{end}").read_bytes()
        assert found == (long.folder / f"whole.csv{end}").read_bytes()
    assert left_over(long.folder) == {
        "in.csv", "out.csv", "out.csv.rejects", "whole.csv", "whole.csv.rejects",
    }  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("out", ["out.csv", "out.csv.gz", "out.parquet"])
def test_killed_at_any_moment(long, out):
    draw = random.Random(out)
    kills = 0
    while True:
        with start(long, out) as process:
            try:
                process.communicate(timeout=draw.uniform(0.3, 2.5))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        kills += 1
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        assert kills < 200
    assert kills > 1
    subprocess.run(command(long, f"whole_{out}"), check=True, stdout=subprocess.DEVNULL)
    found, whole = long.folder / out, long.folder / f"whole_{out}"
    if out == "out.parquet":
        assert pl.read_parquet(found).equals(pl.read_parquet(whole))
    else:
        assert found.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_process_saves_and_goes_on(long, kind):
    with start(long, "out.csv") as process:
        assert end_after(process, 300, long.folder, "out.csv", kind) == 130
    assert 300 <= rows_saved(long.folder, "out.csv") < 1500
    subprocess.run(command(long, "out.csv"), check=True, stdout=subprocess.DEVNULL)
    assert not (long.folder / "out.csv.progress.json").exists()


def test_a_full_disk(long):
    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    with start(long, "out.csv", preexec_fn=small) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"what is saved stays valid" in said
    saved = rows_saved(long.folder, "out.csv")
    assert 0 < saved < 1500
    for out in ("out.csv", "whole.csv"):
        subprocess.run(command(long, out), check=True, stdout=subprocess.DEVNULL)
    assert (long.folder / "out.csv").read_bytes() == (long.folder / "whole.csv").read_bytes()
