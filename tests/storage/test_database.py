"""The installation's database: made on first use, refused with another schema, told to health."""

import pytest
from sqlalchemy import text

from rules.errors import SchemaMismatch, StoreUnavailable
from rules.storage import (
    database_state,
    driver,
    make_engine,
    open_database,
    prepare,
    reading,
    schema,
    schema_version,
    transaction,
)
from tests.stores import fresh_database

ONE = text("SELECT 1")


def set_version(address, version):
    engine = make_engine(address)
    statement = f"UPDATE {schema.VERSION_TABLE} SET version_num = :version"  # noqa: S608  a constant
    with transaction(engine) as connection:
        connection.execute(text(statement), {"version": version})
    engine.dispose()


@pytest.fixture
def opened():
    engines = []

    def opening(address):
        engines.append(open_database(address))
        return engines[-1]

    yield opening
    for engine in engines:
        engine.dispose()


def test_opening_touches_nothing(tmp_path, opened):
    opened(str(tmp_path / "rules.sqlite3"))
    assert list(tmp_path.iterdir()) == []


def test_new_sqlite_file_gets_its_schema_on_first_use(tmp_path, opened):
    engine = opened(str(tmp_path / "rules.sqlite3"))
    with reading(engine) as connection:
        assert connection.execute(ONE).scalar() == 1
    assert schema_version(engine) == schema.HEAD


def test_empty_postgres_waits_for_migrate(postgres_template, opened):
    server, _ = postgres_template
    with fresh_database(server, "template0") as address:
        engine = opened(address)
        for use in (reading, transaction, driver):
            with pytest.raises(SchemaMismatch, match="no schema yet"), use(engine):
                pass
        assert prepare(address) == (None, schema.HEAD)
        with driver(engine) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        engine.dispose()


@pytest.mark.parametrize(("version", "words"), [("0000", "older"), ("9999", "newer")])
def test_other_schema_is_refused_at_each_connection(address, opened, version, words, caplog):
    set_version(address, version)
    engine = opened(address)
    for _ in range(2):
        with pytest.raises(SchemaMismatch, match=words), reading(engine):
            pass
    assert words in caplog.records[0].why
    set_version(address, schema.HEAD)
    with reading(engine) as connection:
        assert connection.execute(ONE).scalar() == 1


def test_health(engine):
    assert database_state(engine) == {
        "ok": True,
        "store": engine.dialect.name,
        "schema": schema.HEAD,
    }


def test_health_of_an_unreachable_store(tmp_path):
    engine = make_engine(str(tmp_path / "missing" / "rules.sqlite3"))
    with pytest.raises(StoreUnavailable):
        database_state(engine)
