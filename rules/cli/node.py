"""One delivery process on a machine: who may run, how it ends, and who starts it again.

A lock on a file decides which of several runs; the kernel frees it at any death. `keep` is the
small parent that starts a process anew when it dies, and ends with it when its own parent is gone.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rules.bootstrap import build, open_store
from rules.cli.common import wrong
from rules.cli.sign import SignOfLife, place_of
from rules.errors import StoreUnavailable
from rules.gateways.engine import Delivery, WorkStarter
from rules.gateways.metrics import serve_metrics
from rules.storage import transaction
from rules.storage.nodes import SqlNodes
from rules.worker import HOUSEKEEPING_MINUTES, handlers, housekeeping_work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from rules.settings import Settings

__all__ = ["keep", "node_name", "open_metrics", "run"]

WRONG_SETTINGS = 2
_LOOK_SECONDS = 0.25
_AGAIN_SECONDS = 2.0
_END_SECONDS = 25
_log = logging.getLogger(__name__)


def node_name(settings: Settings) -> str:
    """Name of this machine among those that deliver."""
    return settings.node or socket.gethostname()


def run(settings: Settings, *, metrics: tuple[str, int] | None = None) -> NoReturn:
    """Deliver until SIGTERM or SIGINT; waits while another process of this machine delivers.

    `metrics` is the address at which the process that delivers serves its metrics.
    """
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    with _the_only_one(settings, stop) as mine:
        if mine:
            if metrics:
                open_metrics(*metrics)
            _deliver(settings, stop)
    logging.shutdown()
    os._exit(0)  # threads of the engine that wait for others need no farewell


def open_metrics(host: str, port: int) -> None:
    """Serve this process's metrics; `WrongUse` for an address that cannot be listened on."""
    try:
        serve_metrics(host, port)
    except OSError as error:
        wrong(f"--metrics {host}:{port}: cannot listen there ({error.strerror})")


def _deliver(settings: Settings, stop: threading.Event) -> None:
    services = build(settings)
    engine = open_store(settings)
    node = node_name(settings)
    delivery = Delivery(engine, handlers(services), node=node, write=lambda: transaction(engine))
    sign = SignOfLife(
        SqlNodes(engine), node, place=place_of(settings.database), clock=services.clock
    )
    if _begin(delivery, sign, stop):
        _log.info("delivering", extra={"node": node})
        _keep_house(engine, delivery, stop)
        delivery.stop(wait_seconds=_END_SECONDS - 5)
        _log.info("delivery ended", extra={"node": node})
    sign.end()


def _begin(delivery: Delivery, sign: SignOfLife, stop: threading.Event) -> bool:
    """Take the node's name and start; `False` when told to stop before that could be done."""
    while not stop.is_set():
        try:
            if sign.claim():
                delivery.start()
                return True
            _log.warning("delivery waits: a live process elsewhere has this node's name")
        except StoreUnavailable as error:
            _log.warning("delivery waits for the database", extra={"why": str(error)})
        stop.wait(_AGAIN_SECONDS)
    return False


def _keep_house(engine: Engine, delivery: Delivery, stop: threading.Event) -> None:
    """Start the housekeeping of each span of minutes, and tidy the engine's own rows."""
    starter = WorkStarter(engine)
    while not stop.is_set():
        try:
            with transaction(engine) as connection:
                starter.start(connection, housekeeping_work(datetime.now(UTC)))
            while delivery.tidy() and not stop.is_set():
                pass
        except StoreUnavailable:
            _log.warning("housekeeping waits for the database")
        stop.wait(HOUSEKEEPING_MINUTES * 60)


@contextmanager
def _the_only_one(settings: Settings, stop: threading.Event) -> Iterator[bool]:
    """Hold the machine's delivery lock; `False` when told to stop before it was free."""
    with _lock_path(settings).open("w") as file:
        while not stop.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stop.wait(_LOOK_SECONDS)
            else:
                yield True
                return
        yield False


def _lock_path(settings: Settings) -> Path:
    if "://" not in settings.database:
        return Path(f"{settings.database}.delivery").expanduser().absolute()
    same = f"{settings.database} {node_name(settings)}"
    name = hashlib.sha256(same.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"flow-rules-{name}.delivery"


def keep(command: Sequence[str]) -> int:
    """Run a command of ours again and again until told to end, or standard input ends."""
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    wait = 1.0
    while not stop.is_set():
        started = time.monotonic()
        child = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "rules", *command], stdin=subprocess.DEVNULL
        )
        code = _watch(child, stop)
        if stop.is_set() or code == WRONG_SETTINGS:
            return max(code, 0)
        wait = 1.0 if time.monotonic() - started > 60 else min(wait * 2, 15.0)
        _log.error("delivery died, it starts again", extra={"code": code})
        stop.wait(wait)
    return 0


def _watch(child: subprocess.Popen[bytes], stop: threading.Event) -> int:
    """Wait for the child's end, or end it: its exit code."""
    while (code := child.poll()) is None:
        if stop.is_set() or _input_ended():
            stop.set()
            child.terminate()
            try:
                return child.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                return child.wait()
        time.sleep(_LOOK_SECONDS)
    return code


def _input_ended() -> bool:
    """Did the parent, who holds the other end of standard input, go away?"""
    readable, _, _ = select.select([sys.stdin.fileno()], [], [], 0)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1024)
