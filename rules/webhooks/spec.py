"""What a flow designer writes down of a webhook: where to, what to send, what to take out.

`WebhookSpec.from_mapping` reads the form of JSON or TOML and refuses what has another shape;
`mistakes` is the stricter look taken when a specification is saved.

>>> spec = WebhookSpec.from_mapping({"url": "https://api.example/v1", "method": "post"})
>>> spec.verb, mistakes(spec)
('POST', [])
>>> mistakes(WebhookSpec("https://api.example/", method="FETCH", body_type="json"))
['method: none of GET, POST, PATCH, DELETE, PUT, OPTION, HEAD']
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.errors import RulesError
from rules.secret import Secret
from rules.settings import nearest
from rules.webhooks.mapping import BadMap, MapEntry, compile_map

__all__ = [
    "FORMS",
    "METHODS",
    "WITHOUT_BODY",
    "Entry",
    "SpecRefused",
    "WebhookSpec",
    "mistakes",
    "seconds_problem",
]

METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT", "OPTION", "HEAD")
_OPTIONS = "OPTIONS"
WITHOUT_BODY = ("GET", "HEAD")
AUTHS = ("none", "basic")
BODY_TYPES = {
    "none": "none",
    "json": "json",
    "xml": "xml",
    "form": "form",
    "url_encoded": "form",
    "multipart": "multipart",
    "form_data": "multipart",
    "plain_text": "plain_text",
}
FORMS = ("form", "multipart")
RESPONSE_TYPES = ("json", "xml")
MOST_SECONDS = 60
_LONGEST_NOTE = 1000


class SpecRefused(RulesError):
    """A specification of another shape; `problems` are lines a person can act on."""

    code = "BAD_WEBHOOK"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Entry:
    """One header, query or form entry; left out when it has no value, unless `mandatory`."""

    key: str
    value: str = ""
    mandatory: bool = False


@dataclass(frozen=True)
class WebhookSpec:
    """A webhook as it was written down; `form` is the body of the two form types."""

    url: str = field(repr=False)
    name: str = ""
    method: str = "GET"
    auth: str = "none"
    username: str = field(default="", repr=False)
    password: Secret = field(default_factory=Secret)
    headers: tuple[Entry, ...] = field(default=(), repr=False)
    query: tuple[Entry, ...] = field(default=(), repr=False)
    body_type: str = "none"
    body: str = field(default="", repr=False)
    form: tuple[Entry, ...] = field(default=(), repr=False)
    response_type: str = "json"
    mapping: tuple[MapEntry, ...] = ()
    wait: bool = True
    timeout_seconds: float = MOST_SECONDS
    persist: bool = False
    hold_music: str = ""
    note: str = ""

    @classmethod
    def from_mapping(cls, given: Any, name: str = "") -> WebhookSpec:
        """Read what JSON or TOML gave; raises `SpecRefused` with every problem."""
        reader = _Reader(given)
        spec = cls(
            url=reader.text("url", needed=True),
            name=reader.text("name", name),
            method=reader.text("method", "GET"),
            auth=reader.word("auth", AUTHS),
            username=reader.text("username"),
            password=Secret(reader.text("password")),
            headers=reader.entries("headers"),
            query=reader.entries("query"),
            body_type=BODY_TYPES[reader.word("body_type", tuple(BODY_TYPES))],
            body=reader.body_text(),
            form=reader.body_form(),
            response_type=reader.word("response_type", RESPONSE_TYPES),
            mapping=reader.maps("mapping"),
            wait=reader.flag("wait", default=True),
            timeout_seconds=reader.number("timeout_seconds", MOST_SECONDS),
            persist=reader.flag("persist", default=False),
            hold_music=str(reader.take("hold_music", "") or ""),
            note=reader.text("note"),
        )
        reader.finish()
        return spec

    @property
    def verb(self) -> str:
        """The method as it is sent; empty when there is no such method."""
        word = self.method.strip().upper()
        if word in ("OPTION", _OPTIONS):
            return _OPTIONS
        return word if word in METHODS else ""

    @property
    def has_body(self) -> bool:
        """Is there a body to send?"""
        return self.body_type != "none"


class _Reader:
    """Takes members out of a mapping and keeps every problem."""

    def __init__(self, given: Any) -> None:
        if not isinstance(given, Mapping):
            raise SpecRefused(["a webhook is an object with at least 'url'"])
        self._left = dict(given)
        self._known: list[str] = []
        self._problems: list[str] = []

    def take(self, key: str, default: Any) -> Any:
        self._known.append(key)
        value = self._left.pop(key, default)
        return default if value is None else value

    def _typed(self, key: str, default: Any, kinds: tuple[type, ...], wanted: str) -> Any:
        value = self.take(key, default)
        if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)):
            return value
        self._problems.append(f"{key}: must be {wanted}")
        return default

    def text(self, key: str, default: str = "", *, needed: bool = False) -> str:
        value: str = self._typed(key, default, (str,), "text")
        if needed and not value:
            self._problems.append(f"{key}: needed")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        return bool(self._typed(key, default, (bool,), "true or false"))

    def number(self, key: str, default: float) -> float:
        value: float = self._typed(key, default, (int, float), "a number")
        return value

    def word(self, key: str, words: tuple[str, ...]) -> str:
        value = self.text(key, words[0]).strip().lower()
        if value in words:
            return value
        self._problems.append(f"{key}: none of {', '.join(words)}{nearest(value, words)}")
        return words[0]

    def _rows(self, key: str, kind: str, members: dict[str, type]) -> list[dict[str, Any]]:
        rows = []
        for place, row in enumerate(self._typed(key, [], (list, tuple), f"a list of {kind}"), 1):
            bad = not isinstance(row, Mapping) or not row.keys() <= members.keys()
            if bad or not all(isinstance(row[k], members[k]) for k in row):
                self._problems.append(f"{key} {place}: an object with {', '.join(members)}")
            else:
                rows.append(dict(row))
        return rows

    def entries(self, key: str) -> tuple[Entry, ...]:
        members = {"key": str, "value": str, "mandatory": bool}
        return tuple(Entry(**({"key": ""} | row)) for row in self._rows(key, "entries", members))

    def maps(self, key: str) -> tuple[MapEntry, ...]:
        members = {"save_in": str, "path": str, "mandatory": bool}
        start = {"save_in": "", "path": ""}
        return tuple(MapEntry(**(start | row)) for row in self._rows(key, "maps", members))

    def body_text(self) -> str:
        return self.text("body") if isinstance(self._left.get("body", ""), str) else ""

    def body_form(self) -> tuple[Entry, ...]:
        return self.entries("body") if "body" in self._left else ()

    def finish(self) -> None:
        for key in self._left:
            self._problems.append(f"{key}: no such member{nearest(key, self._known)}")
        if self._problems:
            raise SpecRefused(self._problems)


def seconds_problem(seconds: float) -> str:
    """What is wrong with a time limit; empty when nothing is."""
    usable = math.isfinite(seconds) and 0 < seconds <= MOST_SECONDS
    return "" if usable else f"timeout_seconds: above 0, at most {MOST_SECONDS}"


def mistakes(spec: WebhookSpec) -> list[str]:
    """What would be refused in any call; looked at when a specification is saved."""
    found = []
    if not spec.verb:
        found.append(f"method: none of {', '.join(METHODS)}")
    if spec.verb in WITHOUT_BODY and spec.has_body:
        found.append(f"body_type: {spec.verb} has no body")
    if (spec.form and spec.body_type not in FORMS) or (spec.body and spec.body_type in FORMS):
        found.append("body: a list for the two form types, text for the others")
    if problem := seconds_problem(spec.timeout_seconds):
        found.append(problem)
    if len(spec.note) > _LONGEST_NOTE:
        found.append(f"note: more than {_LONGEST_NOTE} characters")
    try:
        compile_map(spec.mapping, spec.response_type)
    except BadMap as error:
        found.append(str(error))
    return found
