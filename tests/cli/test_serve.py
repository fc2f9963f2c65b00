"""`flow-rules serve` as a user starts it: processes that come up, die, come back and end."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from rules.cli import main, serve
from tests.processes import free_port
from tests.rows import each


def until(condition, seconds=90.0):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.1)
    return found


def descendants(pid):
    """Command lines of all processes below this one, by process id."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_text().replace("\0", " ")
            if stat[0] != "Z":
                parents[int(folder.name)] = (int(stat[1]), command)
    found = {}
    level = {pid}
    while level:
        level = {child for child, (parent, _) in parents.items() if parent in level}
        found |= {child: parents[child][1] for child in level}
    return found


def alive(pid):
    with contextlib.suppress(OSError):
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return False


@contextlib.contextmanager
def serving(tmp_path, *options, ready="delivering"):
    """The service as a process, from when its log says so."""
    port = free_port()
    environ = {**os.environ, "RULES_DATABASE": str(tmp_path / "rules.sqlite3")}
    command = [sys.executable, "-m", "rules", "serve", "--port", str(port), "--workers", "1"]
    command += options
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=log, stderr=log)
    process.port = port
    process.log = tmp_path / "log"
    try:
        until(lambda: ready in process.log.read_text())
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as process:
        yield process


def health(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/health", timeout=10) as reply:
        return json.load(reply)


def delivery_of(server):
    """Process id of the delivery process itself, not of its keeper."""
    found = descendants(server.pid)
    pids = [pid for pid, command in found.items() if "deliver" in command and "keep" not in command]
    return pids[0] if pids else 0


def a_newcomers_first_call_arrives_in_the_sandbox(server):
    line = next(x for x in server.log.read_text().splitlines() if x.startswith("Dialler: "))
    page = line.rpartition(" ")[2]
    fields = {"securityID": "x" * 64, "flowID": "aB3dE5gH", "contactNumbers": "9876543210"}
    keys = call(server, "createOutbound", fields)
    assert (keys["obdState"], keys["obdReason"]) == ("accepted", "SANDBOX")
    with urllib.request.urlopen(page, timeout=10) as reply:  # noqa: S310  the address the banner names
        assert b"919876543210" in reply.read()
    assert health(server)["outbound"]["dialler"] == "sandbox"
    metrics = f"http://127.0.0.1:{server.port}/metrics"
    with urllib.request.urlopen(metrics, timeout=10) as reply:  # of the delivery process too
        assert b'rules_attempts_total{kind="order",outcome="accepted"} 1.0' in reply.read()


def test_serve_answers_delivers_and_ends(server):
    a_newcomers_first_call_arrives_in_the_sandbox(server)
    told = health(server)
    assert told["version"]
    assert [(node["alive"], node["name"]) for node in told["delivery"]["nodes"]] == [
        (True, socket.gethostname())
    ]
    below = descendants(server.pid)
    assert len(below) == 4, "a worker, the delivery process and its keeper, the sandbox dialler"
    killed = delivery_of(server)
    os.kill(killed, signal.SIGKILL)
    until(lambda: delivery_of(server) not in {0, killed})
    until(lambda: server.log.read_text().count('"delivering"') == 2)
    server.send_signal(signal.SIGTERM)
    assert server.wait(90) == 0
    until(lambda: not any(map(alive, below)))


def call(server, method, fields):
    """The variables of a reply."""
    body = {"keys": [{"name": name, "value": value} for name, value in fields.items()]}
    url = f"http://127.0.0.1:{server.port}/v1/methods/{method}"
    with urllib.request.urlopen(url, json.dumps(body).encode(), timeout=20) as reply:
        return {key["name"].rpartition(".")[2]: key["value"] for key in json.load(reply)["keys"]}


def test_production_has_no_sandbox(tmp_path):
    options = ("--no-sandbox", "--web-only")
    with serving(tmp_path, *options, ready="Dialler: not set") as server:
        until(lambda: reachable(server))
        fields = {"securityID": "x" * 64, "flowID": "aB3dE5gH", "contactNumbers": "9876543210"}
        assert call(server, "createOutbound", fields)["obdReason"] == "DIALLER_NOT_SET"
        assert not any("sandbox-dialler" in command for command in descendants(server.pid).values())


def reachable(server):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) == 0


def test_nothing_is_left_when_the_server_is_killed(server):
    below = descendants(server.pid)
    server.kill()
    server.wait()
    until(lambda: not any(map(alive, below)))


def test_a_taken_port_is_named(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port]) == 2
    assert f"127.0.0.1:{port}: cannot listen there" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["2001:db8::1", "[2001:db8::1]"])
def test_an_ipv6_address_that_is_not_ours_is_named_in_brackets(host, capsys):
    assert main(["serve", "--host", host, "--port", "8000"]) == 2  # with IPv6 and without
    assert "[2001:db8::1]:8000: cannot listen there" in capsys.readouterr().err


@each(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("[::1]", "[::1]:80")],
)
def test_the_banner_shows_an_address_that_can_be_opened(host, address):
    args = argparse.Namespace(host=host, port=80, workers=1)
    assert f"http://{address}/console/" in serve._banner(args, "", "")


def test_migrate_says_what_it_did(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("RULES_DATABASE", str(tmp_path / "x.sqlite3"))
    assert main(["migrate"]) == 0
    assert "schema went from nothing to" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert "was up to date" in capsys.readouterr().out
