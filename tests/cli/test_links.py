"""`flow-rules links` and `flow-rules domain`, on an SQLite file."""

import csv
import io
import os
import socket
from dataclasses import replace

import pytest

from rules import bootstrap
from rules.cli import links, main
from rules.cli.common import moment
from rules.links import Device
from rules.methods import link_desk
from rules.methods.link_making import links_of
from rules.methods.link_reads import find_link
from rules.services.links import Click, DomainState
from rules.settings import Settings
from tests._cases import cases
from tests.gateways.servers import Server, client, reply
from tests.links.test_target import unescaped

NOW = "2026-11-18T10:30:00+05:30"
ACCOUNTS = """
[account."163"]
link_headers = ["ABCDEF"]
link_never_expires = true
"""


@pytest.fixture(scope="module")
def way_out():
    """The real client, opened once: its start check takes longer than a command."""
    return bootstrap.open_client(Settings())


@pytest.fixture(autouse=True)
def _environment(monkeypatch, sqlite_address, tmp_path, way_out):
    monkeypatch.setattr(bootstrap, "open_client", lambda _: way_out)
    (tmp_path / "accounts.toml").write_text(ACCOUNTS)
    monkeypatch.setenv("RULES_DATABASE", sqlite_address)
    monkeypatch.setenv("RULES_ACCOUNTS", str(tmp_path / "accounts.toml"))
    monkeypatch.setenv("RULES_LINK_DOMAIN", "s.example")


@pytest.fixture
def run(capsys):
    """Run a command; gives back exit code, output, errors."""

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def mine():
    """Services on the same database."""

    from rules.bootstrap import build
    from rules.settings import Settings

    built = build(Settings.from_mapping(os.environ))
    return replace(built, clock=lambda: moment(NOW))


def create(run, *arguments, url="https://shop.example/a"):
    code, out, err = run("links", "create", url, "--account", "163", "--now", NOW, *arguments)
    assert code == 0, err
    return out.split("\t")[0]


def test_l1_create(run):
    code, out, _ = run("links", "create", "https://shop.example/a", "--now", NOW)
    link, expires = out.strip().split("\t")
    assert code == 0
    assert link.startswith("https://s.example/")
    assert expires == "2027-11-18T10:30:00+05:30"
    assert create(run) == create(run)
    assert create(run, "--no-reuse") != create(run)
    assert create(run, "--header", "ABCDEF").startswith("https://s.example/ABCDEF/")
    for_ever = run("links", "create", "https://shop.example", "--account", "163", "--days", 0)
    assert for_ever[1].endswith("\t\n")


def test_l1_create_names_what_is_wrong(run):
    wrong = ("--domain", "no.example", "--header", "QWERTY", "--days", "x", "--max-clicks", 0)
    code, out, err = run("links", "create", "https://10.0.0.1/secret", *wrong)
    assert (code, out) == (2, "")
    found = [line.rpartition("(")[2] for line in err.splitlines()]
    assert found == [
        "INVALID_LONG_URL)",
        "UNKNOWN_DOMAIN)",
        "UNKNOWN_HEADER)",
        "NOT_AN_INTEGER)",
        "OUT_OF_RANGE)",
    ]
    assert "10.0.0.1" not in err


def write_csv(path, header, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_l2_every_target_through_import(run, mine, tmp_path):
    rows = [(unescaped(p.values[0]["given"]), p.values[0]["result"]) for p in cases("link_targets")]
    rows = [row for row in rows if "\ud800" not in row[0]]  # no file in UTF-8 holds it
    source = write_csv(tmp_path / "in.csv", ["note", "longUrl"], *(row[::-1] for row in rows))
    domains = links_of(mine).domains
    domains.add("go.example", account="9", state=DomainState.READY, token="", now=mine.clock())
    code, out, err = run("links", "import", source, tmp_path / "out.csv", "--account", "163")
    assert (code, out) == (1, "")
    answers = read_csv(tmp_path / "out.csv")
    refused = sum(result.isupper() for _, result in rows)
    assert f"{len(rows) - refused} links, {refused} rows refused" in err
    assert len(answers) == len(rows)
    for (given, result), answer in zip(rows, answers, strict=True):
        assert (answer["note"], answer["longUrl"]) == (result, given)
        if result.isupper():
            assert (answer["shortUrl"], answer["code"]) == ("", "INVALID_LONG_URL")
            assert answer["message"].startswith(f"{result}: ")
        else:
            assert (answer["code"], answer["message"]) == ("", "")
            assert find_link(mine, answer["shortUrl"]).target == result


def test_l1_import_is_repeatable_and_keeps_columns(run, tmp_path):
    header = ["id", "longUrl", "expireDays", "maxClicks", "reuse", "code"]
    source = write_csv(
        tmp_path / "in.csv",
        header,
        ["1", "https://shop.example/1", "5.0", "", "", "old"],
        ["2", "https://shop.example/2", "", "7", "yes", ""],
        ["3", "https://shop.example/3", "x", "0", "maybe", ""],
        ["4"],
        ["5", "https://shop.example/5", "", "", "", "", "more"],
    )
    arguments = ("--account", "163", "--now", NOW)
    assert run("links", "import", source, tmp_path / "one.csv", *arguments)[0] == 1
    assert run("links", "import", source, tmp_path / "two.csv", *arguments)[0] == 1
    one = read_csv(tmp_path / "one.csv")
    assert one == read_csv(tmp_path / "two.csv")
    assert list(one[0])[:5] == header[:5]
    assert [row["code"] for row in one] == [
        "",
        "",
        "NOT_AN_INTEGER; OUT_OF_RANGE; NOT_A_BOOLEAN",
        "MISSING_PARAMETER",
        "",
    ]
    assert one[0]["expiresAt"] == "2026-11-23T10:30:00+05:30"
    code, out, _ = run("links", "import", source, "-", *arguments)
    assert code == 1
    assert out == (tmp_path / "one.csv").read_text("utf-8")


def test_l1_import_wrong_use(run, tmp_path):
    source = write_csv(tmp_path / "in.csv", ["link"], ["https://shop.example"])
    empty = write_csv(tmp_path / "empty.csv", [])
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"longUrl\n\xff\n")
    good = write_csv(tmp_path / "good.csv", ["longUrl"], ["https://shop.example"])
    for arguments, says in (
        ((source, "-"), "no column longUrl"),
        ((empty, "-"), "no column longUrl"),
        ((binary, "-"), "no CSV file in UTF-8"),
        ((tmp_path / "nowhere.csv", "-"), "cannot be read"),
        ((good, good), "another file"),
        ((good, tmp_path / "no" / "out.csv"), "cannot be written"),
    ):
        code, out, err = run("links", "import", *arguments)
        assert (code, out) == (2, "")
        assert says in err
    assert good.read_text().startswith("longUrl")


def test_l7_list_and_export(run, tmp_path):
    first = create(run)
    second = create(run, "--max-clicks", 3, url="https://shop.example/b")
    run("links", "create", "https://shop.example/c", "--now", NOW)
    run("links", "disable", second, "--now", NOW)
    assert run("links", "list", "--account", 163, "--state", "live", "--now", NOW)[1] == (
        f"{first}\tlive\t163\thttps://shop.example/a\n"
    )
    assert len(run("links", "list")[1].splitlines()) == 3
    assert len(run("links", "list", "--limit", 2)[1].splitlines()) == 2
    assert run("links", "export", tmp_path / "all.csv", "--now", NOW)[0] == 0
    rows = read_csv(tmp_path / "all.csv")
    assert [row["account"] for row in rows] == ["163", "163", ""]
    assert rows[1] == {
        "link": second,
        "target": "https://shop.example/b",
        "account": "163",
        "header": "",
        "state": "disabled",
        "created": NOW,
        "expires": "2027-11-18T10:30:00+05:30",
        "max_clicks": "3",
        "used": "0",
    }
    assert len(run("links", "export", "--account", 163)[1].splitlines()) == 3


def test_l4_disable_by_code_tenant_and_target_host(run, mine):
    made = [
        create(run, url=url)
        for url in (
            "https://shop.example/a",
            "https://shop.example:8443/b",
            "https://www.shop.example/c",
            "https://other.example/?shop.example",
        )
    ]

    def disabled():
        return [find_link(mine, link).disabled for link in made]

    assert run("links", "disable", made[0], "--now", NOW)[:2] == (0, "1 disabled\n")
    assert disabled() == [True, False, False, False]
    assert run("links", "disable", "--target-host", "Shop.example")[1] == "1 disabled\n"
    assert disabled() == [True, True, False, False]
    assert run("links", "disable", "--all-of", "9")[1] == "0 disabled\n"
    assert run("links", "disable", "--all-of", "163")[1] == "2 disabled\n"
    assert disabled() == [True] * 4
    code, out, err = run("links", "disable", made[0], "https://s.example/zzzzzzzz")
    assert (code, out) == (1, "0 disabled\n")
    assert "https://s.example/zzzzzzzz" in err
    assert run("links", "disable")[0] == 2
    assert run("links", "disable", made[0], "--all-of", "163")[0] == 2


def test_l4_disabling_thousands_goes_in_batches(run, mine, monkeypatch):
    monkeypatch.setattr(links, "_BATCH", 2)
    monkeypatch.setattr(link_desk, "_PAGE", 3)
    for n in range(7):
        create(run, url=f"https://shop.example/{n}")
    assert run("links", "disable", "--all-of", "163")[1] == "7 disabled\n"


def test_l5_stats_by_day(run, mine):
    link = create(run)
    number, now = find_link(mine, link).id, mine.clock()
    links_of(mine).clicks.keep(
        [
            Click(number, now, True, Device.MOBILE, 1),
            Click(number, now, True, Device.DESKTOP, 1),
            Click(number, now, False, Device.OTHER, 2),
        ]
    )
    code, out, _ = run("links", "stats", link)
    assert code == 0
    assert out == ("day,human,bot,visitors,mobile,desktop,other\n2026-11-18,2,1,1,1,1,0\n")
    assert run("links", "stats", "https://s.example/zzzzzzzz")[0] == 1


def test_l7_whitelist(run):
    first = create(run, "--header", "ABCDEF")
    create(run, "--header", "ABCDEF", url="https://shop.example/b")
    create(run, url="https://other.example/")
    run("links", "create", "https://nobody.example", "--now", NOW)
    arguments = ("links", "whitelist", "--account", 163, "--now", NOW)
    code, out, _ = run(*arguments, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [(row["kind"], row["fixed_part"], row["links"]) for row in rows] == [
        ("short", "https://s.example/", "1"),
        ("short", "https://s.example/ABCDEF/", "2"),
        ("target", "https://other.example/", "1"),
        ("target", "https://shop.example/", "2"),
    ]
    assert rows[1]["variable_part"] == "8 or 10 letters and digits"
    assert (rows[1]["header"], rows[1]["example"]) == ("ABCDEF", first)
    assert (rows[1]["first_created"], rows[1]["last_created"]) == ("2026-11-18", "2026-11-18")
    assert len(run(*arguments, "--since", "2026-11-18")[1].splitlines()) == 5
    assert len(run(*arguments, "--since", "2026-11-19")[1].splitlines()) == 1


def test_l7_whitelist_checks_a_message(run):
    header = create(run, "--header", "ABCDEF")
    plain = create(run, url="https://other.example/")
    gone = create(run, url="https://gone.example/")
    other = run("links", "create", "https://nobody.example", "--now", NOW)[1].split("\t")[0]
    run("links", "disable", gone)
    arguments = ("links", "whitelist", "--account", 163, "--now", NOW, "--check")
    code, out, _ = run(*arguments, f"See {header} and {plain}, or https://shop.example/x!")
    assert code == 0
    assert [line.split("\t") for line in out.splitlines()] == [
        [header, "yes", "live", "right", "yes"],
        [plain, "yes", "live", "right", "yes"],
        ["https://shop.example/x", "no", "", "", "yes"],
    ]
    for text, cells in (
        (gone, [gone, "yes", "disabled", "right", "yes"]),
        (other, [other, "no", "", "", "yes"]),
        ("evil.example/x", ["evil.example/x", "no", "", "", "no"]),
        (header.replace("ABCDEF/", ""), [None, "yes", "live", "wrong", "yes"]),
        ("https://s.example/zzzzzzzz", [None, "no", "", "", "yes"]),
    ):
        code, out, _ = run(*arguments, text)
        assert out.rstrip("\n").split("\t")[1:] == cells[1:]
        assert (code == 0) is (cells[1] == "no" and cells[-1] == "yes")
    assert run(*arguments, "no links here")[:2] == (0, "")


def test_l7_domains(run, mine):
    code, out, _ = run("domain", "add", "Go.Example", "--account", 163)
    token = next(line for line in out.splitlines() if "flow-rules-" in line and "//" not in line)
    assert code == 0
    assert "go.example is pending" in out
    assert "http://go.example/.well-known/flow-rules-domain" in out
    assert links_of(mine).domains.get("go.example").token == token.strip()
    again = run("domain", "add", "go.example", "--account", 163)
    assert again == (0, out, "")
    assert run("domain", "add", "go.example", "--account", 9)[0] == 1
    assert run("domain", "add", "all.example", "--shared")[0] == 0
    rows = [line.split("\t")[:3] for line in run("domain", "list")[1].splitlines()]
    assert rows == [
        ["all.example", "pending", "all accounts"],
        ["go.example", "pending", "account 163"],
    ]
    assert run("domain", "disable", "go.example")[:2] == (0, "go.example is disabled\n")
    assert links_of(mine).domains.get("go.example").state == DomainState.DISABLED


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("add", "8.8.8.8", "--shared"), 2, "must be a domain"),
        (("add", "s.example", "--shared"), 2, "needs no adding"),
        (("add", "go.example"), 2, "required"),
        (("check", "go.example"), 1, "was never added"),
        (("disable", "go.example"), 1, "was never added"),
    ],
)
def test_l7_domains_wrong_use(run, arguments, code, says):
    found, _, err = run("domain", *arguments)
    assert (found, says in err) == (code, True)


def test_l7_domain_check(run, mine, monkeypatch):
    run("domain", "add", "go.example", "--account", "163")
    token = links_of(mine).domains.get("go.example").token.encode()
    answers = iter([reply(b"no"), reply(token)])

    def answer(server, connection):
        server.read(connection)
        connection.sendall(next(answers))

    with Server(answer) as server:
        found = [(socket.AF_INET, ("127.0.0.1", server.port))]
        monkeypatch.setattr(bootstrap, "open_client", lambda _: client(find=lambda *_: found))
        code, _, err = run("domain", "check", "go.example")
        assert (code, "another text" in err) == (1, True)
        assert run("domain", "check", "GO.example.")[:2] == (0, "go.example is ready\n")
    code, out, _ = run(
        "links", "create", "https://shop.example", "--account", 163, "--domain", "go.example"
    )
    assert (code, out.startswith("https://go.example/")) == (0, True)
