"""`flow-rules backup`, `check`, `housekeeping`."""

import shutil
import sqlite3
import threading

import pytest

from rules import bootstrap
from rules.cli import main
from rules.settings import Settings
from rules.storage import make_engine, schema
from rules.storage.care import copy_sqlite

NOW = "2026-11-18T10:30:00+05:30"


@pytest.fixture(scope="module")
def way_out():
    """The real client, opened once: its start check takes longer than a command."""
    return bootstrap.open_client(Settings())


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path, way_out):
    monkeypatch.setattr(bootstrap, "open_client", lambda _: way_out)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def sqlite(monkeypatch, sqlite_address):
    monkeypatch.setenv("RULES_DATABASE", sqlite_address)
    return sqlite_address


def remember(run, value):
    return run("prefs", "set", "8000374123", f"city={value}", "--account", "293", "--now", NOW)


def test_backup_is_a_database_of_its_own(run, sqlite, folder, monkeypatch):
    remember(run, "Pune")
    code, out, _ = run("backup", "copy.sqlite3")
    assert code == 0
    assert out.startswith("copy.sqlite3: ")
    assert not list(folder.glob("copy.sqlite3?*")), "one file, nothing beside it"
    remember(run, "Goa")
    monkeypatch.setenv("RULES_DATABASE", "copy.sqlite3")
    assert run("prefs", "get", "8000374123", "--account", "293")[1] == "city\tPune\n"
    assert run("check")[0] == 0


def test_backup_while_others_write(sqlite, folder):
    engine, done = make_engine(sqlite), threading.Event()

    def write():
        with sqlite3.connect(sqlite, isolation_level=None, timeout=15) as other:
            other.execute("CREATE TABLE pairs (a INTEGER, b INTEGER)")
            n = 0
            while not done.is_set():
                n += 1
                other.execute("BEGIN IMMEDIATE")
                other.execute("INSERT INTO pairs VALUES (?, ?)", (n, n))
                other.execute("UPDATE pairs SET b = ?", (n,))
                other.execute("COMMIT")
        other.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            copy_sqlite(engine, folder / f"copy{n}.sqlite3")
    finally:
        done.set()
        writer.join()
        engine.dispose()
    for n in range(5):
        with sqlite3.connect(folder / f"copy{n}.sqlite3") as copy:
            tables = copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'pairs'")
            if tables.fetchone()[0]:
                found = copy.execute(
                    "SELECT max(a), min(b), max(b), count(*) FROM pairs"
                ).fetchone()
                assert found in {(None, None, None, 0), (found[0],) * 3 + (found[0],)}
        copy.close()


@pytest.mark.parametrize(
    ("target", "words"),
    [("there.sqlite3", "is there already"), ("missing/copy.sqlite3", "cannot be written")],
)
def test_backup_that_cannot_be(run, sqlite, folder, target, words):
    (folder / "there.sqlite3").write_text("other")
    code, _, err = run("backup", target)
    assert code == 2
    assert words in err
    assert (folder / "there.sqlite3").read_text() == "other"


def test_backup_of_postgres_is_pg_dump(run, monkeypatch):
    monkeypatch.setenv("RULES_DATABASE", "postgresql://u@host/db")
    code, _, err = run("backup", "copy.sqlite3")
    assert code == 2
    assert "pg_dump" in err


@pytest.mark.parametrize("command", [["backup", "copy.sqlite3"], ["check"]])
def test_no_database_yet(run, folder, monkeypatch, command):
    monkeypatch.setenv("RULES_DATABASE", "none.sqlite3")
    code, _, err = run(*command)
    assert code == 2
    assert "there is no database yet" in err
    assert list(folder.iterdir()) == []


def lines(out):
    return {line.split("\t")[0]: line.split("\t")[1:] for line in out.splitlines()}


def test_check_tells_what_is_there(run, monkeypatch, address):
    monkeypatch.setenv("RULES_DATABASE", address)
    remember(run, "Pune")
    code, out, _ = run("check")
    found = lines(out)
    assert code == 0
    assert found["schema"] == [schema.HEAD, ""]
    assert found["rules_preferences"] == ["1 rows", ""]
    assert ("integrity check" in found) == (found["store"][0] == "sqlite")


def test_check_finds_a_missing_table(run, monkeypatch, address):
    monkeypatch.setenv("RULES_DATABASE", address)
    engine = make_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE rules_pauses")
    engine.dispose()
    code, out, _ = run("check")
    assert code == 1
    assert lines(out)["rules_pauses"] == ["missing", "WRONG"]


def test_check_finds_another_schema(run, monkeypatch, address):
    monkeypatch.setenv("RULES_DATABASE", address)
    engine = make_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE rules_schema SET version_num = '9999'")
    engine.dispose()
    code, out, _ = run("check")
    assert code == 1
    assert "newer than" in lines(out)["schema"][0]


def test_check_finds_a_damaged_file(run, monkeypatch, sqlite_template, folder):
    damaged = folder / "damaged.sqlite3"
    shutil.copy(sqlite_template, damaged)
    content = bytearray(damaged.read_bytes())
    content[4096 * 3 : 4096 * 8] = b"\xff" * 4096 * 5
    damaged.write_bytes(content)
    monkeypatch.setenv("RULES_DATABASE", str(damaged))
    code, out, err = run("check")
    assert code == 1
    assert "WRONG" in out or "cannot be used" in err


def test_housekeeping(run, sqlite):
    run("prefs", "set", "1", "otp=1", "--days", "1", "--account", "293", "--now", NOW)
    run("agents", "pause", "9879912345", "--minutes", "5", "--now", NOW)
    later = "2027-11-20T10:30:00+05:30"
    code, out, _ = run("housekeeping", "--now", later)
    assert code == 0
    done = {"preferences: 1", "preference history: 2", "breaks: 1"}
    assert done <= set(out.splitlines())
    assert "breaks: 0" in run("housekeeping", "--now", later)[1].splitlines()
