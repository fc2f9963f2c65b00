"""The database is locked, full, stopped, started again: clear failures, and it heals alone."""

import json
import resource
import shutil
import sqlite3
import subprocess
import threading
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest

from rules.errors import StoreUnavailable
from rules.logs import JsonLines
from rules.prefs import apply_preferences
from rules.services.prefs import Origin
from rules.storage import make_engine, migrate
from rules.storage.care import examine
from rules.storage.pauses import SqlPauses
from rules.storage.preferences import SqlPreferences
from rules.testing import make_services
from webapp import create_app

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
WAIT = 0.3


class Door:
    """The HTTP door on one engine; each method gives status and variables."""

    def __init__(self, engine):
        services = make_services(now=NOW)
        stores = {"preferences": SqlPreferences(engine), "pauses": SqlPauses(engine)}
        self._client = create_app(replace(services, **stores)).test_client()

    def call(self, method, **fields):
        keys = [{"name": name, "value": value} for name, value in fields.items()]
        reply = self._client.post(f"/v1/methods/{method}", data=msgspec.json.encode({"keys": keys}))
        found = {key["name"].split(".")[-1]: key["value"] for key in reply.json["keys"]}
        return reply.status_code, found, reply.json.get("error", {})

    def update(self, value):
        who = {"contactNumber": "8000374123", "$user.syskey.accountID": "293"}
        return self.call("updateUserPreferences", **who, **{"$user.key.city": value})

    def fetch(self):
        who = {"contactNumber": "8000374123", "$user.syskey.accountID": "293"}
        return self.call("fetchUserPreferences", **who)

    def pause(self, value):
        return self.call("updatePauseStatusForCLI", cli="9879912345", pause=value)

    def status(self):
        return self.call("fetchPauseStatusForCLI", cli="9879912345")


@pytest.fixture
def opened():
    """Engines that are closed at the end."""
    engines = []

    def opening(address):
        engines.append(make_engine(address, wait_seconds=WAIT))
        return engines[-1]

    yield opening
    for engine in engines:
        engine.dispose()


def check_failure(reply, **failure):
    status, found, error = reply
    assert (status, found) == (500, failure)
    assert (error["code"], error["message"]) == ("INTERNAL", "unexpected failure")


def check_down(door):
    """Every method fails clearly, with the values a flow looks at."""
    check_failure(door.update("lost"), userPrefsUpdationSuccess="FAILURE")
    check_failure(door.fetch())
    check_failure(door.pause("true"), cli_pause_update="false")
    check_failure(door.status(), cli_paused="false")


def check_up(door, city):
    assert door.fetch()[:2] == (200, {"city": city})
    assert door.update(f"{city}+")[1]["userPrefsUpdationSuccess"] == "SUCCESS"
    assert door.pause("true")[1]["cli_pause_update"] == "true"
    assert door.status()[1]["cli_paused"] == "true"
    assert door.pause("false")[1]["cli_pause_update"] == "true"


def test_locked_file(sqlite_address, opened, caplog):
    door = Door(opened(sqlite_address))
    assert door.update("Pune")[0] == 200
    check_up(door, city="Pune")
    with sqlite3.connect(sqlite_address, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        check_failure(door.update("lost"), userPrefsUpdationSuccess="FAILURE")
        check_failure(door.pause("true"), cli_pause_update="false")
        assert door.fetch()[:2] == (200, {"city": "Pune+"}), "readers go on"
        assert door.status()[0] == 200
        other.execute("ROLLBACK")
    other.close()
    check_up(door, city="Pune+")
    why = {json.loads(JsonLines().format(r))["why"] for r in caplog.records if r.exc_info}
    assert len(why) == 1
    assert "SQLITE_BUSY, another process held the file too long" in why.pop()


def test_lock_that_is_let_go_in_time_is_waited_for(sqlite_address, opened):
    engine = make_engine(sqlite_address, wait_seconds=20)
    door = Door(engine)
    other = sqlite3.connect(sqlite_address, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    release.start()
    assert door.update("Pune")[1]["userPrefsUpdationSuccess"] == "SUCCESS"
    release.join()
    other.close()
    engine.dispose()


class SmallDisk:
    """A folder that is soon full, until `free` is called.

    A disk of its own where this process may make one (tmpfs), else a limit on the size of files.
    """

    def __init__(self, folder):
        self.folder = folder
        self._filler = folder / "filler"
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, check=False, capture_output=True)
            self._mounted = done.returncode == 0
        except FileNotFoundError:
            self._mounted = False

    def fill(self):
        """Leave room for about a megabyte more."""
        if self._mounted:
            left = shutil.disk_usage(self.folder).free
            self._filler.write_bytes(bytes(left - 1_000_000))
        else:
            largest = max(path.stat().st_size for path in self.folder.iterdir())
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 1_000_000, self._limits[1]))

    def free(self):
        self._filler.unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)

    def close(self):
        self.free()
        if self._mounted:
            subprocess.run(["umount", str(self.folder)], check=True)


@pytest.fixture
def small_disk(tmp_path):
    disk = SmallDisk(tmp_path / "disk")
    yield disk
    disk.close()


def test_full_disk(small_disk, opened):
    engine = opened(str(small_disk.folder / "rules.sqlite3"))
    migrate(engine)
    door, store = Door(engine), SqlPreferences(engine)
    assert door.update("Pune")[0] == 200
    small_disk.fill()
    acknowledged = []
    with pytest.raises(StoreUnavailable, match=r"disk is full|disk failed"):
        acknowledged.extend(put(store, str(n)) for n in range(2_000))
    assert len(acknowledged) > 10
    city = "Pune"
    for n in range(1_000):  # a smaller one may still have found room
        wanted = f"{n} {'x' * 3_000}"
        reply = door.update(wanted)
        if reply[0] != 200:
            break
        city = wanted
    check_failure(reply, userPrefsUpdationSuccess="FAILURE")
    assert door.fetch()[:2] == (200, {"city": city}), "readers go on"
    small_disk.free()
    check_up(door, city=city)
    assert all(store.find("293", n)["note"].value == n * 4 for n in acknowledged)
    assert all(well for *_, well in examine(engine))


def put(store, contact):
    """Keep about 20,000 bytes under a contact, then give it back."""
    values = {"note": contact * 4} | {f"n{n}": "x" * 4_000 for n in range(5)}

    def rule(stored):
        return apply_preferences(stored, values, now=NOW)

    store.change("293", contact, rule, Origin("test"))
    return contact


def test_postgres_stops_and_starts(postgres_server, opened):
    door = Door(opened(postgres_server.address))
    assert door.update("Pune")[0] == 200
    check_up(door, city="Pune")
    postgres_server.stop()
    check_down(door)
    postgres_server.start()
    check_up(door, city="Pune+")


def test_postgres_crashes(postgres_server, opened):
    engine = opened(postgres_server.address)
    door, store = Door(engine), SqlPreferences(engine)
    for n in range(20):
        put(store, str(n))
    assert door.update("Pune")[0] == 200
    postgres_server.kill()
    check_down(door)
    postgres_server.start()
    check_up(door, city="Pune")
    assert all(store.find("293", str(n))["note"].value == str(n) * 4 for n in range(20))
    assert store.count("293") == 21


def test_postgres_row_locked_by_somebody_else(postgres_address, opened):
    door = Door(opened(postgres_address))
    assert door.update("Pune")[0] == 200
    other = make_engine(postgres_address)
    with other.begin() as connection:
        connection.exec_driver_sql("UPDATE rules_preferences SET version = version")
        check_failure(door.update("lost"), userPrefsUpdationSuccess="FAILURE")
        assert door.fetch()[:2] == (200, {"city": "Pune"})
    check_up(door, city="Pune")
    other.dispose()


def test_no_connection_left(sqlite_address):
    """A pool that is used up fails in time, and is whole again when one comes back."""
    engine = make_engine(sqlite_address, wait_seconds=WAIT, connections=1)
    store = SqlPauses(engine)
    with engine.connect(), pytest.raises(StoreUnavailable, match="TimeoutError"):
        store.all_running()
    assert store.all_running() == []
    engine.dispose()
