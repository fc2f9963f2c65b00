"""`flow-rules serve`: the HTTP service under gunicorn."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rules.cli.common import command, whole_number, wrong
from rules.cli.sandbox import SandboxChild, call_example, dialler_note, wants_sandbox

if TYPE_CHECKING:
    import argparse

    from rules.cli.common import Commands

__all__ = ["register"]

_LEVELS = ("debug", "info", "warning", "error")
_BANNER = """\
flow-rules {version} listens on http://{address}  ({workers} workers, Ctrl-C ends it)
{notes}
Console, to try every method by hand: http://{address}/console/
Try it from another terminal:
  curl -s http://{address}/v1/methods/ValidateDateAndTime -d '{{"keys": [
    {{"name": "inputDate", "value": "kal shaam 5 baje"}},
    {{"name": "type", "value": "Callback"}}]}}'
{example}"""


def _given(name: str, default: str) -> str:
    return os.environ.get(name) or default


def register(commands: Commands) -> None:
    """Add the command."""
    serve = command(commands, "serve", "serve all methods over HTTP, and deliver")
    add = serve.add_argument
    add("--host", default=_given("HOST", "127.0.0.1"), help="address to listen on")
    port, many = whole_number(1, 65_535), whole_number(1, 1_000)
    add("--port", type=port, default=_given("PORT", "8000"), help="port to listen on")
    add("--workers", type=many, default=_given("WORKERS", "2"), help="worker processes")
    add("--threads", type=many, default=8, help="threads in each worker")
    add("--log-level", default="info", choices=_LEVELS, help="least level of log lines")
    add("--no-sandbox", action="store_true", help="start no sandbox dialler when none is set")
    add("--web-only", action="store_true", help="leave delivery to 'flow-rules deliver' elsewhere")
    serve.set_defaults(run=_serve)


def _serve(args: argparse.Namespace) -> int:
    from gunicorn.app.base import BaseApplication
    from gunicorn.util import import_app

    from rules.bootstrap import build, prepare_database
    from rules.gateways.metrics import FOLDER
    from rules.logs import configure
    from rules.settings import Settings

    settings = Settings.from_mapping(os.environ)
    services = build(settings)  # a mistake in settings stops here, before any worker starts
    _check_port(args)
    prepare_database(settings)
    configure(args.log_level.upper())

    sandbox = SandboxChild()
    if wants_sandbox(services) and not args.no_sandbox:
        settings = replace(settings, sandbox_dialler=sandbox.start())
    metrics = tempfile.mkdtemp(prefix="flow-rules-metrics-")
    os.environ[FOLDER] = metrics

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in _options(args, metrics, sandbox).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return import_app("webapp:create_app()")

    notes = f"Database: {settings.database_name}\n{dialler_note(settings, services)}"
    print(_banner(args, notes, call_example(settings, _address(args))), flush=True)
    Server().run()
    return 0


def _banner(args: argparse.Namespace, notes: str, example: str) -> str:
    from rules import __version__

    return _BANNER.format(
        version=__version__,
        address=_address(args),
        workers=args.workers,
        notes=notes,
        example=example,
    )


def _host(args: argparse.Namespace) -> str:
    """The address to listen on; an IPv6 address may be given with its brackets."""
    host: str = args.host
    return host.removeprefix("[").removesuffix("]")


def _address(args: argparse.Namespace) -> str:
    """Host and port as in a URL."""
    host = _host(args)
    return f"[{host}]:{args.port}" if ":" in host else f"{host}:{args.port}"


def _check_port(args: argparse.Namespace) -> None:
    """Say clearly that the address is taken, before anything is started."""
    host = _host(args)
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, args.port))
    except OSError as error:
        wrong(f"{_address(args)}: cannot listen there ({error.strerror}); see --host and --port")


class _Keeper:
    """The delivery process beside the web workers, kept alive for as long as the server lives."""

    def __init__(self, log_level: str) -> None:
        self._command = ("deliver", "--keep", "--log-level", log_level)
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, _: Any) -> None:
        """Start it; its standard input ends when this process does, however that happens."""
        self._child = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "rules", *self._command],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the server, which then ends this
        )

    def stop(self, _: Any) -> None:
        """End it in an orderly way."""
        if self._child:
            self._child.terminate()
            self._child.wait(30)


def _options(args: argparse.Namespace, metrics: str, sandbox: SandboxChild) -> dict[str, Any]:
    keeper = _Keeper(args.log_level)

    def ready(server: Any) -> None:
        if not args.web_only:
            keeper.start(server)

    def ended(server: Any) -> None:
        keeper.stop(server)
        sandbox.stop()
        shutil.rmtree(metrics, ignore_errors=True)

    return {
        "when_ready": ready,
        "on_exit": ended,
        "bind": _address(args),
        "workers": args.workers,
        "threads": args.threads,
        "worker_class": "rules.cli.web_worker.WebWorker",
        "timeout": 90,
        "graceful_timeout": 30,
        "keepalive": 5,
        "loglevel": "warning",
        "proc_name": "flow-rules",
    }
