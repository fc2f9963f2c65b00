"""`flow-rules enrich` as it is used: exit codes, the screen, and real processes that are killed."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from rules.cli import main
from rules.cli.enrich_progress import Pace, watch
from rules.gateways.campaign import Seen
from tests.gateways.lists import ANSWER, EXAMPLE, left_over, write_list
from tests.gateways.servers import answering, reply

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


def test_a_bar_on_a_terminal(enrich, tmp_path, monkeypatch):
    write_list(tmp_path / "list.csv", 90)
    leader, follower = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with ThreadPoolExecutor(1) as reader, open(follower, "w", encoding="utf-8") as screen:  # noqa: PTH123  a descriptor
        shown = reader.submit(read_all, leader)
        monkeypatch.setattr(sys, "stderr", screen)
        assert enrich("--batch-rows", "30") == 0
        monkeypatch.undo()
        screen.close()
    os.close(leader)
    assert b"rows/s" in shown.result()
    assert b"left" in shown.result()


def read_all(terminal):
    """All that is written to a terminal until its other side is closed."""
    shown = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 65536):
            shown += part
    return shown


# a live source

SOURCE = """[numbers]
kind = "number_metadata"
url = "{url}{number}"
cost = "0.35"
http = true
[numbers.paths]
operator = "data.operator"
circle = "data.circle"
ported = "data.ported"
"""


@pytest.fixture
def live(enrich, tmp_path, monkeypatch, sqlite_address):
    """`live(*options, rows=, out=)`: run with a live source; gives numbers asked, cost, lines."""
    body = json.dumps({"operator": "Bharti", "circle": "KTK", "ported": True}).encode()
    monkeypatch.setenv("RULES_DATABASE", sqlite_address)
    monkeypatch.setenv("RULES_LIVE_SOURCES", str(tmp_path / "live.toml"))
    monkeypatch.setenv("RULES_OUTGOING_ALLOWED", "127.0.0.0/8")
    monkeypatch.setenv("RULES_HASH_KEY", "a key")
    with answering(reply(body)) as server:
        (tmp_path / "live.toml").write_text(SOURCE.replace("{url}", server.url()))

        def run(*options, rows, out):
            (tmp_path / "list.csv").write_text("\n".join(("phone", *rows, "")))
            wanted = ["--live", "numbers", "--columns", "operator,circle", "--summary", "sum.json"]
            before = len(server.requests)
            assert enrich(*wanted, *options, out=out) == 0
            asked = [one.split()[1].decode()[-10:] for one in server.requests[before:]]
            found = json.loads((tmp_path / "sum.json").read_text())
            lines = (tmp_path / out).read_text().splitlines()[1:]
            return asked, (found["live_questions"], found["live_cost"]), lines

        yield run


FIRST, SECOND, THIRD, FIXED = "9848012345", "+91 94140 12345", "09437012345", "08041234567"


def test_a_live_source_is_asked_once_a_number_and_what_it_said_is_kept(live):
    rows = [FIRST, SECOND, "anonymous", f"91{FIRST}", THIRD, FIXED]
    asked, cost, lines = live("--live-max", "3", "--batch-rows", "2", rows=rows[:5], out="1.csv")
    assert sorted(asked) == ["9414012345", "9437012345", "9848012345"]
    assert cost == (3, "1.05")
    assert lines == [
        f"{FIRST},AIRTEL,KARNATAKA",
        f"{SECOND},AIRTEL,KARNATAKA",
        "anonymous,,",
        f"91{FIRST},AIRTEL,KARNATAKA",
        f"{THIRD},AIRTEL,KARNATAKA",
    ]
    asked, cost, again = live("--live-max", "3", rows=rows, out="2.csv")
    assert (asked, cost) == ([], (0, "0"))
    assert again == [*lines, f"{FIXED},AIRTEL,KARNATAKA"]


def test_no_more_is_asked_than_allowed(live):
    asked, cost, lines = live("--live-max", "1", rows=[FIRST, SECOND], out="1.csv")
    assert (asked, cost) == ([FIRST], (1, "0.35"))
    assert lines == [f"{FIRST},AIRTEL,KARNATAKA", f"{SECOND},BSNL,RAJASTHAN"]
    assert live(rows=[THIRD], out="2.csv")[:2] == ([], (0, "0")), "none without --live-max"


@pytest.mark.parametrize("limit", ["live_daily_questions = 1", 'live_monthly_amount = "0.5"'])
def test_an_account_s_limits_hold_for_lists_too(live, tmp_path, limit):
    (tmp_path / "accounts.toml").write_text(f"[account.7]\n{limit}\n")
    account = ["--accounts", "accounts.toml", "--account", "7", "--live-max", "9"]
    asked, cost, lines = live(*account, rows=[FIRST, SECOND, THIRD], out="1.csv")
    assert (asked, cost) == ([FIRST], (1, "0.35"))
    assert lines[1:] == [f"{SECOND},BSNL,RAJASTHAN", f"{THIRD},BSNL,ODISHA"]
    assert live(*account, rows=[THIRD], out="2.csv")[:2] == ([], (0, "0")), "spent before"


# processes that end in the middle


@pytest.fixture(scope="module")
def list_and_answer(tmp_path_factory):
    """A list that takes a while in small chunks, and what must come of it."""
    folder = tmp_path_factory.mktemp("whole")
    source = write_list(folder / "in.csv", 900)
    assert main(command(source, folder / "out.csv")) == 0
    return folder


@pytest.fixture
def long(list_and_answer, tmp_path):
    """The same list in a folder of its own."""
    source = Path(shutil.copy2(list_and_answer / "in.csv", tmp_path))
    return SimpleNamespace(folder=tmp_path, source=source, whole=list_and_answer)


def command(source, out):
    options = ["--number-column", "phone", "--batch-rows", "75", "--quiet"]
    return ["enrich", str(source), str(out), *options]


def start(long, out="out.csv", **options):
    arguments = [sys.executable, "-m", "rules", *command(long.source, long.folder / out)]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


def rows_saved(folder, out="out.csv"):
    try:
        return json.loads((folder / f"{out}.progress.json").read_bytes())["progress"]["rows"]
    except FileNotFoundError:
        return 0


def saved(folder, rows):
    """Wait until so many rows are saved."""
    limit = time.monotonic() + 60
    while rows_saved(folder) < rows:
        assert time.monotonic() < limit
        time.sleep(0.002)


def goes_on_as_if_nothing_had_happened(long):
    assert not (long.folder / "out.csv").exists()
    assert main(command(long.source, long.folder / "out.csv")) == 0
    for name in ("out.csv", "out.csv.rejects"):
        assert (long.folder / name).read_bytes() == (long.whole / name).read_bytes()
    assert left_over(long.folder) == {"in.csv", "out.csv", "out.csv.rejects"}


def test_killed_and_run_again_equals_an_uninterrupted_run(long):
    for rows in (1, 400):
        with start(long) as process:
            saved(long.folder, rows)
            process.kill()
            process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    assert 400 <= rows_saved(long.folder) < 900
    goes_on_as_if_nothing_had_happened(long)


@pytest.mark.soak
@pytest.mark.parametrize("out", ["out.csv", "out.csv.gz", "out.parquet"])
def test_killed_at_any_moment(long, out):
    write_list(long.source, 2500)
    draw = random.Random(out)
    kills = 0
    while not is_done(long.folder, out):
        with start(long, out) as process:
            try:
                process.communicate(timeout=draw.uniform(0.3, 2.5 + kills / 10))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        kills += process.returncode != 0
        assert process.returncode in {0, -signal.SIGKILL}
        assert kills < 200
    assert kills > 1
    assert main(command(long.source, long.folder / f"whole_{out}")) == 0
    found, whole = long.folder / out, long.folder / f"whole_{out}"
    if out == "out.parquet":
        assert pl.read_parquet(found).equals(pl.read_parquet(whole))
    else:
        assert found.read_bytes() == whole.read_bytes()


def is_done(folder, out):
    """Is the output there with nothing left to do? The process may be killed after that too."""
    return (folder / out).exists() and not (folder / f"{out}.progress.json").exists()


def test_a_terminated_process_saves_and_goes_on(long):
    with start(long) as process:
        saved(long.folder, 150)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert 150 <= rows_saved(long.folder) < 900
    goes_on_as_if_nothing_had_happened(long)


def test_ctrl_c_saves_and_goes_on(long, capsys):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # should it come too late
    try:
        with ThreadPoolExecutor(1) as other:
            sent = other.submit(interrupt, long.folder)
            assert main(command(long.source, long.folder / "out.csv")) == 130
            sent.result()
    finally:
        signal.signal(signal.SIGINT, before)
    assert "stopped: the same command goes on from here" in capsys.readouterr().err
    goes_on_as_if_nothing_had_happened(long)


def interrupt(folder):
    saved(folder, 150)
    os.kill(os.getpid(), signal.SIGINT)


def test_a_full_disk(long):
    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    with start(long, preexec_fn=small) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"what is saved stays valid" in said
    assert 0 < rows_saved(long.folder) < 900
    goes_on_as_if_nothing_had_happened(long)


def test_without_the_extra_it_says_what_to_install(enrich, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "polars", None)
    monkeypatch.delitem(sys.modules, "rules.gateways.campaign")
    assert enrich() == 2
    assert "polars is missing: pip install 'flow-rules[bulk]'" in capsys.readouterr().err
