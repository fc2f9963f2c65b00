"""The little of XPath that an XML map may use; everything else is a bad map.

Axes and nested paths can run for minutes on a small document, and no deadline stops a running
XPath, so a path is read by the grammar below and nothing else reaches the library.

    map   = path | ("string" | "count" | "normalize-space") "(" path ")"
    path  = ("/" | "//") step ("/" step)*                      "//" only in front
    step  = (name | prefix:name | "*") pred* | "@" name | "text()" | "."
    pred  = "[" n "]" | "[last()]" | "[@a]" | "[" what op literal "]"
          | "[contains(" what "," literal ")]" | "[starts-with(" what "," literal ")]"
    what  = name | "@" name | "text()" | "." | "position()" | "local-name()" | "normalize-space()"
    op    = "=" | "!=" | "<" | "<=" | ">" | ">="               literal = quoted text or number

The last three kinds of step stand only at the end. Blanks may stand between the parts of a
predicate.

>>> read_xml_path('count(//s:order/item[@n="2"])')
XmlPath(path='//s:order/item[@n="2"]', function='count', prefixes=('s',))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from rules.webhooks.paths import BadPath

__all__ = ["XmlPath", "read_xml_path"]

_LONGEST = 1024
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = f"[{_START}][{_START}.0-9\u00b7\u0300-\u036f\u203f-\u2040-]*+"
_LITERAL = r"""(?:"[^"]*"|'[^']*'|-?\d+(?:\.\d+)?)"""
_WHAT = rf"(?:text\(\)|position\(\)|local-name\(\)|normalize-space\(\)|\.|@{_NAME}|{_NAME}(?!\())"
_PREDICATE = rf"""\[\s*(?:
      \d{{1,9}}
    | last\(\)
    | @{_NAME}
    | {_WHAT}\s*(?:!=|<=|>=|=|<|>)\s*{_LITERAL}
    | (?:contains|starts-with)\(\s*{_WHAT}\s*,\s*{_LITERAL}\s*\)
    )\s*\]"""
_STEP = re.compile(rf"(?:(?P<prefix>{_NAME}):)?(?:{_NAME}|\*)(?!\()(?:{_PREDICATE})*", re.VERBOSE)
_LAST_STEP = re.compile(rf"@{_NAME}|text\(\)|\.")
_FUNCTION = re.compile(r"(string|count|normalize-space)\((.*)\)\Z", re.DOTALL)


@dataclass(frozen=True)
class XmlPath:
    """A path that keeps to the grammar: what finds the nodes, what is made of them."""

    path: str
    function: str = ""
    prefixes: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def read_xml_path(text: str) -> XmlPath:
    """Read a path by the grammar; raises `BadPath`."""
    if len(text) > _LONGEST:
        raise BadPath("a path of an XML map is too long")
    match = _FUNCTION.match(text)
    function, path = (match[1], match[2]) if match else ("", text)
    prefixes = _prefixes(path)
    names = dict.fromkeys(prefixes, "urn:any")
    try:
        etree.XPath(path, namespaces=names or None, regexp=False)
    except (etree.XPathError, ValueError):
        raise BadPath("no path of an XML map") from None
    return XmlPath("//node()" if path == "//." else path, function, prefixes)


def _prefixes(path: str) -> tuple[str, ...]:
    """The prefixes a path uses; raises `BadPath` when it leaves the grammar."""
    found: dict[str, None] = {}
    place = 2 if path.startswith("//") else 1 if path.startswith("/") else 0
    while place:
        if match := _STEP.match(path, place):
            if match["prefix"]:
                found[match["prefix"]] = None
        elif (match := _LAST_STEP.match(path, place)) is None or match.end() != len(path):
            break
        if match.end() == len(path):
            return tuple(found)
        if path[match.end()] != "/":
            break
        place = match.end() + 1
    raise BadPath("no path of an XML map")
