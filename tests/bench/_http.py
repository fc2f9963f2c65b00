"""Throughput of two apps under the same gunicorn, measured in turn by the same client.

with serving("webapp:create_app()", environ) as ours, serving(ECHO) as echo:
    rate, bare = rates((ours, path, body), (echo, "/", body))
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["ECHO", "Target", "rates", "serving"]

ECHO = "tests.bench._http:echo()"
ROOT = Path(__file__).parents[2]
Target = tuple[int, str, bytes]


def echo():
    """A bare Flask app that reads its body and sends it back as JSON."""
    from flask import Flask, Response, request

    app = Flask("echo")

    @app.post("/")
    def back():
        return Response(request.get_data(), mimetype="application/json")

    @app.get("/redirect")
    def redirect():
        return Response(status=302, headers={"Location": "https://shop.example/"})

    return app


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(app: str, environ: Mapping[str, str] | None = None, workers: int = 1) -> Iterator[int]:
    """The app under gunicorn on a free port of loopback, ready to answer."""
    port = _free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}"),
        *("--workers", str(workers), "--worker-class", "gthread", "--threads", "8"),
        *("--log-level", "warning"),
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(environ or {})}, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _drive(target: Target, verb: str, stop_at: float, result: multiprocessing.Queue) -> None:
    port, path, body = target
    head = f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body
    count = 0
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        reader = connection.makefile("rb")
        while time.monotonic() < stop_at:
            connection.sendall(request)
            length = 0
            while (line := reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
                if not line:
                    raise ConnectionError("server closed the connection")
            if length and verb != "HEAD":
                reader.read(length)
            count += 1
    result.put(count)


def _rate(target: Target, verb: str, span: float, clients: int) -> float:
    results: multiprocessing.Queue = multiprocessing.Queue()
    stop_at = time.monotonic() + span
    drivers = [
        multiprocessing.Process(target=_drive, args=(target, verb, stop_at, results))
        for _ in range(clients)
    ]
    for driver in drivers:
        driver.start()
    total = sum(results.get(timeout=span + 30) for _ in drivers)
    for driver in drivers:
        driver.join()
    return total / span


def rates(
    ours: Target,
    yardstick: Target,
    *,
    verb: str = "POST",
    yardstick_verb: str = "POST",
    repeats: int = 5,
    span: float = 2.0,
    clients: int = 2,
) -> tuple[float, float]:
    """Median requests a second of both, measured in turn."""
    first, second = [], []
    _rate(ours, verb, 0.5, clients), _rate(yardstick, yardstick_verb, 0.5, clients)
    for _ in range(repeats):
        first.append(_rate(ours, verb, span, clients))
        second.append(_rate(yardstick, yardstick_verb, span, clients))
    return statistics.median(first), statistics.median(second)
