"""Fail closed at start; a client made before a fork works in every child."""

import logging
import os
import subprocess
import sys
import textwrap
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import urllib3

from rules.gateways import _connection, _startcheck, http
from rules.gateways.http import GuardBroken, HttpClient, open_client
from rules.outgoing import Reply, TimedOut, Unreachable
from rules.settings import Settings
from tests.gateways.servers import answering, call, send

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def as_at_the_start_of_a_process():
    http._check_once.cache_clear()


def test_a_client_is_opened_with_the_settings():
    settings = Settings.from_mapping({"RULES_OUTGOING_ALLOWED": "127.0.0.0/8"})
    outgoing = open_client(settings)
    with answering() as server:
        assert send(outgoing, call(server.url())).status == 200
    outgoing.close()


def test_the_check_at_every_start_is_no_news(caplog):
    caplog.set_level(logging.INFO, logger="rules.outgoing")
    open_client(Settings()).close()
    assert caplog.records == []
    http._check_once.cache_clear()
    caplog.set_level(logging.DEBUG, logger="rules.outgoing")
    open_client(Settings()).close()
    assert any("purpose=startcheck" in record.getMessage() for record in caplog.records)


def test_a_process_is_checked_once_and_again_after_a_failure(monkeypatch):
    times = []

    def check(_):
        times.append(1)
        if len(times) == 1:
            raise GuardBroken("no")

    monkeypatch.setattr(http, "check", check)
    with pytest.raises(GuardBroken):
        open_client(Settings())
    for _ in range(3):
        open_client(Settings()).close()
    assert len(times) == 2


def test_a_hook_that_does_not_judge(monkeypatch):
    monkeypatch.setattr(_connection, "may_reach", lambda *_: True)
    monkeypatch.setattr(_startcheck, "_SECONDS", 0.2)
    with pytest.raises(GuardBroken):
        open_client(Settings())


def test_a_hook_that_was_replaced(monkeypatch):
    """The connection is opened by the library's own function: our guard is not asked."""
    original = urllib3.connection.HTTPConnection._new_conn
    monkeypatch.setattr(_connection._Guarded, "_new_conn", original)
    with pytest.raises(GuardBroken):
        open_client(Settings())


def test_a_hook_that_connects_before_it_refuses(monkeypatch):
    judge = _connection._addresses

    def first_connect(flight, host, port):
        import socket

        socket.create_connection(("127.0.0.1", port)).close()
        return judge(flight, host, port)

    monkeypatch.setattr(_connection, "_addresses", first_connect)
    with pytest.raises(GuardBroken, match="connected"):
        open_client(Settings())


@pytest.mark.parametrize("version", ["1.26.20", "3.0.1", "2.1.9", "2.99.9"])
def test_another_version(monkeypatch, version):
    real = _startcheck.distribution("urllib3")

    class Foreign:
        files = real.files

    Foreign.version = version
    monkeypatch.setattr(_startcheck, "distribution", lambda _: Foreign)
    with pytest.raises(GuardBroken, match="version"):
        open_client(Settings())


def test_a_urllib3_that_is_no_distribution(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(_startcheck, "distribution", missing)
    with pytest.raises(GuardBroken, match="distribution"):
        open_client(Settings())


def test_a_urllib3_from_elsewhere(monkeypatch, tmp_path):
    (tmp_path / "connection.py").write_text("")
    monkeypatch.setattr(urllib3.connection, "__file__", str(tmp_path / "connection.py"))
    with pytest.raises(GuardBroken, match=r"urllib3\.connection"):
        open_client(Settings())


def test_a_urllib3_that_was_written_over(monkeypatch):
    """Another package put its own file in the place of the distribution's."""
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: read(self) + b"\n# changed")
    with pytest.raises(GuardBroken, match="urllib3"):
        open_client(Settings())


def test_a_distribution_packed_without_hashes(monkeypatch):
    real = _startcheck.distribution("urllib3")

    class Unhashed:
        version = real.version
        files = real.files

    for file in Unhashed.files:
        file.hash = None
    monkeypatch.setattr(_startcheck, "distribution", lambda _: Unhashed)
    open_client(Settings()).close()


def test_without_a_call_of_ours_nothing_is_opened():
    with answering() as server:
        connection = _connection._Guarded("127.0.0.1", server.port)
        for step in (connection.connect, connection._new_conn, connection.getresponse):
            with pytest.raises(_connection.Halt):
                step()
        assert server.connections == 0


def test_no_proxy_can_be_asked_for():
    adapter = _connection.Adapter()
    with pytest.raises(_connection.Halt):
        adapter.proxy_manager_for("http://127.0.0.1:1")
    with pytest.raises(_connection.Halt):
        adapter.get_connection_with_tls_context(None, None, proxies={"http": "http://x"})


FORK = """
    import os, sys, time, warnings
    from tests.gateways.servers import *
    warnings.simplefilter("ignore", DeprecationWarning)
    with answering() as server:
        outgoing = client()
        url = server.url(host="localhost")
        if sys.argv[1] == "used":
            for keep in ("", "1"):
                assert send(outgoing, call(url, keep_alive=keep)).status == 200
        children = []
        for _ in range(2):
            child = os.fork()
            if not child:
                code = 1
                try:
                    for keep in ("", "1", "1"):
                        one = call(url, keep_alive=keep)
                        assert send(outgoing, one).status == 200
                    code = 0
                finally:
                    os._exit(code)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        if sys.argv[1] == "used":
            assert send(outgoing, call(url, keep_alive="1")).status == 200
        print(codes, server.connections)
"""


@pytest.mark.parametrize(("state", "connections"), [("fresh", 4), ("used", 6)])
def test_made_before_a_fork_used_in_two_children(state, connections):
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FORK), state],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        check=False,
    )
    assert run.stdout.strip() == f"[0, 0] {connections}", run.stderr


def test_an_address_family_the_machine_cannot_use_is_an_outcome():
    outgoing = HttpClient(
        allowed=Settings.from_mapping({"RULES_OUTGOING_ALLOWED": "::/0"}).outgoing_allowed,
        find=lambda _, port: [(10, ("100::1", port, 0, 0))],
    )
    with pytest.raises((Unreachable, TimedOut)) as caught:
        send(outgoing, call("http://nowhere.example/"), 0.5)
    assert caught.value.kind == "connect"
    outgoing.close()


def test_reply_is_what_the_services_expect():
    with answering() as server:
        outgoing = open_client(Settings.from_mapping({"RULES_OUTGOING_ALLOWED": "127.0.0.1"}))
        assert isinstance(send(outgoing, call(server.url())), Reply)
        outgoing.close()
