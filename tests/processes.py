"""Real processes for tests that start in milliseconds: forked from one that has imported all.

    with running(main, "argument") as process:  # killed at the end of the block
        process.kill()
        process.join()

The parent of them all is started by the first test that needs a process, one for each worker of
the run; it holds no connection and no thread. `command` runs the command line in a process.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import rules.cli

__all__ = ["PROCESSES", "command", "free_port", "running", "start"]

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        *("alembic.command", "dbos", "dbos._sys_db_postgres", "dbos._sys_db_sqlite"),
        *("rules.bootstrap", "rules.cli.node", "tests.kills.accepter", "tests.storage.writer"),
    ]
)


def start(target, *arguments, environ=None, stderr=os.devnull):
    """A process that runs `target(*arguments)`, its errors written to a file."""
    given = (target, arguments, environ, str(stderr))
    process = PROCESSES.Process(target=_child, args=given, daemon=True)
    process.start()
    return process


@contextmanager
def running(target, *arguments, **more):
    """Such a process, killed at the end of the block without a word of warning."""
    process = start(target, *arguments, **more)
    try:
        yield process
    finally:
        process.kill()
        process.join()


def command(*arguments):
    """For `running`: what `python -m rules` does with these arguments."""
    sys.exit(rules.cli.main(arguments))


def free_port():
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _child(target, arguments, environ, stderr):
    if environ is not None:
        os.environ.clear()
        os.environ.update(environ)
    with Path(stderr).open("a") as file:
        os.dup2(file.fileno(), 2)
    target(*arguments)
