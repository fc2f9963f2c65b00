"""Eight processes at once, and writers that are killed: nothing is lost, nothing torn."""

import random
import time
from contextlib import suppress

import pytest

from rules.storage import driver, is_sqlite, make_engine
from rules.storage.care import examine
from rules.storage.preferences import SqlPreferences
from tests.processes import PROCESSES
from tests.storage.writer import WHO, write


def start(address, name, times):
    """A process that writes, and the end of a pipe on which it says what is done."""
    heard, say = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=write, args=(address, name, times, say))
    process.start()
    say.close()
    return process, heard


def named(address, application):
    """The address under which PostgreSQL knows a client by this name."""
    if "://" not in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}application_name={application}"


def listen(heard, seconds):
    """The last number said within this time, or at all when the process has ended."""
    last, end = None, time.monotonic() + seconds
    with suppress(EOFError):
        while heard.poll(max(0, end - time.monotonic())):
            last = heard.recv()
    return last


def changes(store, name):
    """History of a variable, oldest first."""
    return [row.change for row in store.history(*WHO[:1], [WHO[1]], name=name, limit=10**6)][::-1]


def check_history(store, names):
    """Each value follows from the one before; what is stored is the last of them."""
    stored = store.find(*WHO)
    for name in (*names, "last"):
        rows = changes(store, name)
        assert [row.old for row in rows] == [None, *(row.new for row in rows[:-1])], name
        assert stored[name].value == rows[-1].new
    for name in names:
        assert [row.new for row in changes(store, name)] == [
            str(n + 1) for n in range(int(stored[name].value))
        ]
    return {name: int(stored[name].value) for name in names}


def race(address, times):
    names = [f"writer{n}" for n in range(8)]
    running = [start(address, name, times) for name in names]
    for process, heard in running:
        assert listen(heard, 120) == times
        process.join(10)
        assert process.exitcode == 0
        heard.close()
    engine = make_engine(address)
    store = SqlPreferences(engine)
    assert check_history(store, names) == dict.fromkeys(names, times)
    assert len(changes(store, "last")) == 8 * times
    engine.dispose()


def kill(address, rounds, seconds):
    """Start a writer, kill it at a random moment, look at what is there; again and again."""
    draw = random.Random(0)
    engine = make_engine(address)
    store = SqlPreferences(engine)
    for _ in range(rounds):
        writer, heard = start(named(address, "victim"), "victim", 0)
        said = heard.recv()
        said = listen(heard, draw.uniform(0, seconds)) or said
        writer.kill()
        writer.join(10)
        said = listen(heard, 5) or said
        heard.close()
        wait_for_the_rest(engine)
        there = check_history(store, ["victim"])["victim"]
        assert there in {said, said + 1}, "one may be done and not yet said"
        assert store.find(*WHO)["last"].value == f"victim {there}", "both values or none"
    assert all(well for *_, well in examine(engine))
    engine.dispose()


def wait_for_the_rest(engine):
    """PostgreSQL ends what a killed client had sent; look at the outcome when it has."""
    if is_sqlite(engine):
        return
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'victim'"
    for _ in range(1_000):
        with driver(engine) as connection:
            if connection.execute(count).fetchone() == (0,):
                return
        time.sleep(0.01)
    pytest.fail("the killed client's server process goes on")


def test_eight_processes_on_one_contact(address):
    race(address, 10)


def test_killed_writer(address):
    kill(address, rounds=3, seconds=0.1)


@pytest.mark.soak
def test_eight_processes_for_long(address):
    race(address, 500)


@pytest.mark.soak
def test_killed_writer_200_times(address):
    kill(address, rounds=200, seconds=0.05)
