"""`flow-rules sandbox-dialler`: a dialler that behaves as the platform's and calls nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from rules.cli.common import command, wrong

if TYPE_CHECKING:
    import argparse

    from rules.cli.common import Commands
    from rules.services import Services
    from rules.services.outgoing import Outgoing
    from rules.settings import Settings

__all__ = ["SandboxChild", "call_example", "dialler_note", "register", "wants_sandbox"]

PORT = 8099
_HOST = "127.0.0.1"
_ENVIRONMENT = "RULES_SANDBOX_DIALLER"
_START_SECONDS = 15.0
_EXAMPLE = """\
  curl -s http://{address}/v1/methods/createOutbound -d '{{"keys": [
    {{"name": "securityID", "value": "{id}"}},
    {{"name": "flowID", "value": "aB3dE5gH"}},
    {{"name": "contactNumbers", "value": "9876543210"}}]}}'
"""


def register(commands: Commands) -> None:
    """Add the command."""
    sandbox = command(commands, "sandbox-dialler", "run a dialler that calls nobody")
    add = sandbox.add_argument
    add("--host", default=_HOST, help="address to listen on (default: this machine only)")
    add("--port", type=int, default=PORT, help=f"port to listen on (default: {PORT})")
    add("--mode", choices=("realtime", "bulk"), default="realtime", help="how it answers")
    add("--state", metavar="FILE", help="keep what was received in this file")
    add("--config", metavar="FILE", help="accounts, rates and other settings (TOML)")
    add("--end-with-input", action="store_true", help="end when standard input ends")
    sandbox.set_defaults(run=_sandbox)


def _sandbox(args: argparse.Namespace) -> int:
    from datetime import UTC, datetime
    from pathlib import Path

    from rules.sandbox import FlowEndPusher, Sandbox, SandboxConfig, SandboxServer, read_config

    config = SandboxConfig()
    if args.config:
        try:
            config = read_config(Path(args.config).read_text("utf-8"))
        except OSError as error:
            wrong(f"--config: {args.config} cannot be read ({error.strerror})")
    state = Path(args.state) if args.state else None
    sandbox = Sandbox(clock=lambda: datetime.now(UTC), config=config, state=state)
    pusher = FlowEndPusher(sandbox, _client()) if config.flow_end_url else None
    try:
        server = SandboxServer(
            sandbox, host=args.host, port=args.port, mode=args.mode, pusher=pusher
        )
    except OSError as error:
        wrong(f"--port {args.port}: cannot listen there ({error.strerror}); choose another")
    print(f"Sandbox dialler ({args.mode}): {server.url}\nCalls it got: {server.base}/", flush=True)
    if args.end_with_input:
        _end_with_input()
    server.serve()
    return 0


def _client() -> Outgoing:
    """The outgoing client for flow ends, which may reach this machine."""
    from ipaddress import ip_network

    from rules.gateways.http import HttpClient

    return HttpClient(allowed=(ip_network("127.0.0.0/8"), ip_network("::1/128")))


def _end_with_input() -> None:
    """End the process when whoever started it is gone."""
    import threading

    def wait() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def wants_sandbox(services: Services) -> bool:
    """Is no dialler configured at all, neither for an account nor for the installation?"""
    if services.settings.sandbox_dialler:
        return False
    return not any(keys.get("dialler_url") for _, _, keys in services.accounts().scopes())


def dialler_note(settings: Settings, services: Services) -> str:
    """One line about the dialler in force, for people who start the service."""
    if settings.sandbox_dialler:
        page = settings.sandbox_dialler.partition("/kairos-apis/")[0]
        return f"Dialler: the sandbox, nobody is called; the calls it gets: {page}/"
    places = [
        f"{kind} {name}" if name else kind
        for kind, name, keys in services.accounts().scopes()
        if keys.get("dialler_url")
    ]
    return f"Dialler: set for {', '.join(places)}" if places else "Dialler: not set"


def call_example(settings: Settings, address: str) -> str:
    """A command that has the sandbox get a call; nothing where there is a real dialler."""
    return _EXAMPLE.format(address=address, id="x" * 64) if settings.sandbox_dialler else ""


class SandboxChild:
    """A sandbox dialler beside the service, which ends with it however that happens."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it on its usual port, or a free one; gives back its create address."""
        from rules.sandbox.ports import free_port, wait_for_listener

        port = free_port(PORT)
        arguments = ["sandbox-dialler", "--port", str(port), "--end-with-input"]
        self._child = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "rules", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the service, which then ends this
        )
        if not wait_for_listener(port, seconds=_START_SECONDS):
            wrong("the sandbox dialler did not start")
        os.environ[_ENVIRONMENT] = f"http://{_HOST}:{port}/kairos-apis/outbound/create"
        return os.environ[_ENVIRONMENT]

    def stop(self) -> None:
        """End it."""
        if self._child is not None:
            self._child.terminate()
            self._child.communicate(timeout=10)
