"""The file of live number sources: TOML, one table per source, read once at start.

    [numbers]
    kind = "number_metadata"
    url = "https://api.example/v1/Accounts/{account}/Numbers/{number}"
    cost = "0.35"
    auth = {user = "AC1", password = "..."}
    values = {account = "AC1"}
    paths = {operator = "data.carrier", circle = "data.circle", ported = "data.ported"}

A mistake stops the start with a message that names source and key.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rules.errors import SettingMistake
from rules.headers import HeaderRefused, basic_auth, check_header
from rules.secret import Secret
from rules.urls import UrlRefused, read_url
from rules.webhooks.paths import BadPath, JsonPath, read_path

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NUMBER_FORMS", "PATHS", "SourceConfig", "read_sources"]

SETTING = "RULES_LIVE_SOURCES"
NUMBER_FORMS = ("e164", "digits", "national")
PATHS = {
    "number_metadata": ("operator", "circle", "line_type", "ported"),
    "network_codes": ("mcc", "mnc", "ported"),
}
"""Kinds of sources, and what each reads out of a reply."""
_KEYS = (
    "kind",
    "url",
    "verb",
    "body",
    "content_type",
    "number_form",
    "cost",
    "auth",
    "values",
    "paths",
    "found_when",
    "http",
)
_VERBS = ("GET", "POST", "PUT")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_NUMBER = "number"


@dataclass(frozen=True)
class SourceConfig:
    """One source as configured; `cost` is per question, in the currency of the accounts' caps."""

    name: str
    kind: str
    url: str = field(repr=False)
    verb: str
    body: str
    number_form: str
    cost: Decimal
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    paths: Mapping[str, JsonPath]
    found_path: JsonPath | None
    found_value: str
    http: bool

    def fill(self, template: str, number: str) -> str:
        """A template with the number, already written for its place, put in."""
        return template.replace("{number}", number)


def read_sources(path: str) -> list[SourceConfig]:
    """The sources of a file; raises `SettingMistake`."""
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingMistake(SETTING, f"the file cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise SettingMistake(SETTING, f"the file is no TOML: {error}") from None
    found = []
    for name, table in document.items():
        if not isinstance(table, dict):
            raise SettingMistake(SETTING, f"write [{name}] and its keys below")
        found.append(_Reader(name, table).source())
    return found


class _Reader:
    """Reads one table; every mistake names source and key."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self._name = name
        self._table = table

    def source(self) -> SourceConfig:
        for key in self._table:
            if key not in _KEYS:
                raise self._mistake(key, f"no such key; known are {', '.join(_KEYS)}")
        kind = self._choice("kind", tuple(PATHS), "")
        headers, secrets = self._auth()
        body = self._template("body")
        if body:
            headers += (("Content-Type", self._text("content_type", "application/json").encode()),)
        found_path, found_value = self._found_when()
        return SourceConfig(
            name=self._name,
            kind=kind,
            url=self._url(),
            verb=self._choice("verb", _VERBS, "GET"),
            body=body,
            number_form=self._choice("number_form", NUMBER_FORMS, "e164"),
            cost=self._cost(),
            headers=headers,
            secrets=secrets,
            paths=self._paths(kind),
            found_path=found_path,
            found_value=found_value,
            http=self._http(),
        )

    def _mistake(self, key: str, message: str) -> SettingMistake:
        return SettingMistake(SETTING, f"source '{self._name}', {key}: {message}")

    def _text(self, key: str, default: str = "") -> str:
        value = self._table.get(key, default)
        if not isinstance(value, str):
            raise self._mistake(key, "must be text")
        return value

    def _texts(self, key: str) -> dict[str, str]:
        value = self._table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise self._mistake(key, 'must be a table of texts, such as {name = "..."}')
        return value

    def _choice(self, key: str, options: tuple[str, ...], default: str) -> str:
        value = self._text(key, default)
        if value not in options:
            raise self._mistake(key, f"is none of {', '.join(options)}")
        return value

    def _template(self, key: str) -> str:
        """A text with every `{name}` of `values` put in; `{number}` stays for each question."""
        values = self._texts("values") | {_NUMBER: "{number}"}
        text = self._text(key)
        for name in _PLACE.findall(text):
            if name not in values:
                raise self._mistake(key, f"{{{name}}} is neither {{number}} nor in values")
        return _PLACE.sub(lambda match: values[match[1]], text)

    def _url(self) -> str:
        url = self._template("url")
        try:
            read_url(url.replace("{number}", "1"), schemes=("http", "https"))
        except UrlRefused as error:
            raise self._mistake("url", str(error)) from None
        if url.startswith("http:") and not self._http():
            raise self._mistake("url", "must be https, or set http = true")
        if "{number}" not in url and "{number}" not in self._template("body"):
            raise self._mistake("url", "neither url nor body holds {number}")
        return url

    def _http(self) -> bool:
        value = self._table.get("http", False)
        if not isinstance(value, bool):
            raise self._mistake("http", "must be true or false")
        return value

    def _cost(self) -> Decimal:
        try:
            cost = Decimal(str(self._table.get("cost", "")))
        except InvalidOperation:
            cost = Decimal("NaN")
        if not cost.is_finite() or cost < 0:
            raise self._mistake("cost", 'must be an amount per question, such as "0.35"')
        return cost

    def _auth(self) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, ...]]:
        """Headers that say who asks, and the texts to keep out of logs."""
        auth = self._texts("auth")
        try:
            if not auth:
                return (), ()
            if set(auth) == {"user", "password"}:
                header = basic_auth(auth["user"], Secret(auth["password"]))
                return (header,), (auth["password"],)
            if set(auth) == {"header", "value"}:
                check_header(auth["header"], auth["value"].encode())
                return ((auth["header"], auth["value"].encode()),), (auth["value"],)
        except HeaderRefused as error:
            raise self._mistake("auth", str(error)) from None
        raise self._mistake("auth", "give user and password, or header and value")

    def _paths(self, kind: str) -> dict[str, JsonPath]:
        paths = self._texts("paths")
        known = PATHS[kind]
        if not paths or not set(paths) <= set(known):
            raise self._mistake("paths", f"give one or more of {', '.join(known)}")
        if kind == "network_codes" and not {"mcc", "mnc"} <= set(paths):
            raise self._mistake("paths", "mcc and mnc are both needed")
        return {name: self._path("paths", text) for name, text in paths.items()}

    def _path(self, key: str, text: str) -> JsonPath:
        try:
            return read_path(text)
        except BadPath:
            raise self._mistake(key, f"'{text}' is no path such as data.carrier.name") from None

    def _found_when(self) -> tuple[JsonPath | None, str]:
        wanted = self._texts("found_when")
        if not wanted:
            return None, ""
        if set(wanted) != {"path", "value"}:
            raise self._mistake("found_when", "give path and value")
        return self._path("found_when", wanted["path"]), wanted["value"]
