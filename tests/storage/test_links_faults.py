"""Short links while the database is locked, full, read-only or away; and how they heal."""

from __future__ import annotations

import logging
import secrets
import sqlite3
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from rules.methods.link_reads import find_link, hidden_data, link_stats
from rules.methods.short_url import short_url
from rules.storage import make_engine
from rules.storage.link_services import link_services
from rules.testing import make_services
from webapp import create_app

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
LONG = "https://shop.example/Sentinel"
PHONE = "Mozilla/5.0 (Linux; Android 15) Mobile"
BOT = {"base_url": "https://bot.example", "data_key": "bot-key"}


def services(address, wait_seconds=0.2):
    mine = make_services(
        now=NOW,
        accounts={"default": {"bots": {"1": BOT}}},
        link_domain="s.example",
        default_tenant=True,
    )
    engine = make_engine(address, wait_seconds=wait_seconds)
    return replace(mine, links=link_services(engine, mine.settings), draw=secrets.randbelow), engine


def ask(mine, url=LONG, **more):
    return short_url({"custToken": "abcd1234", "longUrl": url} | more, mine)


def opened(mine, short):
    host, _, path = short.removeprefix("https://").partition("/")
    headers = {"Host": host, "User-Agent": PHONE}
    return create_app(mine).test_client().get(f"/{path}", headers=headers)


@pytest.fixture
def mine(sqlite_address):
    mine, engine = services(sqlite_address)
    yield mine
    mine.links.log.flush()
    engine.dispose()


def check_refused(reply):
    """A clear failure: HTTP 500, the documented member, nothing of the cause."""
    assert (reply.status, reply.body["shortUrl"]) == (500, "")
    assert reply.body["error"]["code"] == "INTERNAL"
    assert reply.body["error"]["message"] == "unexpected failure"
    assert "Sentinel" not in f"{reply.error}"


def test_l1_a_locked_file_fails_clearly_and_heals_alone(mine, sqlite_address):
    short = ask(mine).body["shortUrl"]
    other = sqlite3.connect(sqlite_address, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    check_refused(ask(mine, url=LONG + "2"))
    assert ask(mine).body["shortUrl"] == short  # reading needs no lock
    assert opened(mine, short).status_code == 302
    other.execute("ROLLBACK")
    other.close()
    assert ask(mine, url=LONG + "2").status == 200


def test_l5_a_click_that_cannot_be_counted_is_let_through(mine, sqlite_address, caplog):
    short = ask(mine, maxClicks=1).body["shortUrl"]
    other = sqlite3.connect(sqlite_address, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with caplog.at_level(logging.WARNING):
        assert [opened(mine, short).status_code for _ in range(2)] == [302, 302]
    other.execute("ROLLBACK")
    other.close()
    assert "click not counted" in caplog.text
    assert [opened(mine, short).status_code for _ in range(2)] == [302, 410]


def test_l5_a_full_disk_loses_clicks_and_nothing_else(mine, sqlite_address):
    """The file may not grow: SQLite says "full", as on a full disk."""
    short = ask(mine).body["shortUrl"]
    link = find_link(mine, short)

    class Full:
        """A store whose connections may add no page."""

        def __init__(self):
            self.clicks = mine.links.clicks

        def visitor_key(self, *values):
            return self.clicks.visitor_key(*values)

        def keep(self, clicks):
            connection = sqlite3.connect(sqlite_address)
            try:
                pages = connection.execute("PRAGMA page_count").fetchone()[0]
                connection.execute(f"PRAGMA max_page_count={pages}")
                rows = [(link.id, 1, 1, 0, n) for n in range(5000)]
                connection.executemany("INSERT INTO rules_link_clicks VALUES (?,?,?,?,?)", rows)
            finally:
                connection.close()

    from rules.storage.click_log import DirectClicks

    full = replace(mine, links=replace(mine.links, log=DirectClicks(Full())))
    assert opened(full, short).status_code == 302
    assert mine.links.clicks.counts(link.id).human == 0
    assert opened(mine, short).status_code == 302
    mine.links.log.flush()
    assert mine.links.clicks.counts(link.id).human == 1


def test_l4_a_file_that_is_gone_is_a_page_for_people_and_an_error_for_flows(tmp_path):
    mine, engine = services(str(tmp_path / "no" / "file.sqlite3"))
    reply = opened(mine, "https://s.example/r4TzK9wq")
    assert (reply.status_code, reply.mimetype) == (500, "text/html")
    assert "Location" not in reply.headers
    check_refused(ask(mine))
    stats = link_stats({"custToken": "abcd1234", "shortUrl": "s.example/r4TzK9wq"}, mine)
    data = hidden_data("0b6f2f0e-5a0e-4a57-9d0c-3f6c3b1a7e11", "bot-key", mine)
    for found in (stats, data):
        assert (found.status, found.body["error"]["code"]) == (500, "INTERNAL")
        assert str(tmp_path) not in str(found.body)
    assert not list(Path(tmp_path).iterdir())
    engine.dispose()


def test_l4_a_server_that_stops_and_comes_back(postgres_server):
    mine, engine = services(postgres_server.address, wait_seconds=2)
    short = ask(mine).body["shortUrl"]
    assert opened(mine, short).status_code == 302
    mine.links.log.flush()
    postgres_server.stop()
    assert opened(mine, short).status_code == 500
    check_refused(ask(mine, url=LONG + "2"))
    postgres_server.start()
    end = time.monotonic() + 30
    while opened(mine, short).status_code != 302:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert ask(mine).body["shortUrl"] == short
    assert ask(mine, url=LONG + "2").status == 200
    mine.links.log.flush()
    assert mine.links.clicks.counts(find_link(mine, short).id).human >= 2
    engine.dispose()
