"""Short links made, opened and counted by several processes at once, some of them killed."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain, count

import pytest

from rules.links import Device
from rules.methods.short_url import short_url
from rules.services import Services
from rules.services.links import DomainState, NewLink, Visit
from rules.settings import Accounts, Settings
from rules.storage import make_engine
from rules.storage.link_services import link_services
from tests.processes import PROCESSES, running, start

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
WORKERS = 3


class Asking:
    """What a process does on its own services, and says on a pipe."""

    def __init__(self, address, rate, say):
        settings = Settings(database=address, link_domain="s.example", default_tenant=True)
        accounts = Accounts({"default": {"link_rate": rate}})
        self.say = say
        self.services = Services(
            clock=lambda: NOW,
            draw=secrets.randbelow,
            settings=settings,
            accounts=lambda: accounts,
            links=link_services(make_engine(address), settings),
        )

    def ask(self, url, **more):
        return short_url({"custToken": "abcd1234", "longUrl": url} | more, self.services)

    def everything(self, go):
        """Make equal and further links, use one, count clicks, when all are ready."""
        self.say.send("ready")
        go.wait()
        asked = [self.ask(f"https://shop.example/{n % 5}") for n in range(20)]
        self.say.send([reply.body["shortUrl"] for reply in asked])
        self.say.send([self.ask("https://shop.example/", reuse=False).status for _ in range(20)])
        self.say.send(sum(self.services.links.links.use(1) for _ in range(10)))
        for n in range(30):
            agent = f"Mozilla {n % 3}"
            self.services.links.log.add(Visit(7, NOW, True, Device.MOBILE, "8.8.8.8", agent))
        self.services.links.log.flush()

    def make_without_end(self):
        for n in count():
            made = self.ask(f"https://shop.example/{n}", reuse=False)
            self.say.send(made.body["shortUrl"])


def everything(address, rate, say, go):
    Asking(address, rate, say).everything(go)


def make_without_end(address, say):
    Asking(address, 1_000_000, say).make_without_end()


def together(address, rate):
    """What each of several processes said that did the same work at the same time."""
    go = PROCESSES.Event()
    pipes = [PROCESSES.Pipe(duplex=False) for _ in range(WORKERS)]
    started = [start(everything, address, rate, say, go) for _, say in pipes]
    assert [heard.recv() for heard, _ in pipes] == ["ready"] * WORKERS
    go.set()
    said = [[heard.recv() for _ in range(3)] for heard, _ in pipes]
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * WORKERS
    for ends in pipes:
        for end in ends:
            end.close()
    return said


@pytest.fixture
def links(address):
    engine = make_engine(address)
    yield link_services(engine, Settings(link_domain="s.example"))
    engine.dispose()


@pytest.fixture
def domain(links):
    return links.domains.add("s.example", account=None, state=DomainState.READY, token="", now=NOW)


def test_l1_l4_l5_several_processes_are_as_one(address, links, domain):
    new = NewLink(domain, "r4TzK9wq", "9", "", "https://a.example", NOW, None, max_clicks=25)
    links.links.add(new)
    said = together(address, rate=45)
    equal, statuses, used = zip(*said, strict=True)
    assert len(set(map(tuple, equal))) == 1, "equal requests get one link, in whichever process"
    assert len(set(equal[0])) == 5
    found = Counter(chain(*statuses))
    assert found == {200: 40, 429: 20 * WORKERS - 40}, "five of the rate went to the links before"
    assert links.links.count() == 1 + 45
    assert sum(used) == 25, "the clicks of a link are given out once"
    assert links.links.find("s.example", "r4TzK9wq").used == 25
    counts = links.clicks.counts(7)
    assert (counts.human, counts.visitors) == (30 * WORKERS, 3), "one visitor is one for all"


def kill_while_making(address, times):
    """Kill a process that makes links, again and again; every link it spoke of."""
    spoken = []
    for number in range(times):
        heard, say = PROCESSES.Pipe(duplex=False)
        with running(make_without_end, address, say):
            say.close()
            spoken.append(heard.recv())
            time.sleep(0.01 * (number % 7))
        with suppress(EOFError):
            while True:
                spoken.append(heard.recv())
        heard.close()
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
