"""The sandbox dialler as a server of its own: threads, kept connections, and flow ends pushed.

`SandboxServer` is also what tests use: it listens on a free port of the loopback and ends with
`close`.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from rules.sandbox.app import CREATE_PATHS, create_sandbox_app

if TYPE_CHECKING:
    from rules.sandbox.dialler import Sandbox
    from rules.sandbox.flow_end import FlowEndPusher

__all__ = ["SandboxServer"]


class _Handler(WSGIRequestHandler):
    """Keeps connections open, and writes no line per request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """Say nothing: requests are listed on the page."""


class SandboxServer:
    """A sandbox that listens; `url` is what `dialler_url` is set to."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        mode: str = "realtime",
        pusher: FlowEndPusher | None = None,
    ) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.sandbox = sandbox
        app = create_sandbox_app(sandbox, mode)
        with socket.create_server((host, port)):  # a port that cannot be had is an OSError
            pass
        self._server = make_server(host, port, app, threaded=True, request_handler=_Handler)
        self._pusher = pusher
        self.base = f"http://{host}:{self._server.server_port}"
        self.url = self.base + CREATE_PATHS[0]
        self._thread: threading.Thread | None = None

    def serve(self) -> None:
        """Serve until `close` is called or the process is told to stop."""
        if self._pusher is not None:
            self._pusher.start()
        self._server.serve_forever(poll_interval=0.05)

    def start(self) -> SandboxServer:
        """Serve on a thread."""
        self._thread = threading.Thread(target=self.serve, name="sandbox-dialler", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop serving and free the port."""
        if self._pusher is not None:
            self._pusher.stop()
        self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join()
