"""One case through the three doors: import, HTTP, command line. They must give the same reply."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import msgspec

from rules import cli
from rules.bootstrap import prepare_database
from rules.methods import METHODS, answer
from rules.sandbox import Sandbox, SandboxServer
from rules.settings import Settings
from rules.testing import at, make_services
from webapp import create_app

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from rules.services import Services

CASES = Path(__file__).parent / "cases"
DIALLER = "http://dialler.example"
"""The dialler of cases: a sandbox in the process, and one that listens for the command line."""
NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")


@dataclass(frozen=True)
class Case:
    """One request and what the reply must hold; `reply` names only the variables looked at."""

    method: str
    why: str
    body: dict[str, Any]
    status: int = 200
    reply: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    now: datetime = NOW
    accounts: dict[str, Any] | None = None
    files: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    setup: list[dict[str, Any]] = field(default_factory=list)
    doors: tuple[str, ...] = ("import", "http", "cli")
    stores: dict[str, Any] = field(default_factory=dict)
    database: str = ""


def read_cases() -> list[Case]:
    """Every case of `cases/<method>/*.json`; the folder's name is the method's."""
    cases = []
    for path in sorted(CASES.glob("*/*.json")):
        method = METHODS.get(path.parent.name.casefold())
        assert method, f"{path.parent.name} is no method"
        cases += [_case(method.name, entry) for entry in json.loads(path.read_text("utf-8"))]
    return cases


def _case(method: str, entry: dict[str, Any]) -> Case:
    entry = dict(entry)
    if "now" in entry:
        entry["now"] = datetime.fromisoformat(entry["now"])
    if "doors" in entry:
        entry["doors"] = tuple(entry["doors"])
    entry["settings"] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in entry.get("settings", {}).items()
    }
    return Case(method=method, body=_body(entry), **entry)


def _body(entry: dict[str, Any]) -> dict[str, Any]:
    body = entry.pop("request", None)
    fields = entry.pop("fields", None)
    if body is None:
        body = {"keys": [{"name": name, "value": value} for name, value in fields.items()]}
    return body


def by_import(case: Case, _: Path) -> tuple[int, dict[str, Any]]:
    """Through `rules.methods.answer`, memory stores unless the case brings others."""
    services = make_services(
        now=case.now, accounts=case.accounts, files=case.files, **case.settings
    )
    services = replace(services, **case.stores)
    for step in map(dict, case.setup):
        moment = datetime.fromisoformat(step.pop("now", case.now.isoformat()))
        method = step.pop("method")
        answer(_body(step), at(services, moment), method=method)
    reply = answer(case.body, services, method=case.method)
    return reply.status, reply.body


def by_http(case: Case, _: Path) -> tuple[int, dict[str, Any]]:
    """Through the app, the same stores; admin methods get their token."""
    settings = {"admin_token": "t0ken"} | case.settings
    services = make_services(now=case.now, accounts=case.accounts, files=case.files, **settings)
    services = replace(services, **case.stores)
    headers = {"Authorization": f"Bearer {settings['admin_token']}"}

    def post(method: str, body: Any, moment: datetime) -> Any:
        data = msgspec.json.encode(body)
        client = client_of(at(services, moment))
        return client.post(f"/v1/methods/{method}", data=data, headers=headers)

    for step in map(dict, case.setup):
        moment = datetime.fromisoformat(step.pop("now", case.now.isoformat()))
        post(step.pop("method"), _body(step), moment)
    reply = post(case.method, case.body, case.now)
    return reply.status_code, json.loads(reply.data)


class Present:
    """Stands for the services of the case at hand."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def __getattr__(self, name: str) -> Any:
        return getattr(self.services, name)


@cache
def app_for(settings: Settings) -> tuple[Flask, Present]:
    """An app for all cases with these settings: making one takes longer than most cases."""
    present = Present(replace(make_services(now=NOW), settings=settings))
    return create_app(present), present  # type: ignore[arg-type]


def by_cli(case: Case, tmp_path: Path) -> tuple[int, dict[str, Any]]:
    """Through `flow-rules call`, an SQLite file where the case needs memory."""
    database = case.database or str(tmp_path / "rules.sqlite3")
    if not case.database:
        Path(database).write_bytes(new_database())
    environ = {"RULES_DATABASE": database}
    environ |= {
        f"RULES_{name.upper()}": " ".join(map(str, value))
        if isinstance(value, list | tuple)
        else str(value)
        for name, value in case.settings.items()
    }
    accounts, sandbox = _toml(case.accounts or {}), contextlib.nullcontext()
    if DIALLER in accounts:
        server = SandboxServer(Sandbox(clock=lambda: case.now)).start()
        sandbox = contextlib.closing(server)
        accounts = accounts.replace(DIALLER, server.base)
        environ["RULES_OUTGOING_ALLOWED"] = "127.0.0.0/8"
    if case.accounts is not None:
        path = tmp_path / "accounts.toml"
        path.write_text(accounts, "utf-8")
        environ["RULES_ACCOUNTS"] = str(path)
    for name, text in case.files.items():
        (tmp_path / name).write_text(text, "utf-8")
    with sandbox:
        for step in map(dict, case.setup):
            moment = step.pop("now", case.now.isoformat())
            _call(step.pop("method"), _body(step), moment, environ, tmp_path)
        code, body = _call(case.method, case.body, case.now.isoformat(), environ, tmp_path)
    assert code == (0 if case.status == 200 else 1 if case.status >= 500 else 2)
    return case.status, body


def client_of(services: Services) -> FlaskClient:
    """A client of the app for these services' settings, which now serves these services."""
    app, present = app_for(services.settings)
    present.services = services
    return app.test_client()


@cache
def new_database() -> bytes:
    """A SQLite file with an empty schema; making one anew for each case takes too long."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.sqlite3"
        prepare_database(Settings(database=str(path)))
        return path.read_bytes()


_parser = cache(cli.parser)  # no case changes it


def _call(
    method: str, body: Any, now: str, environ: dict[str, str], tmp_path: Path
) -> tuple[int, dict[str, Any]]:
    (tmp_path / "body.json").write_bytes(msgspec.json.encode(body))
    out = io.StringIO()
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(io.StringIO()) as err,
            patch.object(cli, "parser", _parser),
        ):
            arguments = ["--json", str(tmp_path / "body.json"), "--now", now]
            code = cli.main(["call", method, *arguments, "--output", "envelope"])
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert out.getvalue(), err.getvalue()
    return code, json.loads(out.getvalue())


def _toml(value: dict[str, Any], path: str = "") -> str:
    """A mapping as TOML: the accounts of a case as the file a user would write."""
    plain = {k: v for k, v in value.items() if not isinstance(v, dict)}
    lines = [f"[{path}]"] if path else []
    lines += [f"{json.dumps(k)} = {_toml_value(v)}" for k, v in plain.items()]
    for key, inner in value.items():
        if isinstance(inner, dict):
            name = f"{path}.{json.dumps(key)}" if path else key
            lines.append(_toml(inner, name))
    return "\n".join(lines)


def _toml_value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(v) for v in value) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(k)} = {_toml_value(v)}" for k, v in value.items())
        return "{" + inner + "}"
    return json.dumps(value, ensure_ascii=False)


DOORS = {"import": by_import, "http": by_http, "cli": by_cli}


def check(door: str, case: Case, tmp_path: Path) -> None:
    """The reply through this door is what the case says."""
    status, body = DOORS[door](case, tmp_path)
    assert status == case.status, body
    reply = {key["name"].removeprefix("$flow.key."): key["value"] for key in body["keys"]}
    assert {name: reply.get(name) for name in case.reply} == case.reply
    assert not set(case.absent) & set(reply)
    assert len(reply) == len(body["keys"]), "a variable stands twice"
    assert all(isinstance(value, str) for value in reply.values())
    codes = [field["code"] for field in body.get("error", {"fields": []})["fields"]]
    assert codes == case.codes or not case.codes
    assert ("error" in body) == (status != 200)
