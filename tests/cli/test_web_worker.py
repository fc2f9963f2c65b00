"""The web worker: who sends too slowly is no longer read, and blocks nobody for long."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from rules.cli.web_worker import WebWorker


@pytest.fixture
def worker(monkeypatch):
    monkeypatch.setattr(ThreadWorker, "notify", lambda _: None)
    monkeypatch.setattr(ThreadWorker, "handle", lambda _, conn: conn.sock.recv(10))
    made = WebWorker(1, 1, [], None, 30, Config(), None)
    yield made
    made.tmp.close()


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


class Conn:
    def __init__(self, sock):
        self.sock = sock


def test_a_request_that_never_arrives_ends(worker, pair):
    read = []
    conn = Conn(pair[0])
    thread = threading.Thread(target=lambda: read.append(worker.handle(conn)), daemon=True)
    thread.start()
    worker.patience = 0.0
    end = time.monotonic() + 10
    while thread.is_alive() and time.monotonic() < end:
        worker.notify()
        time.sleep(0.01)
    assert read == [b""]


def test_one_that_is_in_time_is_read(worker, pair):
    thread = threading.Timer(0.1, pair[1].sendall, (b"whole",))
    thread.start()
    worker.notify()
    assert worker.handle(Conn(pair[0])) == b"whole"
    thread.join()


def test_a_connection_that_has_gone_disturbs_nobody(worker, pair, monkeypatch):
    def close_and_look(_, conn):
        conn.sock.close()
        worker.notify()
        return "done"

    monkeypatch.setattr(ThreadWorker, "handle", close_and_look)
    worker.patience = 0.0
    assert worker.handle(Conn(pair[0])) == "done"
