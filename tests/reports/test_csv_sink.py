"""P2, P3, P5: rows in files, with real processes, full disks, links and torn lines."""

from __future__ import annotations

import csv
import errno
import fcntl
import logging
import multiprocessing
import os
import resource
import signal
import stat
import time
from datetime import datetime
from pathlib import Path

import pytest

from rules.errors import StoreUnavailable
from rules.gateways import reports as module
from rules.gateways.reports import CsvSink
from rules.reports import COLUMNS, InvalidName, Place
from tests.reports.rows import EXAMPLE, HEADER, NOW, row

FILE = "293/call/2026-11-18.csv"
SPAWN = multiprocessing.get_context("forkserver")


@pytest.fixture
def root(tmp_path):
    return tmp_path / "reports"


def sink(root, **place):
    return CsvSink(Path(root), Place(**place))


def content(root, name=FILE):
    return (Path(root) / name).read_bytes().decode()


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_p1_worked_example(root):
    sink(root).append(row())
    assert content(root) == f"{HEADER}\r\n{EXAMPLE}\r\n"


def test_p3_cells_are_guarded_and_quoted(root):
    given = row(dtmf="=1+1", dnis='a,b "c"', start_time="\n@x", flow_id="\x00=")
    sink(root).append(given)
    assert read(root / FILE)[1][1:6] == ["'=1+1", " =", "293", 'a,b "c"', "'\n@x"]


def test_p2_only_our_user_may_read(root):
    before = os.umask(0o022)
    try:
        sink(root).append(row())
    finally:
        os.umask(before)
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in [root, *root.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert modes[root / FILE] == 0o600


def test_p5_one_header_for_many_rows(root):
    for _ in range(3):
        sink(root).append(row())
    assert content(root).splitlines() == [HEADER, *[EXAMPLE] * 3]


def test_p5_a_day_ends_at_midnight_of_the_account(root):
    for moment in ("2026-11-18T23:59:59.999+05:30", "2026-11-19T00:00:00.000+05:30"):
        sink(root).append(row(written_at=datetime.fromisoformat(moment)))
    assert len(content(root).splitlines()) == 2
    assert len(content(root, "293/call/2026-11-19.csv").splitlines()) == 2


def test_p2_names_never_reach_the_disk(root):
    for name in ("..", "a/b", "a\\b", "x" * 65, "", "a\x00b"):
        with pytest.raises(InvalidName):
            sink(root).append(row(report_type=name))
    assert not root.exists()


def test_p1_appended_columns(root):
    sink(root).append(row(extra=(("city", "पुणे"), ("=plan", "@x"))))
    assert read(root / FILE)[0] == [*COLUMNS, "city", "'=plan"]
    assert read(root / FILE)[1][7:] == ["पुणे", "'@x"]


def test_p5_other_columns_are_not_mixed(root, caplog):
    sink(root).append(row())
    for _ in range(2):
        sink(root).append(row(extra=(("city", "Pune"),)))
    sink(root).append(row(extra=(("plan", "gold"),)))
    sink(root).append(row())
    assert sorted(path.name for path in (root / "293/call").iterdir()) == [
        "2026-11-18.2.csv",
        "2026-11-18.3.csv",
        "2026-11-18.csv",
    ]
    assert len(content(root).splitlines()) == 3
    assert len(content(root, "293/call/2026-11-18.2.csv").splitlines()) == 3
    assert "other columns" in caplog.text


def test_p5_a_file_that_is_no_report_is_left_alone(root):
    path = root / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(b"notes of somebody\r\n")
    sink(root).append(row())
    assert path.read_bytes() == b"notes of somebody\r\n"
    assert content(root, "293/call/2026-11-18.2.csv") == f"{HEADER}\r\n{EXAMPLE}\r\n"


@pytest.mark.parametrize(
    ("torn", "rows", "why"),
    [
        ("call,1,86", ["call,1,86"], "in the middle of a row"),
        ("call", ["call"], "after the first cell"),
        (f"{EXAMPLE}", [EXAMPLE], "only the line break is missing"),
        (f"{EXAMPLE}\r", [f"{EXAMPLE}"], "half a line break"),
        ('call,"a,', ['call,"a,"'], "inside quotes: they are closed"),
        ('call,"a\nb', ['call,"a\nb"'], "behind a line break inside quotes"),
    ],
)
def test_p5_a_torn_line_is_ended_first(root, torn, rows, why):
    sink(root).append(row())
    path = root / FILE
    path.write_bytes(path.read_bytes() + torn.encode())
    sink(root).append(row())
    expected = "\r\n".join([HEADER, EXAMPLE, *rows, EXAMPLE, ""])
    assert content(root).replace("\r\r\n", "\r\n") == expected, why
    assert read(path)[-1] == EXAMPLE.split(","), why


@pytest.mark.parametrize("size", [0, 1, 20, len(HEADER), len(HEADER) + 1])
def test_p5_a_torn_header_is_written_anew(root, size):
    path = root / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(f"{HEADER}\r\n".encode()[:size])
    sink(root).append(row())
    assert content(root) == f"{HEADER}\r\n{EXAMPLE}\r\n"


def test_p2_a_link_as_last_part_is_not_followed(root, tmp_path):
    (root / "293/call").mkdir(parents=True)
    outside = tmp_path / "outside.csv"
    outside.write_bytes(b"")
    for target in (outside, tmp_path / "missing.csv"):
        (root / FILE).symlink_to(target)
        with pytest.raises(StoreUnavailable, match="ELOOP"):
            sink(root).append(row())
        (root / FILE).unlink()
    assert outside.read_bytes() == b""
    assert not (tmp_path / "missing.csv").exists()


@pytest.mark.parametrize("exists", [True, False])
def test_p2_a_link_inside_the_root_that_leads_out_is_refused(root, tmp_path, exists, caplog):
    outside = tmp_path / "outside"
    (outside / "call").mkdir(parents=True)
    root.mkdir()
    (root / "293").symlink_to(outside)
    if exists:
        (outside / "call/2026-11-18.csv").write_bytes(f"{HEADER}\r\n".encode())
    with pytest.raises(StoreUnavailable, match="EXDEV"):
        sink(root).append(row())
    assert "9848012345" not in "".join(
        path.read_text() for path in outside.rglob("*") if path.is_file()
    )
    assert "report not written" in caplog.text


def test_p2_a_link_that_stays_inside_is_followed(root):
    (root / "elsewhere").mkdir(parents=True)
    (root / "293").symlink_to(root / "elsewhere")
    sink(root).append(row())
    assert content(root, "elsewhere/call/2026-11-18.csv").endswith(f"{EXAMPLE}\r\n")


def test_p2_the_root_may_be_a_link_and_may_move(root, tmp_path):
    for name in ("disk1", "disk2"):
        (tmp_path / name).mkdir()
    root.symlink_to(tmp_path / "disk1")
    ours = sink(root)
    ours.append(row())
    root.unlink()
    root.symlink_to(tmp_path / "disk2")
    (tmp_path / "disk2" / "293/call").mkdir(parents=True)
    ours.append(row())
    assert len(content(tmp_path / "disk2").splitlines()) == 2


def test_p2_no_ordinary_file_is_refused(root):
    (root / "293/call").mkdir(parents=True)
    os.mkfifo(root / FILE)
    with pytest.raises(StoreUnavailable, match="EINVAL"):
        sink(root).append(row())


def test_without_proc_the_path_is_looked_at(root, monkeypatch):
    real = os.readlink

    def readlink(path, **more):
        if str(path).startswith("/proc"):
            raise FileNotFoundError(path)
        return real(path, **more)

    monkeypatch.setattr(os, "readlink", readlink)
    sink(root).append(row())
    assert content(root).endswith(f"{EXAMPLE}\r\n")


def test_p5_forced_to_disk(root, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    ours = sink(root, fsync=True)
    ours.append(row())
    ours.append(row())
    assert len(synced) == 3, "the file twice, its folder once"


def test_p5_an_unwritable_folder_is_a_failure_and_says_nothing(root, caplog):
    root.write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable) as caught:
        sink(root).append(row())
    assert str(root) not in str(caught.value)
    assert "9848012345" not in caplog.text


def test_p5_a_replaced_file_is_opened_anew(root):
    """Whoever waited for the lock of a file that was meanwhile replaced writes to the new one."""
    ours = sink(root)
    ours.append(row())
    path = root / FILE
    held = os.open(path, os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    writer = SPAWN.Process(target=append_rows, args=(str(root), 1))
    writer.start()
    time.sleep(0.3)
    fresh = path.with_name("fresh")
    fresh.write_bytes(path.read_bytes())
    fresh.replace(path)
    os.close(held)
    writer.join(20)
    assert len(content(root).splitlines()) == 3


def test_p5_a_lock_that_stays_taken_is_a_failure(root, monkeypatch):
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.05)
    ours = sink(root)
    ours.append(row())
    held = os.open(root / FILE, os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(StoreUnavailable, match="EAGAIN"):
        ours.append(row())
    os.close(held)
    ours.append(row())
    assert len(content(root).splitlines()) == 3


def test_p5_a_file_replaced_again_and_again_is_a_failure(root, monkeypatch):
    ours = sink(root)
    ours.append(row())
    monkeypatch.setattr(module, "_is_in_use", lambda _: False)
    with pytest.raises(StoreUnavailable, match="EBUSY"):
        ours.append(row())


def test_checked_files_are_forgotten_when_there_are_many(root, monkeypatch):
    monkeypatch.setattr(module, "_MOST_CHECKED", 2)
    ours = sink(root, path="{reportType}.csv")
    for name in "abcab":
        ours.append(row(report_type=name))
    assert len(ours._checked) <= 2
    assert len(content(root, "a.csv").splitlines()) == 3


def append_rows(root, count, start=0):
    ours = sink(root)
    for number in range(start, start + count):
        ours.append(row(flow_id=str(number), dtmf="x" * (number % 60)))


def run_writers(root, processes, rows):
    running = [
        SPAWN.Process(target=append_rows, args=(str(root), rows, n * rows))
        for n in range(processes)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(120)
        assert process.exitcode == 0


def check_all_rows(root, expected):
    lines = read(root / FILE)
    assert lines[0] == list(COLUMNS)
    assert all(len(line) == 7 for line in lines), "no torn line"
    found = sorted(int(line[2]) for line in lines[1:])
    assert found == list(range(expected)), "none lost, one header"


def test_p5_several_processes_write_one_file(root):
    run_writers(root, 3, 60)
    check_all_rows(root, 180)


@pytest.mark.soak
@pytest.mark.parametrize("turn", range(5))
def test_p5_eight_processes_with_three_hundred_rows_each(root, turn):
    run_writers(root, 8, 300)
    check_all_rows(root, 2400)


def append_for_ever(root):
    ours = sink(root)
    number = 0
    while True:
        ours.append(row(flow_id=str(number), dtmf="y" * 60))
        number += 1


def kill_writer(root, seconds):
    path = root / FILE
    before = path.stat().st_size if path.exists() else 0
    process = SPAWN.Process(target=append_for_ever, args=(str(root),))
    process.start()
    deadline = time.monotonic() + 20
    while (not path.exists() or path.stat().st_size <= before) and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def check_readable(root):
    sink(root).append(row(flow_id="after"))
    lines = read(root / FILE)
    whole = [line for line in lines[1:] if len(line) == 7]
    assert lines[-1][2] == "after"
    return [int(line[2]) for line in whole if line[2] != "after"], len(lines) - 1 - len(whole)


def test_p5_a_killed_writer_leaves_whole_lines(root):
    kill_writer(root, 0.05)
    numbers, torn = check_readable(root)
    assert numbers == list(range(len(numbers)))
    assert torn <= 1, "only the last line may be torn"


@pytest.mark.soak
def test_p5_killed_writers_again_and_again(root):
    for turn in range(100):
        kill_writer(root, 0.002 * (turn % 10))
        numbers, torn = check_readable(root)
        assert torn <= turn + 1
    assert len(numbers) > 100


def append_until_full(root, limit, told):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    ours = sink(root)
    for number in range(100):
        try:
            ours.append(row(flow_id=str(number)))
        except StoreUnavailable as error:
            told.put((number, str(error)))
            return


@pytest.mark.parametrize("more", [1, 40, 91])
def test_p5_disk_full_leaves_no_half_line(root, more):
    """A limit on the size of files ends a write in the middle, as a full disk does."""
    line = len(EXAMPLE) + 2
    limit = len(HEADER) + 2 + 3 * line - 3 * 3 + more  # flow ids have one digit, not four
    told = SPAWN.SimpleQueue()
    process = SPAWN.Process(target=append_until_full, args=(str(root), limit, told))
    process.start()
    process.join(30)
    number, words = told.get()
    assert number >= 3
    assert errno.errorcode[errno.ENOSPC] in words or errno.errorcode[errno.EFBIG] in words
    lines = content(root).splitlines(keepends=True)
    assert len(lines) == number + 1
    assert all(text.endswith("\r\n") and text.count(",") == 6 for text in lines)


def test_log_and_error_name_no_number(root, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(module, "_write", fail)
    with pytest.raises(StoreUnavailable) as caught:
        sink(root).append(row())
    assert "9848012345" not in caplog.text + str(caught.value)
    assert caught.value.__cause__ is None


def fail(*_):
    raise OSError(errno.EIO, "9848012345")


def test_written_at_is_ours(root):
    sink(root).append(row(written_at=NOW.replace(microsecond=123999)))
    assert content(root).endswith("2026-11-18T10:30:00.123+05:30\r\n")
