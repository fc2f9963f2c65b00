"""Preferences and pauses: our store against the raw drivers, the HTTP door against a bare echo.

The yardsticks do what somebody would write by hand: a connection that is kept, one statement with
the same durability, no history, no terms, no limits. Wall clock, ours and theirs in turn.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg

from rules.prefs import apply_preferences, visible
from rules.services.prefs import Origin
from rules.storage import make_engine, migrate
from rules.storage.driver import driver
from rules.storage.preferences import SqlPreferences
from tests.bench._http import ECHO, rates, serving
from tests.bench._row import Row
from tests.stores import PostgresServer

NOW = datetime.now(UTC)
CONTACTS = 20_000
NAMES = ("city", "plan", "language")
MILLION = 1_000_000
TABLE = (
    "CREATE TABLE raw (account TEXT, contact TEXT, name TEXT, value TEXT, expires BIGINT,"
    " PRIMARY KEY (account, contact, name))"
)
UPSERT = (
    "INSERT INTO raw VALUES (?, ?, ?, ?, ?) ON CONFLICT (account, contact, name)"
    " DO UPDATE SET value = excluded.value, expires = excluded.expires"
)
READ = "SELECT name, value, expires FROM raw WHERE account = ? AND contact = ?"
Op = Callable[[str, int], object]


def contact(n: int) -> str:
    return f"9198{n:08}"


def rate(op: Op, number: int, contacts: int) -> float:
    """Operations a second on contacts drawn at random."""
    draw = random.Random(number).randrange
    drawn = [contact(draw(contacts)) for _ in range(number)]
    start = time.perf_counter()
    for n, who in enumerate(drawn):
        op(who, n)
    return number / (time.perf_counter() - start)


def in_turn(ours: Op, yardstick: Op, number: int, contacts: int = CONTACTS) -> tuple[float, float]:
    """Median operations a second of both, one after the other."""
    first, second = [], []
    rate(ours, number // 5, contacts), rate(yardstick, number // 5, contacts)
    for _ in range(7):
        first.append(rate(ours, number, contacts))
        second.append(rate(yardstick, number, contacts))
    return statistics.median(first), statistics.median(second)


def our_write(store: SqlPreferences) -> Op:
    origin = Origin("updateUserPreferences", "6f0c1f0e-0000-4000-8000-000000000000", "58")

    def write(who: str, n: int) -> None:
        values = {NAMES[n % 3]: f"value {n} {time.perf_counter_ns()}"}
        store.change("293", who, lambda s: apply_preferences(s, values, now=NOW), origin)

    return write


def our_read(store: SqlPreferences) -> Op:
    return lambda who, _: visible(store.find("293", who), now=NOW)


def raw_ops(connection, mark: str) -> tuple[Op, Op]:
    upsert, read = UPSERT.replace("?", mark), READ.replace("?", mark)

    def write(who: str, n: int) -> None:
        value = f"value {n} {time.perf_counter_ns()}"
        connection.execute(upsert, ("293", who, NAMES[n % 3], value, None))

    return write, lambda who, _: connection.execute(read, ("293", who)).fetchall()


def fill(execute_many: Callable[..., object], mark: str, contacts: int) -> None:
    document = '{"city":["Pune",null],"plan":["gold",null],"language":["HINDI",null]}'
    ours = "INSERT INTO rules_preferences VALUES (?, ?, ?, ?, ?)".replace("?", mark)
    execute_many(ours, [("293", contact(n), 1, document, None) for n in range(contacts)])


def fill_raw(execute_many: Callable[..., object], mark: str, contacts: int) -> None:
    """The same values, one a row."""
    rows = [("293", contact(n), name, "Pune", None) for n in range(contacts) for name in NAMES]
    execute_many("INSERT INTO raw VALUES (?, ?, ?, ?, ?)".replace("?", mark), rows)


@contextlib.contextmanager
def on_sqlite(contacts: int, *, raw: bool = True) -> Iterator[tuple]:
    """Our store and a raw connection, each on a SQLite file of its own: neither tidies for both."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        engine = make_engine(f"{folder}/bench.sqlite3")
        migrate(engine)
        connection = sqlite3.connect(f"{folder}/raw.sqlite3", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(TABLE)
        with driver(engine) as ours:
            for one, filling in ((ours, fill), (connection, fill_raw))[: 1 + raw]:
                one.execute("BEGIN")
                filling(one.executemany, "?", contacts)
                one.execute("COMMIT")
                one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try:
            yield SqlPreferences(engine), connection, "?"
        finally:
            connection.close()
            engine.dispose()


@contextlib.contextmanager
def on_postgres(contacts: int, *, raw: bool = True) -> Iterator[tuple]:
    """Our store and a raw connection on one PostgreSQL."""
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="flow-rules-bench-")), fsync=True)
    server.start()
    engine = make_engine(server.address)
    try:
        migrate(engine)
        with psycopg.connect(server.address, autocommit=True) as connection:
            connection.execute(TABLE)
            with connection.transaction():
                fill(connection.cursor().executemany, "%s", contacts)
                if raw:
                    fill_raw(connection.cursor().executemany, "%s", contacts)
            connection.execute("VACUUM ANALYZE")
            yield SqlPreferences(engine), connection, "%s"
    finally:
        engine.dispose()
        server.close()


def against_driver(
    place: Callable[..., contextlib.AbstractContextManager],
    name: str,
    name_of_driver: str,
    read_goal: str,
) -> list[Row]:
    with place(CONTACTS) as (store, connection, mark):
        raw_write, raw_read = raw_ops(connection, mark)
        write = in_turn(our_write(store), raw_write, 1_000)
        read = in_turn(our_read(store), raw_read, 4_000)
    return [
        Row(
            f"store a value, {name}",
            write[0],
            "/s",
            write[1],
            f"{name_of_driver}, one upsert of one short row in autocommit, fsynced like ours",
            write[0] / write[1],
            ">= 0.6",
            "ours reads the contact, applies the rule, and keeps all its values and a row of "
            "history in one transaction; the yardstick keeps no history",
        ),
        Row(
            f"read a contact of 3 values, {name}",
            read[0],
            "/s",
            read[1],
            f"{name_of_driver}, one select",
            read[0] / read[1],
            read_goal,
        ),
    ]


def sqlite_store() -> list[Row]:
    return against_driver(on_sqlite, "SQLite", "raw sqlite3", ">= 0.35")


def postgres_store() -> list[Row]:
    return against_driver(on_postgres, "PostgreSQL", "raw psycopg", ">= 0.6")


def scaling(place: Callable[..., contextlib.AbstractContextManager], name: str) -> list[Row]:
    """The same store with a thousand and with a million contacts."""
    with place(1_000, raw=False) as (small, *_), place(MILLION, raw=False) as (large, *_):
        rows = []
        for what, make, number in (("store", our_write, 1_000), ("read", our_read, 4_000)):
            few, many = make(small), make(large)
            rate(few, number, 1_000), rate(many, number, MILLION)
            pairs = [(rate(many, number, MILLION), rate(few, number, 1_000)) for _ in range(7)]
            ours, yardstick = (statistics.median(side) for side in zip(*pairs, strict=True))
            rows.append(
                Row(
                    f"{what}, 1,000,000 contacts, {name}",
                    ours,
                    "/s",
                    yardstick,
                    "1,000 contacts",
                    ours / yardstick,
                    ">= 0.8",
                )
            )
    return rows


def sqlite_scaling() -> list[Row]:
    return scaling(on_sqlite, "SQLite")


def postgres_scaling() -> list[Row]:
    return scaling(on_postgres, "PostgreSQL")


def pause_status() -> Row:
    """`fetchPauseStatusForCLI` against a bare Flask echo, both under the same gunicorn."""
    keys = [
        {"name": "$flow.key.cli", "value": "98799 12345"},
        {"name": "$user.syskey.accountID", "value": "293"},
    ]
    body = msgspec.json.encode({"method": "fetchPauseStatusForCLI", "keys": keys})
    path = "/v1/methods/fetchPauseStatusForCLI"
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        environ = {"RULES_DATABASE": f"{folder}/bench.sqlite3"}
        with serving("webapp:create_app()", environ) as ours, serving(ECHO) as echo:
            rate_, bare = rates((ours, path, body), (echo, "/", body))
    return Row(
        "fetchPauseStatusForCLI over HTTP",
        rate_,
        "/s",
        bare,
        "bare Flask echo",
        rate_ / bare,
        ">= 0.75",
        "one worker, SQLite",
    )


BENCHES = [sqlite_store, postgres_store, sqlite_scaling, postgres_scaling, pause_status]
