"""The budgets of the code, counted: sizes, docstrings, and what may be imported where."""

from __future__ import annotations

import ast
import statistics
from functools import cache
from pathlib import Path

from tests.rows import each

ROOT = Path(__file__).parents[1]
MODULES = sorted([*(ROOT / "rules").rglob("*.py"), ROOT / "webapp.py"])
SOURCES = {path: path.read_text("utf-8") for path in MODULES}


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(text) for path, text in SOURCES.items()}


def length(node) -> int:
    """Lines of a function without its docstring."""
    lines = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node, clean=False) is not None:
        lines -= node.body[0].end_lineno - node.body[0].lineno + 1
    return lines


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_modules_are_small():
    sizes = {name(path): text.count("\n") for path, text in SOURCES.items()}
    assert {path: size for path, size in sizes.items() if size > 300} == {}
    assert statistics.median(sizes.values()) <= 120


def test_functions_are_small():
    lengths = {
        f"{name(path)}:{node.lineno} {node.name}": length(node)
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {place: size for place, size in lengths.items() if size > 50} == {}
    sizes = lengths.values()
    assert statistics.median(sizes) <= 8
    assert statistics.quantiles(sizes, n=10)[-1] <= 25


def test_nothing_imports_the_web_door():
    importers = [
        name(path)
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and node.module == "webapp")
        or (isinstance(node, ast.Import) and any(a.name == "webapp" for a in node.names))
    ]
    assert importers == []


NETWORK = {"requests", "urllib3", "http.client", "socket", "urllib.request", "ssl", "ftplib"}
DOORS = (
    *("rules/gateways/http.py", "rules/gateways/_"),
    *("rules/sandbox/", "rules/cli/serve.py", "rules/cli/sandbox.py"),  # these listen
    "rules/cli/web_worker.py",  # listens too
    "rules/cli/node.py",  # asks for its own name
)


def imported(tree) -> set[str]:
    """Full names of the modules a tree imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_only_the_outgoing_client_reaches_other_hosts():
    others = {
        (name(path), module)
        for path, tree in trees().items()
        if not name(path).startswith(DOORS)
        for module in imported(tree)
        if any(module == one or module.startswith(f"{one}.") for one in NETWORK)
    }
    assert others == set()


@each("word", ["NotImplementedError", "TODO", "FIXME", "# type: ignore\n"])
def test_no_unfinished_work(word):
    assert [name(path) for path, text in SOURCES.items() if word in text] == []


def test_packages_say_what_they_export():
    silent = [
        name(path)
        for path, tree in trees().items()
        if path.name == "__init__.py"
        and any(isinstance(node, ast.ImportFrom) for node in tree.body)
        and "__all__" not in SOURCES[path]
    ]
    assert silent == []
