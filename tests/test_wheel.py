"""The built wheel works from any directory: data, templates, migrations and commands are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
        names = archive.namelist()
    return folder / "site", names


PROGRAM = """
import rules, webapp
from rules.cli import main
print(rules.__file__, webapp.__file__)
assert main(["call", "findLanguage", "cli=9848012345"]) == 0
assert main(["migrate"]) == 0
print(webapp.create_app().test_client().get("/console/findLanguage").text)
"""


def test_only_what_belongs_is_in_it(installed):
    _, names = installed
    tops = {name.split("/")[0] for name in names}
    assert {"rules", "webapp.py"} < tops
    assert {top for top in tops if "dist-info" not in top} == {"rules", "webapp.py"}
    data = [name.removeprefix("rules/data/") for name in names if name.startswith("rules/data/")]
    assert {name.rpartition(".")[2] for name in data} == {"csv", "json", "md"}
    assert not [name for name in data if "/" in name]
    assert "rules/data/circles.csv" in names


def test_it_runs_from_its_own_files(installed):
    site, _ = installed
    environ = {**os.environ, "PYTHONPATH": str(site), "RULES_DATABASE": str(site / "x.sqlite3")}
    command = [sys.executable, "-c", PROGRAM]
    found = subprocess.run(command, env=environ, cwd=site.parent, capture_output=True, check=True)
    said = found.stdout.decode()
    assert said.splitlines()[0].count(str(site)) == 2
    assert "TELUGU" in said
    assert "schema went from nothing" in said
    assert "<form" in said
