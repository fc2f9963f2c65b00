"""`flow-rules deliver`: its metrics, and what it refuses."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from rules.cli import deliver, main, node
from rules.cli.common import WrongUse
from tests.processes import free_port
from tests.rows import each


def page(port):
    """The metrics page once it is there."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply,
        ):
            return reply.read().decode()
        time.sleep(0.1)
    raise AssertionError("no metrics page")


def test_metrics_of_a_process_that_delivers(sqlite_address):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "rules", "deliver", "--keep", "--metrics", str(port)],
        env={**os.environ, "RULES_DATABASE": sqlite_address},
        stdin=subprocess.PIPE,
    )
    try:
        assert "# TYPE rules_delivery_lag_seconds histogram" in page(port)
    finally:
        process.stdin.close()  # which ends it, as its parent's death would
    assert process.wait(60) == 0


@each(
    ("given", "read"),
    [
        ("9101", ("127.0.0.1", 9101)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("[::1]:9101", ("::1", 9101)),
        ("metrics.example:65535", ("metrics.example", 65535)),
    ],
)
def test_an_address(given, read):
    assert deliver.address(given) == read


@pytest.mark.parametrize("given", ["", "0", "65536", "x", "host:", "host:x", "-1", "²"])
def test_no_address(given, capsys):
    with pytest.raises(argparse.ArgumentTypeError, match=r"write 9101 or 0\.0\.0\.0:9101"):
        deliver.address(given)
    assert main(["deliver", "--metrics", given]) == 2
    assert "--metrics" in capsys.readouterr().err


def test_a_taken_address_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(WrongUse, match=f"--metrics 127.0.0.1:{port}: cannot listen there"):
            node.open_metrics("127.0.0.1", port)
