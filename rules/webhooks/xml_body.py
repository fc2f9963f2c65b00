"""XML of a reply: read without DTD, entities or network, and asked with paths.

A path without prefix that finds nothing in a document with namespaces is tried once more on a copy
without them, because that is what a flow designer means by `//order`.

>>> document = read(b'<s:E xmlns:s="urn:s" xmlns="urn:o"><order id="77"/></s:E>')
>>> document.find(read_xml_path("//order/@id")).texts
('77',)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from lxml import etree

from rules.webhooks.xml_paths import XmlPath, read_xml_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Document", "NodeSet", "NotXml", "Scalar", "is_well_formed", "read", "read_xml_path"]

Names = tuple[tuple[str, str], ...]

MOST = 20
_CAREFUL = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}
MOST_NAMESPACES = 256
"""So many declarations may be in force at one place; beyond, the library takes minutes."""
_AS_ASCII = re.compile(r"utf-8|us-ascii|ascii|iso-8859-|windows-125", re.IGNORECASE)
_PREFIXED = re.compile(r"""(?:</?|\s)([^\s:/<>="']+):""")
_UNPREFIXED = re.compile(r"<[^\s:/<>]+[\s/>]")
_DECLARATION = re.compile(r"""\sxmlns(?::([^\s=]+))?=(?:"[^"]*"|'[^']*')""")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TRUE = frozenset(("true", "1"))


class NotXml(ValueError):
    """The text is no well-formed XML, or has a DOCTYPE."""


@dataclass(frozen=True)
class NodeSet:
    """Nodes that were found: texts of the first ones, in document order, and how many there are.

    One that says `xsi:nil` among several is empty text.
    """

    texts: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Scalar:
    """What a function gave."""

    text: str


def read(body: bytes, charset: str = "") -> Document:
    """A document; `charset` is tried when its own declaration does not lead anywhere."""
    try:
        return Document(_root(body), body)
    except NotXml:
        if not charset:
            raise
    try:
        text = body.decode(charset).encode()
    except (LookupError, ValueError):
        raise NotXml from None
    return Document(_root(text, "utf-8"), text, "utf-8")


def is_well_formed(body: bytes) -> bool:
    """May this be sent as XML?"""
    try:
        _root(body)
    except NotXml:
        return False
    return True


def _root(body: bytes, encoding: str | None = None) -> Any:
    try:
        parser = etree.XMLParser(
            encoding=encoding, remove_comments=True, remove_pis=True, **_CAREFUL
        )
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        raise NotXml from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise NotXml
    seldom = _AS_ASCII.match(info.encoding or "") and body.count(b"xmlns") <= MOST_NAMESPACES
    if not seldom and _most_in_force(body, encoding) > MOST_NAMESPACES:
        raise NotXml
    return root


def _declarations(body: bytes, encoding: str | None) -> Iterator[tuple[str, Any]]:
    """Where namespaces begin to be in force (with prefix and name) and end, in order."""
    events: Iterator[tuple[str, Any]] = etree.iterparse(
        BytesIO(body), events=("start-ns", "end-ns"), encoding=encoding, **_CAREFUL
    )
    return events


def _most_in_force(body: bytes, encoding: str | None) -> int:
    """How many declarations are in force where they are most."""
    most = now = 0
    for event, _ in _declarations(body, encoding):
        now += 1 if event == "start-ns" else -1
        most = max(most, now)
    return most


class Document:
    """A document that was read; asked with `find`."""

    def __init__(self, root: Any, body: bytes, encoding: str | None = None) -> None:
        self._root = root
        self._body = body
        self._encoding = encoding

    def find(self, path: XmlPath) -> NodeSet | Scalar | None:
        """What the path finds; None when it is unresolved."""
        root, names, size = self._where(path)
        if path.function == "count":
            return Scalar(str(size))
        first = _ask(root, f"({path.path})[position() <= {MOST}]", names) if size else []
        if not first or ((size == 1 or path.function) and _is_nil(first[0])):
            return None
        if path.function:
            return Scalar(_ask(root, f"{path.function}({path.path})", names))
        return NodeSet(tuple("" if _is_nil(node) else _text(node) for node in first), size)

    def _where(self, path: XmlPath) -> tuple[Any, Names, int]:
        """Where the path finds something, with which prefixes, and how many nodes."""
        names = self._names(path.prefixes)
        if names is None:
            return self._root, (), 0
        count = f"count({path.path})"
        size = int(_ask(self._root, count, names))
        if size or path.prefixes or self._plain is None:
            return self._root, names, size
        return self._plain, names, int(_ask(self._plain, count, names))

    def _names(self, prefixes: Sequence[str]) -> Names | None:
        """Prefixes and what the document binds them to first; None when it does not know one."""
        if not all(prefix in self._bindings for prefix in prefixes):
            return None
        return tuple((prefix, self._bindings[prefix]) for prefix in prefixes)

    @cached_property
    def _bindings(self) -> dict[str, str]:
        """What each prefix is bound to first. Read anew: asking each element takes too long."""
        found: dict[str, str] = {}
        for event, binding in _declarations(self._body, self._encoding):
            if event == "start-ns":
                found.setdefault(*binding)
        return found

    @cached_property
    def _plain(self) -> Any:
        """The root of the document without namespaces; None when it has none.

        Read anew: copying searches the declarations for each element.
        """
        if not any(_is_named(one) for one in self._root.iter()):
            return None
        root = _root(self._body, self._encoding)
        for one in root.iter():
            one.tag = _local(one.tag)
            for key in [key for key in one.attrib if key[0] == "{" and key != _NIL]:
                value = one.attrib.pop(key)
                if _local(key) not in one.attrib:
                    one.set(_local(key), value)
        etree.cleanup_namespaces(root)
        return root


def _is_named(element: Any) -> bool:
    """Has the element, or one of its attributes, a namespace?"""
    return element.tag[0] == "{" or any(key[0] == "{" for key in element.attrib)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _is_nil(node: Any) -> bool:
    return not isinstance(node, str) and node.get(_NIL, "").strip() in _TRUE


def _text(node: Any) -> str:
    """An attribute or text as it is; an element's text, or its XML when it has elements inside."""
    if isinstance(node, str):
        return node
    if not len(node):
        return (node.text or "").strip()
    written: str = etree.tostring(node, encoding="unicode", with_tail=False)
    return _with_used_declarations(written)


def _with_used_declarations(written: str) -> str:
    """XML of an element without the declarations of its parents that nothing in it uses.

    The library writes `<` in values as `&lt;`, so what follows a `<` is a tag. A prefix found in a
    text keeps a declaration more than needed, which does no harm.
    """
    end = written.index(">")
    if "xmlns" not in written[:end]:
        return written
    used = set(_PREFIXED.findall(written))
    plain = bool(_UNPREFIXED.search(written))

    def keep(match: re.Match[str]) -> str:
        return match[0] if (match[1] in used if match[1] else plain) else ""

    return _DECLARATION.sub(keep, written[:end]) + written[end:]


@lru_cache(maxsize=1024)
def _compiled(expression: str, names: Names) -> Any:
    namespaces = dict(names) or None
    return etree.XPath(expression, namespaces=namespaces, regexp=False, smart_strings=False)


def _ask(root: Any, expression: str, names: Names) -> Any:
    """What XPath gives."""
    return _compiled(expression, names)(root)
