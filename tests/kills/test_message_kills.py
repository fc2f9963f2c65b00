"""Flow-end messages survive `kill -9` of their delivery: none lost, repeats carry the same id."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rules.webhooks import verify
from rules.webhooks.endpoints import Endpoint
from rules.webhooks.messages import Message, MessageState
from tests.kills.world import World, until

SECRET = "whsec_b3VyLW93bi1leGFtcGxlLXNlY3JldC0zMi1ieXRlcyE="
ACCOUNTS = "[default]\nhttp_enabled = true\n"
ENDPOINTS = 3


class Receiver(BaseHTTPRequestHandler):
    """Checks each message's signature, notes its id and body, takes a moment to answer."""

    got = None
    pause = 0.02

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        verify(dict(self.headers), body, SECRET, now=datetime.now(UTC))
        self.got[self.headers["webhook-id"]].append(body)
        time.sleep(self.pause)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def receiving():
    """Address of a receiver, and the bodies it got by message id."""
    got = defaultdict(list)
    handler = type("Here", (Receiver,), {"got": got})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def world(address, tmp_path):
    accounts = tmp_path / "accounts.toml"
    accounts.write_text(ACCOUNTS)
    made = World(
        address, tmp_path, RULES_ACCOUNTS=str(accounts), RULES_OUTGOING_ALLOWED="127.0.0.0/8"
    )
    yield made
    made.close()


def queue(world, url, count):
    """Messages to several endpoints at one address; bodies by id."""
    now = world.services.clock()
    bodies = {}
    for number in range(ENDPOINTS):
        endpoint = Endpoint(f"e{number}", "163", "crm", url, created_at=now, secret=SECRET)
        world.services.endpoints.add(endpoint)
    for number in range(count):
        body = b'{"phonon-uuid":"%d"}' % number
        message = Message(
            f"msg_{number:026}", f"e{number % ENDPOINTS}", "163", f"u{number}", body, now
        )
        bodies[message.id] = body
        assert world.services.messages.queue(message)
    return bodies


def delivered(world):
    return world.services.messages.counts().by_state.get(MessageState.DELIVERED, 0)


@pytest.mark.soak
def test_messages_of_killed_processes_arrive_under_their_ids(world, address):
    count, kills = 600, 6
    nodes = ("one",) if "://" not in address else ("one", "two")
    with receiving() as (url, got):
        bodies = queue(world, url, count)
        for _ in range(kills):
            before = len(got)
            with ExitStack() as stack:
                for node in nodes:
                    stack.enter_context(world.delivering(node))
                until(lambda before=before: len(got) > before, 90)
        with world.delivering("one"):
            until(lambda: delivered(world) == count, 300)
    assert set(got) == set(bodies), "none lost, none under another id"
    assert all(set(seen) == {bodies[name]} for name, seen in got.items())
    repeats = sum(len(seen) - 1 for seen in got.values())
    print(f"{kills} kills of {len(nodes)} processes, {count} messages, {repeats} came again")
