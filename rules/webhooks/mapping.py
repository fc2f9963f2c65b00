"""From a reply's body to variables: which value goes into which variable.

A map is compiled once and kept. Applying it never raises: a body that cannot be read, or a
mandatory path that leads nowhere, is a reason.

>>> entries = (MapEntry("$flow.key.city", "data.address.city", mandatory=True),)
>>> apply_map(compile_map(entries, "json"), '{"address": {"city": "पुणे"}}'.encode()).variables
{'$flow.key.city': 'पुणे'}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rules.errors import RulesError
from rules.headers import has_control
from rules.webhooks import json_body, xml_body
from rules.webhooks.paths import UNRESOLVED, BadPath, read_path
from rules.webhooks.xml_paths import read_xml_path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BadMap", "CompiledMap", "MapEntry", "Mapped", "apply_map", "compile_map"]

MOST = xml_body.MOST
"""So many entries of a list become variables; `_size` says how many there were."""
_PREFIXES = ("$flow.key.", "$user.key.")
_OURS = "response_"
_REASON = "error_reason"


class BadMap(RulesError):
    """A map that can never work; the message names the entry, not what stands in it."""

    code = "INVALID_RESPONSE_MAP"


@dataclass(frozen=True)
class MapEntry:
    """Save what `path` finds in the variable `save_in`; when `mandatory` it must find something."""

    save_in: str
    path: str
    mandatory: bool = False


@dataclass(frozen=True)
class CompiledMap:
    """Entries with their paths compiled."""

    response_type: str
    entries: tuple[tuple[MapEntry, Any], ...]

    @property
    def needs_a_body(self) -> bool:
        """Is an entry mandatory?"""
        return any(entry.mandatory for entry, _ in self.entries)


@dataclass(frozen=True)
class Mapped:
    """The variables in map order; `unreadable`: the body is not of its type; `missing`: E6."""

    variables: dict[str, str] = field(default_factory=dict)
    unreadable: bool = False
    missing: bool = False
    cut: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def compile_map(entries: tuple[MapEntry, ...], response_type: str) -> CompiledMap:
    """Compile every path; raises `BadMap` for the first entry that can never work."""
    read = read_xml_path if response_type == "xml" else read_path
    compiled = []
    taken = set()
    for place, entry in enumerate(entries, 1):
        if not _is_usable(entry.save_in):
            raise BadMap(f"mapping {place}: save_in must be $flow.key.<name> or $user.key.<name>")
        if entry.save_in in taken:
            raise BadMap(f"mapping {place}: save_in is used twice")
        taken.add(entry.save_in)
        try:
            compiled.append((entry, read(entry.path)))
        except BadPath:
            raise BadMap(f"mapping {place}: this path can never work") from None
    return CompiledMap(response_type, tuple(compiled))


def _is_usable(name: str) -> bool:
    """A variable of a flow or a customer, none of those that say how the call went."""
    prefix = next((p for p in _PREFIXES if name.startswith(p)), None)
    if prefix is None:
        return False
    bare = name[len(prefix) :].casefold()
    ours = bare.startswith(_OURS) or bare == _REASON
    return bool(bare.strip()) and not ours and not has_control(bare)


def apply_map(compiled: CompiledMap, body: bytes, charset: str = "") -> Mapped:
    """The variables of a body that is not empty; never raises."""
    find = _xml if compiled.response_type == "xml" else _json
    variables: dict[str, str] = {}
    cut = []
    try:
        document = (
            xml_body.read(body, charset)
            if compiled.response_type == "xml"
            else json_body.read(body)
        )
        for entry, path in compiled.entries:
            found = dict(find(entry.save_in, document, path))
            if not found and entry.mandatory:
                return Mapped(missing=True)
            variables |= found
            if int(found.get(f"{entry.save_in}_size", 0)) > MOST:
                cut.append(entry.save_in)
    except (json_body.NotJson, xml_body.NotXml):
        return Mapped(unreadable=True)
    return Mapped(variables, cut=tuple(cut))


def _json(name: str, document: Any, path: Any) -> Iterator[tuple[str, str]]:
    value = path.find(document)
    if value is UNRESOLVED:
        return
    if not isinstance(value, list):
        yield name, _scalar(value)
        return
    for place, item in enumerate(value[:MOST], 1):
        yield f"{name}_{place}", "" if item is None else _scalar(item)
    yield f"{name}_size", str(len(value))


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, json_body.Number):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    return json_body.write(value)


def _xml(name: str, document: Any, path: Any) -> Iterator[tuple[str, str]]:
    value = document.find(path)
    if value is None:
        return
    if isinstance(value, xml_body.Scalar):
        yield name, value.text
        return
    if value.size == 1:
        yield name, value.texts[0]
    for place, text in enumerate(value.texts, 1):
        yield f"{name}_{place}", text
    yield f"{name}_size", str(value.size)
