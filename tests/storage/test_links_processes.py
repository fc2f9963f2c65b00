"""Short links made, opened and counted by several processes at once, some of them killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest

from rules.services.links import DomainState, NewLink
from rules.settings import Settings
from rules.storage import make_engine
from rules.storage.link_services import link_services

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
WORKERS = 3
START = """
import secrets, sys
from datetime import datetime
from rules.links import Device
from rules.methods.short_url import short_url
from rules.services import Services
from rules.services.links import Visit
from rules.settings import Accounts, Settings
from rules.storage import make_engine
from rules.storage.link_services import link_services

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
settings = Settings(database=sys.argv[1], link_domain="s.example", default_tenant=True)
engine = make_engine(settings.database)
accounts = Accounts({"default": {"link_rate": int(sys.argv[2])}})
services = Services(
    clock=lambda: NOW,
    draw=secrets.randbelow,
    settings=settings,
    accounts=lambda: accounts,
    links=link_services(engine, settings),
)
links = services.links.links

def ask(url, **more):
    return short_url({"custToken": "abcd1234", "longUrl": url} | more, services)

sys.stdin.readline()
"""


def start(address, work, rate=600):
    """A process that has everything ready and waits for a line."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", START + work, address, str(rate)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def together(address, work, rate=600, workers=WORKERS):
    """Lines said by each of several processes that do the same work at the same time."""
    running = [start(address, work, rate) for _ in range(workers)]
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[0].splitlines() for process in running]
    assert [process.returncode for process in running] == [0] * workers
    return said


@pytest.fixture
def links(address):
    engine = make_engine(address)
    yield link_services(engine, Settings(link_domain="s.example"))
    engine.dispose()


@pytest.fixture
def domain(links):
    return links.domains.add("s.example", account=None, state=DomainState.READY, token="", now=NOW)


EVERYTHING = """
print(*(ask(f"https://shop.example/{n % 5}").body["shortUrl"] for n in range(20)))
print(*(ask("https://shop.example/", reuse=False).status for _ in range(20)))
print(sum(links.use(1) for _ in range(10)))
for n in range(30):
    agent = "Mozilla " + str(n % 3)
    services.links.log.add(Visit(7, NOW, True, Device.MOBILE, "8.8.8.8", agent))
"""


def test_l1_l4_l5_several_processes_are_as_one(address, links, domain):
    new = NewLink(domain, "r4TzK9wq", "9", "", "https://a.example", NOW, None, max_clicks=25)
    links.links.add(new)
    said = together(address, EVERYTHING, rate=45)
    equal, statuses, used = zip(*said, strict=True)
    assert len(set(equal)) == 1, "equal requests get one link, in whichever process"
    assert len(set(equal[0].split())) == 5
    found = " ".join(statuses).split()
    assert found.count("200") == 40, "five of the rate went to the links before"
    assert found.count("429") == 20 * WORKERS - 40
    assert links.links.count() == 1 + 45
    assert sum(map(int, used)) == 25, "the clicks of a link are given out once"
    assert links.links.find("s.example", "r4TzK9wq").used == 25
    counts = links.clicks.counts(7)
    assert (counts.human, counts.visitors) == (30 * WORKERS, 3), "one visitor is one for all"


def kill_while_making(address, times):
    """Kill a process that makes links, again and again; every link it spoke of."""
    work = """
n = 0
while True:
    n += 1
    print(ask(f"https://shop.example/{n}", reuse=False).body["shortUrl"], flush=True)
"""
    spoken = []
    for number in range(times):
        process = start(address, work, rate=1_000_000)
        process.stdin.write("go\n")
        process.stdin.flush()
        spoken.append(process.stdout.readline().strip())
        time.sleep(0.01 * (number % 7))
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=30)
        spoken += [line for line in rest.splitlines() if len(line) == len(spoken[0])]
    return spoken


def check_kept(links, spoken):
    assert spoken
    for short in spoken:
        link = links.links.find("s.example", short.rpartition("/")[2])
        assert link.target.startswith("https://shop.example/")
        assert link.expires - link.created == timedelta(days=365)
    assert links.links.count() >= len(spoken)


def test_l1_a_link_that_was_spoken_of_is_kept_whatever_happens_to_its_maker(address, links):
    check_kept(links, kill_while_making(address, 1))


@pytest.mark.soak
def test_l1_a_hundred_kills(address, links):
    check_kept(links, kill_while_making(address, 100))
