"""Migrations: from nothing to the newest on both stores, several at once, and clear refusals."""

import warnings
from importlib import import_module
from pkgutil import walk_packages

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import rules.storage
from rules.errors import SchemaMismatch
from rules.storage import check_schema, make_engine, migrate, schema, schema_version, transaction
from rules.storage.tables import METADATA, PREFIX
from tests.processes import PROCESSES, start


def migrate_at(address, said):
    warnings.simplefilter("error")
    engine = make_engine(address)
    said.send(migrate(engine))
    engine.dispose()


def set_version(engine, version):
    statement = f"UPDATE {schema.VERSION_TABLE} SET version_num = :version"  # noqa: S608  a constant
    with transaction(engine) as connection:
        connection.execute(text(statement), {"version": version})


def test_migrate_from_nothing_then_nothing_to_do(empty_address):
    engine = make_engine(empty_address)
    assert schema_version(engine) is None
    assert migrate(engine) == (None, schema.HEAD)
    assert migrate(engine) == (schema.HEAD, schema.HEAD)
    check_schema(engine)
    engine.dispose()


def test_no_schema_is_refused(empty_address):
    engine = make_engine(empty_address)
    with pytest.raises(SchemaMismatch, match="no schema yet: run 'flow-rules migrate'"):
        check_schema(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("version", "words"), [("0000", "older than"), ("9999", "newer than")], ids=["older", "newer"]
)
def test_other_schema_is_refused(engine, version, words):
    set_version(engine, version)
    with pytest.raises(SchemaMismatch, match=words):
        check_schema(engine)


def test_newer_schema_is_not_touched(engine):
    set_version(engine, "9999")
    with pytest.raises(SchemaMismatch, match="install a newer flow-rules"):
        migrate(engine)
    assert schema_version(engine) == "9999"


def test_six_processes_start_at_once(empty_address, tmp_path):
    heard, say = PROCESSES.Pipe(duplex=False)
    log = tmp_path / "errors"
    started = [start(migrate_at, empty_address, say, stderr=log) for _ in range(6)]
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * 6
    assert log.read_text() == ""
    said = sorted((heard.recv() for _ in range(6)), key=str)
    assert said == [(schema.HEAD, schema.HEAD)] * 5 + [(None, schema.HEAD)]
    heard.close()
    say.close()


def test_tables_are_what_the_migrations_make(engine):
    for module in walk_packages(rules.storage.__path__, "rules.storage."):
        if ".migrations" not in module.name:
            import_module(module.name)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": schema.VERSION_TABLE,
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name.startswith(PREFIX),
            },
        )
        assert compare_metadata(context, METADATA) == []


def test_revisions_are_one_line_named_by_their_files():
    config = Config()
    config.set_main_option("script_location", str(schema._MIGRATIONS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [s.revision for s in scripts] == [s.module.__name__[:4] for s in scripts]
    assert scripts[0].revision == schema.HEAD
    assert {s.down_revision for s in scripts} == {s.revision for s in scripts[1:]} | {None}


def test_every_table_has_the_prefix(postgres_address):
    with psycopg.connect(postgres_address) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert {name for (name,) in names if not name.startswith(PREFIX)} == set()
