"""Whole columns and whole list files, against polars on the same rows in the same run."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from rules.tables import read_table
from tests.bench._row import Row

ROWS, SMALL, REPEATS = 5_000_000, 1_250_000, 3
_RATE = "million numbers/s"
LANGUAGES = ("TELGU", "HINDI", "ENGLISH")
CHUNK = 250_000
ENGINE = """
import sys, time
import polars as pl
from rules.telecom.vector import Engine
texts = pl.read_csv(sys.argv[1], columns=["phone"], infer_schema=False).to_series()
languages = ["TELGU", "HINDI", "ENGLISH"]
def seconds(engine):
    start = time.process_time()
    for first in range(0, len(texts), 500_000):
        part = texts.slice(first, 500_000)
        assert len(engine.run(part)) == len(part)
    return time.process_time() - start
print(seconds(Engine(languages=languages)))
for _ in range(int(sys.argv[2])):
    engine = Engine(languages=languages)
    print(seconds(engine), seconds(engine))
"""
OURS = """
import sys, time
import polars, pyarrow.parquet
from rules.cli import main
from tests.bench._memory import peak
source, target = sys.argv[1:3]
options = ["--number-column", "phone", "--languages", "TELGU,HINDI,ENGLISH", "--quiet"]
said, sys.stdout = sys.stdout, sys.stderr
start, cpu = time.perf_counter(), time.process_time()
assert main(["enrich", source, target, *options]) == 0
print(time.perf_counter() - start, time.process_time() - cpu, peak(), file=said)
"""
THEIRS = """
import os, sys, time
import polars as pl
source, answers, target = sys.argv[1:4]
added = [name for name in pl.scan_parquet(answers).collect_schema() if name.startswith("tel_")]
more = pl.read_parquet(answers, columns=added)
packed = source.endswith(".parquet")
start, cpu = time.perf_counter(), time.process_time()
frame = pl.read_parquet(source) if packed else pl.read_csv(source, infer_schema=False)
frame = frame.hstack(more)
if packed:
    frame.write_parquet(target)
else:
    frame.write_csv(target)
with open(target, "rb+") as file:
    os.fsync(file.fileno())
print(time.perf_counter() - start, time.process_time() - cpu, 0)
"""


def write_list(path: Path, rows: int) -> None:
    """Five columns; numbers of known series: bare, `91`, `+91` and `0` in equal shares."""
    draw = random.Random(3)
    prefixes = [row[0] for row in read_table("circles", ("prefix",), exact=False)]
    with path.open("w", encoding="utf-8") as file:
        file.write("id,phone,city,date,note\n")
        for start in range(0, rows, CHUNK):
            file.writelines(_row(row, draw, prefixes) for row in range(start, start + CHUNK))


def _row(row: int, draw: random.Random, prefixes: list[str]) -> str:
    prefix = draw.choice(prefixes)
    rest = 10 - len(prefix)
    number = f"{('', '91', '+91', '0')[row % 4]}{prefix}{draw.randrange(10**rest):0{rest}}"
    return f"{row},{number},city {row % 100},2026-11-18,some words of a note\n"


def run(program: str, *arguments: object, threads: int = 1) -> list[float]:
    """Figures that a program prints; a fresh interpreter each time."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env={**os.environ, "POLARS_MAX_THREADS": str(threads), "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(word) for word in done.stdout.split()]


class Lists:
    """The lists of one benchmark in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.csv, self.small = folder / "in.csv", folder / "small.csv"
        self.parquet, self.answers = folder / "in.parquet", folder / "answers.parquet"
        write_list(self.csv, ROWS)
        write_list(self.small, SMALL)
        make = "import polars as pl, sys; pl.scan_csv(sys.argv[1], infer_schema=False)"
        run(f"{make}.sink_parquet(sys.argv[2])", self.csv, self.parquet)
        run(OURS, self.csv, self.answers)

    def job(self, source: Path, ending: str, threads: int) -> tuple[list[float], list[float]]:
        """Medians of our figures and the yardstick's, taken in turn."""
        ours, theirs = [], []
        for _ in range(REPEATS):
            for program, found, arguments in (
                (OURS, ours, (source,)),
                (THEIRS, theirs, (source, self.answers)),
            ):
                target = self.folder / f"out{ending}"
                found.append(run(program, *arguments, target, threads=threads))
                target.unlink()
        return [list(map(statistics.median, zip(*found, strict=True))) for found in (ours, theirs)]


def _engine(lists: Lists) -> list[Row]:
    """With what is worked out for each block when it first occurs, and when all is known."""
    first, *taken = run(ENGINE, lists.csv, 7)
    whole = "5 million numbers in chunks, all added columns, one thread, CPU time"
    found = (
        ("engine", taken[::2], ">= 5", f"{whole}; blocks worked out as they occur"),
        ("engine, first list of a process", [first], "", "reads the tables too"),
        ("engine, blocks known", taken[1::2], "", "the same list again"),
    )
    return [
        Row(name, ROWS / statistics.median(times) / 1e6, _RATE, wanted=wanted, note=note)
        for name, times, wanted, note in found
    ]


def _job(lists: Lists, source: Path, ending: str, threads: int, wanted: str) -> Row:
    ours, theirs = lists.job(source, ending, threads)
    many = "one thread" if threads == 1 else "all threads"
    place = 1 if threads == 1 else 0
    name = f"list of 5 million rows, {ending[1:].upper()}, {many}"
    ratio = ours[place] / theirs[place]
    note = "CPU time" if threads == 1 else "wall clock, both safe on the disk"
    against = "polars alone: read, write the same rows and columns"
    return Row(name, ours[place], "s", theirs[place], against, ratio, wanted, note)


def _memory(lists: Lists) -> list[Row]:
    target = lists.folder / "memory.csv"
    found: list[list[float]] = [[], []]
    for _ in range(REPEATS):
        for source, peaks in zip((lists.small, lists.csv), found, strict=True):
            peaks.append(run(OURS, source, target, threads=2)[2])
            target.unlink()
    small, large = map(statistics.median, found)
    note = "peak of the whole process; yardstick: a quarter of the rows"
    name = "memory for 5 million rows, CSV"
    return [Row(name, large, "MiB", small, "1.25 million", large / small, "<= 1.1", note)]


def enrich() -> list[Row]:
    """All rows of the page."""
    with tempfile.TemporaryDirectory() as folder:
        lists = Lists(Path(folder))
        threads = os.cpu_count() or 2
        return [
            *_engine(lists),
            _job(lists, lists.csv, ".csv", 1, "<= 1.5"),
            _job(lists, lists.csv, ".csv", threads, ""),
            _job(lists, lists.parquet, ".parquet", 1, "<= 1.5"),
            *_memory(lists),
        ]


BENCHES = [enrich]
