"""Short links: a look-up among a million, their file, a redirect against an empty Flask route."""

from __future__ import annotations

import contextlib
import functools
import itertools
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, Response

from rules.bootstrap import build
from rules.links import make_code
from rules.services.links import DomainState
from rules.settings import Settings
from tests.bench._http import ECHO, rates, serving
from tests.bench._row import Row, in_turn
from webapp import create_app

MILLION = 1_000_000
ORIGIN = "http://localhost:8000"
AGENT = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Mobile Safari/537.36"
_folder = tempfile.TemporaryDirectory(prefix="flow-rules-bench-")


@functools.cache
def database() -> tuple[Settings, list[str]]:
    """A file with a million links that are live, and some of their codes."""
    settings = Settings(database=str(Path(_folder.name) / "links.sqlite3"), link_domain=ORIGIN)
    services = build(settings)
    now = datetime.now(UTC)
    domain = services.links.domains.add(
        "localhost", account=None, state=DomainState.READY, token="", now=now
    )
    draw = random.Random(7)
    codes = []
    connection = sqlite3.connect(settings.database)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-200000")
    for start in range(0, MILLION, 20_000):
        page = [make_code(draw.randrange, 8) for _ in range(20_000)]
        moment = int((now - timedelta(seconds=MILLION - start)).timestamp())
        with connection:
            connection.executemany(
                "INSERT INTO rules_links (domain, code, account, header, target, created, expires,"
                " used, reuse) VALUES (?, ?, '163', '', ?, ?, ?, 0, ?)",
                [
                    (
                        domain.id,
                        code,
                        f"https://shop.example/offers/{start + n:07}?src=sms",
                        moment,
                        moment + 365 * 86_400,
                        draw.getrandbits(63),
                    )
                    for n, code in enumerate(page)
                ],
            )
        codes += page[:50]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    draw.shuffle(codes)
    return settings, codes


def in_a_row(values: list[str]) -> Callable[[], str]:
    """The values one after the other, again and again."""
    state = {"place": 0}

    def following() -> str:
        state["place"] = (state["place"] + 1) % len(values)
        return values[state["place"]]

    return following


def look_up() -> list[Row]:
    """A look-up among a million links, as the redirect does it, and the size of their file."""
    settings, codes = database()
    find, code = build(settings).links.links.find, in_a_row(codes)
    assert find("localhost", codes[0]) is not None
    raw = sqlite3.connect(settings.database)
    statement = "SELECT target FROM rules_links WHERE domain = 1 AND code = ?"
    ours, bare = in_turn(
        lambda: find("localhost", code()),
        lambda: raw.execute(statement, (code(),)).fetchone(),
        number=2000,
    )
    raw.close()
    size = Path(settings.database).stat().st_size / 1_000_000
    return [
        Row(
            "look-up among 1,000,000 links",
            ours * 1e6,
            "µs",
            wanted="<= 50",
            note=f"bare sqlite3 select of one column: {bare * 1e6:.3g} µs",
        ),
        Row("file of 1,000,000 links", size, "MB", wanted="<= 150"),
    ]


_peers = itertools.count()


def _environ(code: str) -> dict[str, object]:
    peer = next(_peers)  # from everywhere, so that misses are not braked
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/{code}",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost:8000",
        "HTTP_USER_AGENT": AGENT,
        "REMOTE_ADDR": f"{peer % 97}.{peer % 251}.{peer % 241}.9",
        "wsgi.url_scheme": "http",
    }


def _asking(app: Flask, code: Callable[[], str], status: str) -> Callable[[], None]:
    def start(line: str, *_: object) -> None:
        assert line.startswith(status), line

    def ask() -> None:
        body = app(_environ(code()), start)
        b"".join(body)
        if hasattr(body, "close"):
            body.close()

    return ask


def in_process() -> list[Row]:
    """The app called in process, without a server: what a redirect adds to Flask itself."""
    settings, codes = database()
    services = build(settings)
    empty = Flask("empty")
    empty.add_url_rule("/<code>", "route", lambda code: Response(status=302))
    hit = _asking(create_app(services), in_a_row(codes), "302")
    ours, bare = in_turn(hit, _asking(empty, in_a_row(codes), "302"), number=500)
    services.links.log.flush()
    missed = _asking(create_app(services), in_a_row([code[::-1] for code in codes]), "404")
    return [
        Row(
            "redirect in process, click written",
            ours * 1e6,
            "µs",
            bare * 1e6,
            "empty Flask route",
            ours / bare,
            note="CPU time, the thread that writes the clicks included",
        ),
        _hit_and_miss(hit, missed),
    ]


def _hit_and_miss(hit: Callable[[], None], missed: Callable[[], None]) -> Row:
    """Wall clock of single answers, in turn; a guesser must not tell them apart."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(2000):
        for kind, call in enumerate((hit, missed)):
            start = time.perf_counter()
            call()
            times[kind].append(time.perf_counter() - start)
    one, other = (statistics.median(found) * 1e6 for found in times)
    note = "wall clock, median of 2,000"
    return Row("a miss against a hit", other, "µs", one, "a hit", other / one, note=note)


@contextlib.contextmanager
def _both() -> Iterator[tuple[int, int, str]]:
    settings, codes = database()
    environ = {"RULES_DATABASE": settings.database, "RULES_LINK_DOMAIN": ORIGIN}
    with serving("webapp:create_app()", environ) as ours, serving(ECHO) as echo:
        yield ours, echo, codes[0]


def over_http() -> list[Row]:
    """A redirect through the app under gunicorn against an empty route under the same."""
    settings, _ = database()
    before = _clicks(settings)
    with _both() as (port, bare_port, code):
        ours, bare = rates(
            (port, f"/{code}", b""), (bare_port, "/redirect", b""), verb="GET", yardstick_verb="GET"
        )
        time.sleep(1)
    written = _clicks(settings) - before
    return [
        Row(
            "redirect over HTTP, clicks written",
            1e6 / ours,
            "µs",
            1e6 / bare,
            "empty Flask route",
            bare / ours,
            "<= 1.3",
            f"{ours:,.0f} against {bare:,.0f} requests a second; {written:,} clicks in the file",
        )
    ]


def _clicks(settings: Settings) -> int:
    connection = sqlite3.connect(settings.database)
    try:
        return connection.execute("SELECT count(*) FROM rules_link_clicks").fetchone()[0]
    finally:
        connection.close()


BENCHES: list[Callable[[], list[Row]]] = [look_up, in_process, over_http]
