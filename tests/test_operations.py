"""The pages for operators: examples run, and every line of the delivery's log is explained."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from rules.bootstrap import build
from rules.settings import Settings
from tests.rows import each

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```", (DOCS / "flow_ends.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
LOGGING = [
    *("cli/node.py", "cli/sign.py", "gateways/engine/delivery.py", "gateways/accounts.py"),
    *("services/handover.py", "services/pushing.py", "services/receiving.py"),
    *("services/webhooks.py", "storage/database.py", "worker.py", "web/health.py"),
]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_run(number):
    exec(compile(EXAMPLES[number], "flow_ends.md", "exec"), {})  # noqa: S102  our own page


def messages(path):
    """The plain texts that a module logs."""
    for node in ast.walk(ast.parse((ROOT / "rules" / path).read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.args else None
            if node.func.attr in LEVELS and isinstance(first, ast.Constant):
                yield str(first.value)


@each("path", LOGGING)
def test_every_line_of_the_log_is_explained(path):
    page = (DOCS / "operations.md").read_text("utf-8")
    said = [text.removesuffix(" %s") for text in messages(path)]
    assert said or path == "services/pushing.py"
    assert [text for text in said if f"`{text}" not in page] == []


def test_the_parts_of_the_health_page_are_explained(tmp_path):
    page = (DOCS / "operations.md").read_text("utf-8")
    accounts = tmp_path / "accounts.toml"
    accounts.write_text("[default]\n", "utf-8")
    database = str(tmp_path / "rules.sqlite3")
    parts = set(build(Settings(database=database, accounts=str(accounts))).health)
    assert {"data", "database", "delivery", "outbound", "messages", "accounts"} <= parts
    assert [part for part in parts if f"| `{part}` |" not in page] == []
