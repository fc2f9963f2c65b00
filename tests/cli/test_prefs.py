"""`flow-rules prefs`, on an SQLite file."""

import csv
import json
from pathlib import Path

import pytest

from rules import bootstrap
from rules.cli import main, prefs_bulk
from rules.errors import StoreUnavailable
from rules.settings import Settings

NOW = "2026-11-18T10:30:00+05:30"


@pytest.fixture(scope="module")
def way_out():
    """The real client, opened once: its start check takes longer than a command."""
    return bootstrap.open_client(Settings())


@pytest.fixture(autouse=True)
def folder(monkeypatch, sqlite_address, tmp_path, way_out):
    monkeypatch.setattr(bootstrap, "open_client", lambda _: way_out)
    monkeypatch.setenv("RULES_DATABASE", sqlite_address)
    monkeypatch.setenv("RULES_HASH_KEY", "key")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Run `flow-rules prefs`; gives back exit code, output, errors."""

    def run(*arguments, now=NOW):
        code = main(["prefs", *arguments, "--account", "293", "--now", now])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def write(path, text):
    path.write_text(text, "utf-8")
    return str(path)


def test_set_then_get(run):
    assert run("set", "8000374123", "city=Pune", "note=a=b", "empty=") == (0, "3 changed\n", "")
    assert run("set", "8000374123", "city=Pune") == (0, "0 changed\n", "")
    code, out, _ = run("get", "+91 80003 74123")
    assert (code, out.splitlines()) == (0, ["city\tPune", "empty\t", "note\ta=b"])


def test_days(run):
    run("set", "8000374123", "otp=1", "--days", "1")
    assert run("get", "8000374123", now="2026-11-19T10:29:59+05:30")[1] == "otp\t1\n"
    assert run("get", "8000374123", now="2026-11-19T10:30:00+05:30") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "words", "why"),
    [
        (["get", "8000374XXX"], "MASKED_NUMBER", "a masked contact"),
        (["set", "8000374123", "city"], "write name=value", "no value"),
        (["set", "8000374123", "=Pune"], "write name=value", "no name"),
        (["set", "8000374123", "city=Pune", "--days", "x"], "NOT_AN_INTEGER", "no number"),
        (["erase", "8000374XXX"], "MASKED_NUMBER", "a masked contact"),
        (["export", "8000374XXX"], "MASKED_NUMBER", "a masked contact"),
    ],
)
def test_refused(run, arguments, words, why):
    code, out, err = run(*arguments)
    assert (code, out) == (2, ""), why
    assert words in err


def test_erase(run):
    run("set", "8000374123", "city=Pune", "plan=gold", "age=41")
    assert run("erase", "8000374123", "--name", "city", "--name", "x")[1] == "1 erased\n"
    assert run("erase", "8000374123", "--asked-by", "letter")[1] == "2 erased\n"
    assert run("get", "8000374123")[1] == ""
    log = json.loads(run("export", "8000374123")[1])["history"]
    assert {row["kind"] for row in log} == {"erased"}
    assert "letter" in {row["who"] for row in log}


def test_erase_needs_the_key(run, monkeypatch):
    monkeypatch.delenv("RULES_HASH_KEY")
    run("set", "8000374123", "city=Pune")
    code, _, err = run("erase", "8000374123")
    assert (code, err) == (1, "flow-rules: erasing needs the setting RULES_HASH_KEY\n")
    assert run("get", "8000374123")[1] == "city\tPune\n"


def test_import_keeps_bad_rows_with_their_reason(run, folder):
    table = 'contact,city,plan\n8000374123,Pune,gold\n8000374XXX,Goa,\nCUST-1,"Agra, UP",\n,Goa,x\n'
    table += "9800000001,a,b,c\n"
    code, out, err = run("import", write(folder / "in.csv", table))
    assert code == 1
    assert out == "2 rows stored, 3 values changed\n"
    assert "3 rows refused" in err
    with (folder / "in.csv.rejected.csv").open(encoding="utf-8", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [(row["line"], row["contact"]) for row in rejected] == [
        ("3", "8000374XXX"),
        ("5", ""),
        ("6", "9800000001"),
    ]
    assert "MASKED_NUMBER" in rejected[0]["reason"]
    assert rejected[2]["reason"] == "more cells than columns"
    assert run("get", "CUST-1")[1] == "city\tAgra, UP\n"


def test_import_again_changes_nothing(run, folder):
    path = write(folder / "in.csv", "\ufeffcontact,city\n8000374123,Pune\n")
    assert run("import", path) == (0, "1 rows stored, 1 values changed\n", "")
    assert run("import", path) == (0, "1 rows stored, 0 values changed\n", "")
    assert not (folder / "in.csv.rejected.csv").exists()


def test_import_over_the_limit_of_a_contact(run, folder):
    rows = "".join(f"8000374123,v{n},x\n" for n in range(501))
    out = folder / "bad.csv"
    path = write(folder / "in.csv", f"contact,name,value\n{rows}")
    assert run("import", path, "--rejected", str(out))[1] == "500 rows stored, 500 values changed\n"
    assert "at most 500 variables" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"number,city\n1,Pune\n", "must name a column 'contact'"),
        (b"", "must name a column 'contact'"),
        (b"contact,c\xffty\n1,Pune\n", "the first line is not UTF-8"),
        (b"contact,name,value,city\n1,a,b,Pune\n", "no place for a column 'city'"),
        (None, "cannot be read"),
    ],
)
def test_import_of_what_is_no_table(run, folder, content, words):
    path = folder / "in.csv"
    if content is not None:
        path.write_bytes(content)
    code, _, err = run("import", str(path))
    assert code == 2
    assert words in err


def test_import_goes_on_after_cells_that_cannot_be_kept(run, folder):
    before = csv.field_size_limit()
    path = folder / "in.csv"
    long = b"x" * 200_000
    path.write_bytes(
        b"contact,city\n9800000001,Pune\n9800000002,Go\xffa\n9800000003," + long + b"\n"
        b"\xff,Agra\n9800000004,Delhi\n"
    )
    code, out, err = run("import", str(path))
    assert (code, out) == (1, "2 rows stored, 2 values changed\n")
    assert "3 rows refused" in err
    rejected = (folder / "in.csv.rejected.csv").read_bytes()
    assert b"Go\xffa,3,city: is not UTF-8" in rejected
    assert b'4,"city: a value has at most' in rejected
    assert b"\xff,Agra,5,contact: is not UTF-8" in rejected
    assert run("get", "9800000004")[1] == "city\tDelhi\n"
    assert csv.field_size_limit() == before


@pytest.mark.parametrize("name", ["missing/bad.csv", "folder"])
def test_import_finds_first_that_refused_rows_cannot_be_written(run, folder, name):
    (folder / "folder").mkdir()
    path = write(folder / "in.csv", "contact,city\n8000374123,Pune\n8000374XXX,Goa\n")
    code, out, err = run("import", path, "--rejected", name)
    assert (code, out) == (2, "")
    assert "--rejected" in err
    assert run("get", "8000374123") == (0, "", "")


def test_account_is_trimmed_and_never_blank(run, folder):
    path = write(folder / "in.csv", "contact,city\n8000374123,Pune\n")
    assert main(["prefs", "import", path, "--account", " 293 "]) == 0
    assert run("get", "8000374123")[1].endswith("\ncity\tPune\n")
    for command in (["import", path], ["export"]):
        assert main(["prefs", *command, "--account", " "]) == 2


def test_import_of_a_file_in_no_folder_names_the_file(run):
    assert "missing/in.csv: cannot be read" in run("import", "missing/in.csv")[2]


def test_import_with_days(run, folder):
    path = write(folder / "in.csv", "contact,otp\n8000374123,1\n")
    assert run("import", path, "--days", "0")[0] == 2
    assert run("import", path, "--days", "2")[0] == 0
    assert run("get", "8000374123", now="2026-11-20T10:30:00+05:30")[1] == ""


def test_export_then_import_elsewhere(run, folder, monkeypatch):
    run("set", "8000374123", "city=Pune, MH", "otp=1", "--days", "3")
    run("set", "CUST-1", "empty=")
    code, out, err = run("export", "--output", "out.csv")
    assert (code, out, err) == (0, "", "")
    monkeypatch.setenv("RULES_DATABASE", "other.sqlite3")
    assert run("import", "out.csv")[1] == "3 rows stored, 3 values changed\n"
    assert run("export")[1].splitlines() == (folder / "out.csv").read_text("utf-8").splitlines()


def test_export_where_nothing_can_be_written(run):
    code, _, err = run("export", "--output", "missing/out.csv")
    assert code == 2
    assert "cannot be written" in err


def test_export_that_is_refused_leaves_the_file(run, folder):
    kept = folder / "out.json"
    kept.write_text("before")
    assert run("export", "8000374XXX", "--output", "out.json")[0] == 2
    assert kept.read_text() == "before"
    assert not list(folder.glob("*.part"))
    assert run("export", "8000374123", "--output", "out.json")[0] == 0
    assert json.loads(kept.read_text())["values"] == []


def test_export_that_fails_leaves_the_file(run, folder, monkeypatch):
    kept = folder / "out.csv"
    kept.write_text("before")
    run("set", "8000374123", "city=Pune")

    def fail(*_, **__):
        raise StoreUnavailable("gone")

    monkeypatch.setattr(prefs_bulk, "export_rows", fail)
    assert run("export", "--output", "out.csv")[0] == 1
    assert kept.read_text() == "before"
    assert not list(folder.glob("*.part"))


def test_export_into_a_link_or_a_device(run, folder):
    run("set", "8000374123", "city=Pune")
    (folder / "link.csv").symlink_to(folder / "real.csv")
    assert run("export", "--output", "link.csv")[0] == 0
    assert (folder / "link.csv").is_symlink()
    assert "Pune" in (folder / "real.csv").read_text()
    assert run("export", "--output", "/dev/null")[0] == 0
    assert not Path("/dev/null.part").exists()
    assert not Path("/dev/null").is_file()


def test_export_of_many_contacts(run, folder):
    rows = "".join(f"98{n:08},Pune\n" for n in range(1_100))
    run("import", write(folder / "in.csv", f"contact,city\n{rows}"))
    lines = run("export")[1].splitlines()
    assert lines[0] == "contact,name,value,expires"
    assert len(lines) == 1_101
    assert len(set(lines)) == 1_101
