"""Call reports: appends against the bare loop and the bare insert, exports, eight processes."""

from __future__ import annotations

import csv
import fcntl
import functools
import io
import itertools
import multiprocessing
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rules.gateways.report_export import export
from rules.gateways.report_sinks import ReportSinks
from rules.gateways.reports import CsvSink
from rules.reports import COLUMNS, Place, ReportRow, csv_line
from rules.services.reports import Query
from rules.storage import make_engine, migrate
from rules.storage.memory.reports import MemoryReports
from rules.storage.reports import SqlReports
from tests.bench._row import Row, in_turn

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=KOLKATA)
CALLS = Query("293", "call")
START = "2026-11-18T09:00:00.000+05:30"
HUNDRED_THOUSAND, MILLION = 100_000, 1_000_000
PROCESSES, EACH = 8, 3000
_folder = tempfile.TemporaryDirectory(prefix="flow-rules-bench-")
FOLDER = Path(_folder.name)
_numbers = itertools.count()


def row(number: int = 0) -> ReportRow:
    """A row as a request makes it."""
    moment = NOW + timedelta(milliseconds=number % 40_000_000)
    return ReportRow(
        "call", str(number % 10), "8657", "293", f"98{number % 10**8:08}", START, moment
    )


def bare_append(path: str, values: tuple[str, ...]) -> None:
    """Open, lock, format with the csv module, write, close; nothing else."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    text = io.StringIO(newline="")
    csv.writer(text).writerow(values)
    os.write(descriptor, text.getvalue().encode())
    os.close(descriptor)


def csv_append() -> Row:
    """One row to a file that is there."""
    sink, one, path = CsvSink(FOLDER / "append", Place()), row(), str(FOLDER / "bare.csv")
    ours, bare = in_turn(
        lambda: sink.append(one), lambda: bare_append(path, one.values()), number=3000
    )
    return Row(
        "append a row to a CSV report",
        ours * 1e6,
        "µs",
        bare * 1e6,
        "open, lock, csv, write, close",
        ours / bare,
        "<= 3",
    )


def walls(calls: list[Callable[[], object]], *, number: int, repeats: int = 7) -> list[float]:
    """Median seconds of the clock on the wall for each, measured in turn: disks are waited for."""
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        for call, times in zip(calls, found, strict=True):
            start = time.perf_counter()
            for _ in range(number):
                call()
            times.append((time.perf_counter() - start) / number)
    return [statistics.median(times) for times in found]


@functools.cache
def database() -> str:
    """A fresh database with our schema."""
    path = str(FOLDER / "rules.sqlite3")
    engine = make_engine(path)
    migrate(engine)
    engine.dispose()
    return path


def sql_append() -> Row:
    """One row to the table, on disk when it returns, on SQLite."""
    table, one = SqlReports(make_engine(database())), row()
    raw = sqlite3.connect(database(), isolation_level=None)
    for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL"):
        raw.execute(f"PRAGMA {pragma}")
    insert = (
        "INSERT INTO rules_report_rows (report_type, dtmf, flow_id, account_id, dnis,"
        " start_time, written_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    values = (*one.values()[:6], 1_794_978_000_000_000)
    calls = [lambda: table.append(one, upsert=False), lambda: raw.execute(insert, values)]
    ours, bare = walls(calls, number=300)
    raw.close()
    return Row(
        "append a row to the table",
        ours * 1e6,
        "µs",
        bare * 1e6,
        "sqlite3, the same durability",
        ours / bare,
        "<= 1.5",
    )


def filled(name: str, rows: int, *, in_order: bool = True) -> ReportSinks:
    """A folder with one file of so many rows."""
    path = FOLDER / name / "293" / "call" / "2026-11-18.csv"
    path.parent.mkdir(parents=True)
    numbers = list(range(rows))
    if not in_order:
        random.Random(1).shuffle(numbers)
    with path.open("wb") as file:
        file.write(csv_line(COLUMNS))
        for number in numbers:
            file.write(csv_line(row(number).values()))
    return ReportSinks(FOLDER / name, MemoryReports())


def exports() -> list[Row]:
    """100,000 rows to CSV, against the csv module writing rows that are in memory."""
    in_memory = [row(number).values() for number in range(HUNDRED_THOUSAND)]

    def plain() -> None:
        with (FOLDER / "plain.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *in_memory])

    engine = make_engine(database())
    with sqlite3.connect(database()) as raw:
        raw.execute("DELETE FROM rules_report_rows")
        raw.executemany(
            "INSERT INTO rules_report_rows (report_type, dtmf, flow_id, account_id, dnis,"
            " start_time, written_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*values[:6], 1_794_978_000_000_000 + n) for n, values in enumerate(in_memory)],
        )
    places = {
        "from files": (filled("files", HUNDRED_THOUSAND), Place(), "<= 1.5"),
        "from files, rows out of order": (
            filled("shuffled", HUNDRED_THOUSAND, in_order=False),
            Place(),
            "",
        ),
        "from the table": (ReportSinks(None, SqlReports(engine)), Place(sink="sql"), ""),
    }
    found = []
    for name, (sinks, place, wanted) in places.items():
        run = functools.partial(
            export, sinks.at(place), CALLS, FOLDER / "out.csv", form="csv", zone=KOLKATA
        )
        ours, bare = in_turn(run, plain, repeats=5, number=1)
        found.append(
            Row(
                f"export 100,000 rows to CSV, {name}",
                ours,
                "s",
                bare,
                "csv module, rows in memory",
                ours / bare,
                wanted,
            )
        )
    engine.dispose()
    return found


def write_many(run: str, ours: bool, ready: object, go: object) -> None:
    """What one of the processes does."""
    sink, one, path = CsvSink(Path(run), Place()), row(), f"{run}.csv"
    values = one.values()
    ready.release()
    go.wait()
    for _ in range(EACH):
        if ours:
            sink.append(one)
        else:
            bare_append(path, values)


def rate(*, ours: bool) -> float:
    """Rows a second of all processes together, from their common start to the last one's end."""
    context = multiprocessing.get_context("fork")
    ready, go = context.Semaphore(0), context.Event()
    run = str(FOLDER / f"run{next(_numbers)}")
    processes = [
        context.Process(target=write_many, args=(run, ours, ready, go)) for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    start = time.perf_counter()
    go.set()
    for process in processes:
        process.join()
    return PROCESSES * EACH / (time.perf_counter() - start)


def eight_processes() -> Row:
    """Rows a second into one file."""
    pairs = [(rate(ours=True), rate(ours=False)) for _ in range(3)]
    ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Row(
        "rows a second from 8 processes into one file",
        ours,
        "rows/s",
        bare,
        "the bare loop in 8 processes",
        ours / bare,
    )


PEAK = """
import sys
from pathlib import Path
from tests.bench._memory import peak
from tests.bench.bench_reports import CALLS, KOLKATA, Place, ReportSinks, MemoryReports, export
folder, form = sys.argv[1:]
sink = ReportSinks(Path(folder), MemoryReports()).at(Place())
count = export(sink, CALLS, Path(folder) / f"out.{form}", form=form, zone=KOLKATA)
assert count == 1_000_000
print(peak())
"""


def peaks() -> list[Row]:
    """Memory and time of a million rows, each in a process of its own."""
    filled("million", MILLION)
    filled("mixed", MILLION, in_order=False)
    found = []
    for form, name in (
        ("csv", "million"),
        ("csv", "mixed"),
        ("parquet", "million"),
        ("xlsx", "million"),
    ):
        start = time.perf_counter()
        ended = subprocess.run(
            [sys.executable, "-c", PEAK, str(FOLDER / name), form],
            capture_output=True,
            text=True,
            check=True,
        )
        spent = time.perf_counter() - start
        order = "" if name == "million" else ", rows out of order"
        found.append(
            Row(
                f"memory of an export of 1,000,000 rows to {form}{order}",
                float(ended.stdout),
                "MiB",
                wanted="<= 300",
                note=f"{spent:.0f} s",
            )
        )
    return found


BENCHES: list[Callable[[], Row | list[Row]]] = [
    csv_append,
    sql_append,
    exports,
    eight_processes,
    peaks,
]
