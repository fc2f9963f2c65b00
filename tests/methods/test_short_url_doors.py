"""One table of requests to shortURL, through import, both paths over HTTP, and the list import."""

import csv
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from rules.cli import main
from rules.methods.link_reads import find_link
from rules.methods.short_url import short_url
from rules.testing import make_services
from tests.doors import _toml as toml
from tests.doors import client_of
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
TOKEN = "tok-163"
CASES = Path(__file__).parents[1] / "cases" / "short_url.json"


@dataclass(frozen=True)
class Case:
    """A request and what holds for its answer."""

    why: str
    members: dict
    status: int = 200
    account: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    codes: list = field(default_factory=list)
    begins: str = "https://s.example/"
    expires: str | None = None
    target: str | None = None

    @property
    def accounts(self):
        token = hashlib.sha256(TOKEN.encode()).hexdigest()
        return {"account": {"163": {"link_tokens": [token]} | self.account}}

    @property
    def installation(self):
        return {"link_domain": "s.example"} | self.settings


ALL = [Case(**entry) for entry in json.loads(CASES.read_text("utf-8"))]


def by_import(case, services):
    reply = short_url({"custToken": TOKEN} | case.members, services)
    return reply.status, reply.body


def over(path):
    def by_http(case, services):
        data = json.dumps({"custToken": TOKEN} | case.members)
        form = "application/x-www-form-urlencoded"
        reply = client_of(services).post(path, data=data, content_type=form)
        return reply.status_code, reply.json

    return by_http


DOORS = {
    "import": by_import,
    "documented": over("/UrlShortner/phonon/shortUrl"),
    "canonical": over("/v1/methods/shortURL/"),
}


@each("door", DOORS)
@each("case", ALL)
def test_l1_short_url(door, case):
    services = make_services(now=NOW, accounts=case.accounts, **case.installation)
    status, body = DOORS[door](case, services)
    assert status == case.status, body
    if status == 200:
        assert list(body) == ["shortUrl", "expiresAt"]
        assert body["shortUrl"].startswith(case.begins)
        assert body["expiresAt"] == (
            case.expires if case.expires is not None else body["expiresAt"]
        )
        link = find_link(services, body["shortUrl"])
        assert link.target == (case.target or link.target)
        assert link.account == "163"
    else:
        assert body["shortUrl"] == ""
        assert body["error"]["code"] == "BAD_PARAMETERS"
        found = [f"{entry['name']} {entry['code']}" for entry in body["error"]["fields"]]
        assert found == case.codes


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.why)
def test_l1_the_list_import_answers_alike(case, tmp_path, sqlite_address, monkeypatch):
    (tmp_path / "accounts.toml").write_text(toml(case.accounts), "utf-8")
    monkeypatch.setenv("RULES_DATABASE", sqlite_address)
    monkeypatch.setenv("RULES_ACCOUNTS", str(tmp_path / "accounts.toml"))
    monkeypatch.setenv("RULES_LINK_DOMAIN", case.installation["link_domain"])
    spelled = {"longurl": "longUrl", "expiredays": "expireDays"}
    row = {spelled.get(name.casefold(), name): value for name, value in case.members.items()}
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["longUrl", *(name for name in row if name != "longUrl")])
        writer.writeheader()
        writer.writerow(row)
    paths = (str(tmp_path / "in.csv"), str(tmp_path / "out.csv"))
    code = main(["links", "import", *paths, "--account", "163", "--now", NOW.isoformat()])
    assert code == (0 if case.status == 200 else 1)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        (answer,) = csv.DictReader(file)
    if case.status == 200:
        assert answer["shortUrl"].startswith(case.begins)
        assert answer["expiresAt"] == (
            case.expires if case.expires is not None else answer["expiresAt"]
        )
    else:
        assert answer["code"] == "; ".join(code.split()[1] for code in case.codes)
