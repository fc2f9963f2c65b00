"""`python -m tests.bench [TOPIC ...]`: run the benchmarks, write `docs/performance.md`.

Without topics all run. Figures are kept in `tests/bench/results.json`, so that one topic can be
measured again without the others.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench._row import Row

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
PAGE = HERE.parents[1] / "docs" / "performance.md"
TOPICS = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
PACKAGES = ("flask", "gunicorn", "phonenumbers", "holidays", "python-dateutil", "sqlalchemy")

INTRO = """\
# Performance

Every figure stands beside a yardstick measured in the same run: the ratio is what counts, the
figures themselves depend on the machine and on its other work. `make bench` measures anew and
writes this page; `python -m tests.bench dates` measures one topic.
"""


def run(topic: str) -> dict:
    """Measure one topic and say where and with what."""
    module = importlib.import_module(f"tests.bench.bench_{topic}")
    rows = []
    for bench in module.BENCHES:
        found = bench()
        for row in found if isinstance(found, list) else [found]:
            print(line(row), flush=True)
            rows.append(asdict(row))
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} x {platform.machine()}, CPython {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "rows": rows,
    }


def number(value: float | None) -> str:
    """A figure with three digits that matter."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def line(row: Row) -> str:
    """A row of the page's table."""
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    yardstick = f"{number(row.yardstick)} ({row.against})" if row.against else ""
    cells = [
        row.name,
        f"{number(row.ours)} {row.unit}",
        yardstick,
        number(row.ratio),
        row.wanted,
        met,
        row.note,
    ]
    return "| " + " | ".join(cells) + " |"


def page(results: dict) -> str:
    """`docs/performance.md` from the kept figures."""
    parts = [INTRO]
    for topic in sorted(results):
        found = results[topic]
        parts.append(f"\n## {topic.replace('_', ' ').capitalize()}\n")
        parts.append(f"{found['measured']}; {found['machine']}; {found['versions']}\n")
        parts.append("| what | ours | yardstick | ratio | wanted | met | remark |")
        parts.append("| --- | --- | --- | --- | --- | --- | --- |")
        parts += [line(Row(**row)) for row in found["rows"]]
    return "\n".join(parts) + "\n"


def main() -> int:
    """Run what was asked for, keep the figures, write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    chosen = parser.parse_args().topics or TOPICS
    if unknown := set(chosen) - set(TOPICS):
        parser.error(f"no such topic: {', '.join(sorted(unknown))}")
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for topic in chosen:
        print(f"\n{topic}", flush=True)
        results[topic] = run(topic)
        RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
        PAGE.write_text(page(results), "utf-8")
    print(f"\nwritten: {PAGE.relative_to(HERE.parents[1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
