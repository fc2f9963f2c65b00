"""XML of a reply: read without DTD, entities or network, and asked with paths.

A path without prefix that finds nothing in a document with namespaces is tried once more on a copy
without them, because that is what a flow designer means by `//order`.

>>> document = read(b'<s:E xmlns:s="urn:s" xmlns="urn:o"><order id="77"/></s:E>')
>>> document.find(read_xml_path("//order/@id")).texts
('77',)
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from rules.webhooks.xml_paths import XmlPath, read_xml_path

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Document", "NodeSet", "NotXml", "Scalar", "is_well_formed", "read", "read_xml_path"]

Names = tuple[tuple[str, str], ...]

MOST = 20
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
        return Document(_root(body))
    except NotXml:
        if not charset:
            raise
    try:
        text = body.decode(charset).encode()
    except (LookupError, ValueError):
        raise NotXml from None
    return Document(_root(text, "utf-8"))


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
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        raise NotXml from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise NotXml
    return root


class Document:
    """A document that was read; asked with `find`."""

    def __init__(self, root: Any) -> None:
        self._root = root

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
        names = []
        for prefix in prefixes:
            bound = (one.nsmap.get(prefix) for one in self._root.iter())
            name = next((uri for uri in bound if uri), None)
            if name is None:
                return None
            names.append((prefix, name))
        return tuple(names)

    @cached_property
    def _plain(self) -> Any:
        """The root of a copy without namespaces; None when the document has none."""
        if not any(_is_named(one) for one in self._root.iter()):
            return None
        root = deepcopy(self._root)
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
    alone = deepcopy(node)
    etree.cleanup_namespaces(alone)
    written: str = etree.tostring(alone, encoding="unicode", with_tail=False)
    return written


@lru_cache(maxsize=1024)
def _compiled(expression: str, names: Names) -> Any:
    namespaces = dict(names) or None
    return etree.XPath(expression, namespaces=namespaces, regexp=False, smart_strings=False)


def _ask(root: Any, expression: str, names: Names) -> Any:
    """What XPath gives."""
    return _compiled(expression, names)(root)
