from __future__ import annotations

import shutil
from pathlib import Path

from building.upstream import changed

SOURCES = Path(__file__).parents[2] / "data" / "sources"


def test_the_phone_library_is_the_one_the_tables_were_made_from():
    assert changed(SOURCES) == []


def test_a_changed_list_is_named_with_what_to_do(tmp_path):
    shutil.copy(SOURCES / "upstream.csv", tmp_path)
    path = tmp_path / "upstream.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[1] = "operators,9.0.1," + "0" * 64
    path.write_text("\n".join(lines) + "\n", "utf-8")
    (line,) = changed(tmp_path)
    assert "Indian operators changed between 9.0.1 and" in line
    assert "mobile_series.csv" in line
