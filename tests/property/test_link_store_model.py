"""The store in memory and the tables do the same, whatever is done to them in whatever order."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from rules.services.links import DomainState, NewLink, Personal, Rate
from rules.settings import Settings
from rules.storage import make_engine, migrate
from rules.storage.link_services import link_services
from rules.storage.memory.links import memory_links

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
SETTINGS = Settings()
CODES = st.sampled_from(["aaaaaaaa", "bbbbbbbb", "cccccccc", "AAAAAAAA", "dddddddddd"])
DOMAINS = st.sampled_from(["a.example", "b.example"])
MARKS = st.none() | st.integers(0, 3)
DAYS = st.none() | st.integers(1, 30)
NUMBERS = st.integers(1, 12)


@cache
def template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sqlite3"
        engine = make_engine(str(path))
        migrate(engine)
        engine.dispose()
        return path.read_bytes()


class Stores(RuleBasedStateMachine):
    """Every step is taken on both; both must say the same."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.mkdtemp()
        path = Path(self.folder) / "links.sqlite3"
        path.write_bytes(template())
        self.engine = make_engine(str(path))
        self.both = (memory_links(SETTINGS), link_services(self.engine, SETTINGS))
        self.now = NOW
        self.made = 0

    def teardown(self):
        self.engine.dispose()
        shutil.rmtree(self.folder)

    def same(self, ask):
        """What both answer, when it is the same."""
        one, other = map(ask, self.both)
        assert one == other
        return one

    @initialize()
    def add_domains(self):
        for name in ("a.example", "b.example"):
            self.same(
                lambda links, name=name: links.domains.add(
                    name, account="163", state=DomainState.READY, token=name, now=self.now
                )
            )

    @rule(
        domain=DOMAINS,
        code=CODES,
        account=st.sampled_from(["", "163"]),
        mark=MARKS,
        days=DAYS,
        most=st.none() | st.integers(1, 3),
        personal=st.booleans(),
        limit=st.none() | st.integers(1, 4),
        replaces=st.booleans(),
    )
    def add(self, *, domain, code, account, mark, days, most, personal, limit, replaces):
        self.made += 1
        new = NewLink(
            self.both[0].domains.get(domain),
            code,
            account,
            "",
            f"https://shop.example/{self.made}",
            self.now,
            None if days is None else self.now + timedelta(days=days),
            most,
            mark,
            Personal(f"uid-{self.made}", "bot", b"\x00hidden") if personal else None,
        )
        rate = None if limit is None else Rate(limit, int(self.now.timestamp()) // 60)
        found = mark is not None and self.both[0].links.by_reuse(mark)
        old = found[0].id if found and replaces else None
        ids = self.same(lambda links: links.domains.get(domain).id)
        new = replace(new, domain=replace(new.domain, id=ids))
        self.same(lambda links: links.links.add(new, replaces=old, rate=rate).value)

    def known(self):
        return {link.id for link in self.both[0].links.rows(0, 100)}

    @rule(number=NUMBERS)
    def use(self, number):
        if number in self.known():
            self.same(lambda links: links.links.use(number))

    @rule(numbers=st.sets(NUMBERS, max_size=3))
    def disable(self, numbers):
        chosen = sorted(numbers & self.known())
        self.same(lambda links: links.links.disable(chosen, self.now))

    @rule(name=DOMAINS, state=st.sampled_from(DomainState))
    def change_domain(self, name, state):
        self.same(lambda links: links.domains.set_state(name, state))

    @rule(days=st.integers(0, 60))
    def wait(self, days):
        self.now += timedelta(days=days, seconds=1)

    @rule(limit=st.integers(1, 3))
    def sweep(self, limit):
        """Which of several are wiped first is the store's choice: all that are due are."""
        while True:
            one, other = (links.links.sweep(self.now, limit) for links in self.both)
            assert one == other
            if not one:
                break

    @invariant()
    def they_hold_the_same(self):
        rows = self.same(lambda links: list(links.links.rows(0, 100)))
        assert len({(link.domain, link.code) for link in rows}) == len(rows)
        self.same(lambda links: links.links.count())
        self.same(lambda links: links.domains.all())
        for mark in range(4):
            self.same(lambda links, mark=mark: links.links.by_reuse(mark))
        for number in range(1, self.made + 1):
            self.same(lambda links, number=number: links.links.by_uid(f"uid-{number}"))
        for link in rows:
            self.same(lambda links, link=link: links.links.find(link.domain, link.code))


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=6, stateful_step_count=20, deadline=None)


@pytest.mark.soak
def test_the_same_for_longer():
    longer = settings(max_examples=150, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(Stores, settings=longer)
