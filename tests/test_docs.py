"""The documents tell the truth: examples run, every method, field and setting is named."""

from __future__ import annotations

import doctest
import importlib
import linecache
import pkgutil
import re
from pathlib import Path

import rules
from rules.envelope import Field
from rules.methods import METHODS, TOPICS
from rules.settings import Settings
from tests.rows import each

DOCS = Path(__file__).parents[1] / "docs"
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(rules.__path__, "rules.")
    if module.name != "rules.__main__" and ".migrations." not in module.name
)


@each("name", MODULES)
def test_examples_run(name, monkeypatch):
    monkeypatch.setattr(linecache, "checkcache", lambda *_: None)  # or every file is looked at
    module = importlib.import_module(name)
    assert module.__doc__, "a module says what it is for"
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def section(text: str, title: str) -> str:
    """The part of a page under `## title`."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@each("method", METHODS.values())
def test_every_method_is_documented(method):
    text = section((DOCS / "methods.md").read_text("utf-8"), method.name)
    assert text, f"docs/methods.md has no section '## {method.name}'"
    names = [f.name for f in method.fields if isinstance(f, Field)]
    names = [n.removeprefix("$flow.key.") for n in (*names, *(r.name for r in method.replies))]
    names += [f.prefix for f in method.fields if not isinstance(f, Field)]
    missing = [name for name in names if f"`{name}`" not in text]
    assert missing == []
    codes = {f.code for f in method.fields if isinstance(f, Field) and f.code}
    assert {code for code in codes if code not in text} == set()


def test_every_setting_is_documented():
    text = (DOCS / "settings.md").read_text("utf-8")
    names = [*Settings.names(), *(name for topic in TOPICS for name in topic.names)]
    assert [name for name in names if f"`{name}`" not in text] == []
