"""The sandbox dialler over HTTP: both create paths, a page of the calls, faults."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Flask, Response, render_template, request

from rules.outbound import LARGEST_BODY
from rules.sandbox.dialler import FAULTS, MODES, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.sandbox.dialler import Sandbox, SandboxAnswer

__all__ = ["CREATE_PATHS", "create_sandbox_app"]

CREATE_PATHS = ("/kairos-apis/outbound/create", "/kairos-apis/outbounddialer/create")
_SHOWN = 200
_LONGEST_HANG = 120.0


def create_sandbox_app(sandbox: Sandbox, mode: str = "realtime") -> Flask:
    """The app; the prefixes `/realtime` and `/bulk` force a mode whatever `mode` says."""
    app = Flask("rules.sandbox", static_folder=None)
    for prefix, used in (("", mode), *((f"/{name}", name) for name in MODES)):
        for path in CREATE_PATHS:
            door = _create(sandbox, used)
            app.add_url_rule(prefix + path, prefix + path, door, methods=["POST"])
    app.add_url_rule("/", "page", _page(sandbox))
    app.add_url_rule("/sandbox/requests", "requests", _requests(sandbox))
    app.add_url_rule("/sandbox/requests/<name>", "one", _one(sandbox))
    app.add_url_rule("/sandbox/faults", "faults", _faults(sandbox), methods=["POST"])
    app.add_url_rule("/sandbox/state", "forget", _forget(sandbox), methods=["DELETE"])
    return app


def _create(sandbox: Sandbox, mode: str) -> Callable[[], Response]:
    def create() -> Response:
        fault = sandbox.next_fault() or Fault("")
        if fault.name == "refuse":
            return _drop()
        body = request.stream.read(LARGEST_BODY + 1)
        if fault.name == "hang":
            return _hang()
        if fault.name == "error-500":
            return Response("Internal Server Error", 500, mimetype="text/plain")
        if fault.name == "garbage":
            return Response("<html><body>It works!</body></html>", mimetype="text/html")
        if fault.name == "slow":
            time.sleep(fault.seconds)
        answer = sandbox.answer(mode, body, request.remote_addr or "")
        return _hang() if fault.name == "accept-then-hang" else _reply(answer)

    return create


def _page(sandbox: Sandbox) -> Callable[[], str]:
    def page() -> str:
        shown = [sandbox.shown(record) for record in sandbox.memory.newest(_SHOWN)]
        return render_template("calls.html", requests=shown, total=len(sandbox.memory.requests))

    return page


def _requests(sandbox: Sandbox) -> Callable[[], Response]:
    def requests() -> Response:
        return _json([sandbox.shown(record) for record in sandbox.memory.find(lambda _: True)])

    return requests


def _one(sandbox: Sandbox) -> Callable[[str], Response]:
    def one(name: str) -> Response:
        record = sandbox.memory.requests.get(name)
        if record is None:
            return _json({"error": "no such request"}, 404)
        return _json(sandbox.shown(record))

    return one


def _faults(sandbox: Sandbox) -> Callable[[], Response]:
    def faults() -> Response:
        wanted: Any = request.get_json(force=True, silent=True)
        name = wanted.get("fault") if isinstance(wanted, dict) else None
        count = wanted.get("count", 1) if isinstance(wanted, dict) else 0
        seconds = wanted.get("seconds", 0) if isinstance(wanted, dict) else 0
        if name not in FAULTS or not isinstance(count, int) or not isinstance(seconds, int | float):
            return _json({"error": f"send fault (one of {', '.join(FAULTS)}) and count"}, 400)
        sandbox.provoke(Fault(name, float(seconds)), count)
        return _json({"fault": name, "count": count})

    return faults


def _forget(sandbox: Sandbox) -> Callable[[], Response]:
    def forget() -> Response:
        sandbox.forget()
        return _json({"forgotten": True})

    return forget


def _reply(answer: SandboxAnswer) -> Response:
    return _json(answer.body, answer.status)


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, mimetype="application/json")


def _hang() -> Response:
    """Answer nothing until the client has gone."""
    peer = _socket()
    end = time.monotonic() + _LONGEST_HANG
    while time.monotonic() < end:
        readable, _, _ = select.select([peer], [], [], 0.5)
        try:
            if readable and not peer.recv(1, socket.MSG_PEEK):
                break
        except OSError:
            break
    return _drop()


def _drop() -> Response:
    """Close the connection without an answer; what is written afterwards goes nowhere."""
    with contextlib.suppress(OSError):  # the client may be quicker
        _socket().shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _socket() -> socket.socket:
    """The connection of the present request, as the sandbox's own server gives it."""
    peer: socket.socket = request.environ["werkzeug.socket"]
    return peer
