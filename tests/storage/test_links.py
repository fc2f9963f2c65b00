"""Short links in their stores: one contract on memory, SQLite and PostgreSQL."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rules.bootstrap import build
from rules.links import Device, make_code
from rules.services.links import (
    Added,
    Click,
    Counts,
    Day,
    Domain,
    DomainState,
    NewLink,
    Personal,
    Rate,
)
from rules.settings import Settings
from rules.storage.link_services import link_services
from rules.storage.memory.links import memory_links
from rules.worker import sweep as worker_sweep
from tests.stores import three_stores

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
DAY = timedelta(days=1)
SETTINGS = Settings(link_domain="s.example")
links = three_stores(lambda: memory_links(SETTINGS), lambda engine: link_services(engine, SETTINGS))


@pytest.fixture
def domain(links):
    return links.domains.add("s.example", account=None, state=DomainState.READY, token="", now=NOW)


@pytest.fixture
def new(domain):
    return NewLink(domain, "r4TzK9wq", "163", "", "https://shop.example/a", NOW, NOW + DAY, reuse=1)


def kept(links, new, **changes):
    """The link after it was kept under another code."""
    new = replace(new, **changes)
    assert links.links.add(new) is Added.DONE
    return links.links.find(new.domain.name, new.code)


def test_l7_domains(links):
    domains = links.domains
    assert domains.get("go.example") is None
    assert not domains.set_state("go.example", DomainState.READY)
    added = domains.add("go.example", account="163", state=DomainState.PENDING, token="t", now=NOW)
    assert added == Domain(added.id, "go.example", "163", DomainState.PENDING, "t", NOW)
    again = domains.add("go.example", account="9", state=DomainState.READY, token="u", now=NOW)
    assert again == added
    assert domains.set_state("go.example", DomainState.READY)
    assert domains.get("go.example") == replace(added, state=DomainState.READY)
    domains.add("a.example", account=None, state=DomainState.READY, token="", now=NOW)
    assert [found.name for found in domains.all()] == ["a.example", "go.example"]


def test_l1_a_link_is_kept_and_found(links, new):
    link = kept(links, new, header="ABCDEF", max_clicks=3)
    assert (link.domain, link.domain_state, link.code) == ("s.example", "ready", "r4TzK9wq")
    assert (link.account, link.header, link.target) == ("163", "ABCDEF", "https://shop.example/a")
    assert (link.created, link.expires, link.max_clicks) == (NOW, NOW + DAY, 3)
    assert (link.used, link.disabled) == (0, False)
    assert links.links.find("s.example", "R4tzk9WQ") is None
    assert links.links.find("other.example", "r4TzK9wq") is None
    links.domains.set_state("s.example", DomainState.DISABLED)
    assert links.links.find("s.example", "r4TzK9wq").life.disabled


def test_l1_a_moment_is_kept_to_the_second(links, new):
    link = kept(links, new, created=NOW + timedelta(microseconds=900_000), expires=None)
    assert (link.created, link.expires) == (NOW, None)


def test_l3_a_taken_code_is_told(links, new):
    kept(links, new)
    assert links.links.add(replace(new, reuse=None)) is Added.TAKEN
    assert links.links.add(replace(new, reuse=2)) is Added.TAKEN
    other = links.domains.add(
        "go.example", account="163", state=DomainState.READY, token="", now=NOW
    )
    assert links.links.add(replace(new, reuse=2, domain=other)) is Added.DONE


def test_l1_equal_requests_share_one_place(links, new):
    first = kept(links, new)
    assert links.links.by_reuse(1) == (first, None)
    assert links.links.by_reuse(2) is None
    assert links.links.add(replace(new, code="aaaaaaaa")) is Added.TAKEN
    assert links.links.find("s.example", "aaaaaaaa") is None
    assert links.links.add(replace(new, code="bbbbbbbb"), replaces=first.id) is Added.DONE
    assert links.links.by_reuse(1)[0].code == "bbbbbbbb"
    assert links.links.find("s.example", "r4TzK9wq") == first
    assert links.links.add(replace(new, code="cccccccc"), replaces=first.id) is Added.TAKEN
    assert links.links.add(replace(new, code="dddddddd", reuse=None)) is Added.DONE


def test_l1_a_replaced_link_with_a_clash_leaves_the_place_free(links, new):
    first = kept(links, new)
    other = kept(links, new, code="aaaaaaaa", reuse=None)
    assert links.links.add(replace(new, code=other.code), replaces=first.id) is Added.TAKEN
    assert links.links.by_reuse(1) is None
    assert links.links.add(replace(new, code="bbbbbbbb")) is Added.DONE


def test_l1_rate_of_an_account_and_minute(links, new):
    def add(code, account="163", minute=7, reuse=None):
        wanted = replace(new, code=code * 8, reuse=reuse, account=account)
        return links.links.add(wanted, rate=Rate(2, minute))

    assert [add("a", reuse=5), add("b"), add("c", reuse=6)] == [
        Added.DONE,
        Added.DONE,
        Added.LIMITED,
    ]
    assert links.links.find("s.example", "cccccccc") is None
    assert links.links.by_reuse(6) is None
    assert add("d", account="9") is Added.DONE
    assert add("e", minute=8) is Added.DONE
    assert add("a", minute=8) is Added.TAKEN
    assert add("f", minute=8) is Added.DONE
    assert add("g", minute=8) is Added.LIMITED


def test_l1_a_link_that_the_rate_refuses_replaces_nothing(links, new):
    first = kept(links, new)
    assert links.links.add(replace(new, code="aaaaaaaa", reuse=None), rate=Rate(1, 7)) is Added.DONE
    again = replace(new, code="bbbbbbbb")
    assert links.links.add(again, replaces=first.id, rate=Rate(1, 7)) is Added.LIMITED
    assert links.links.by_reuse(1) == (first, None)
    assert links.links.add(again, replaces=first.id, rate=Rate(1, 8)) is Added.DONE


def test_l6_a_bots_link(links, new):
    uid = "0b6f2f0e-5a0e-4a57-9d0c-3f6c3b1a7e11"
    link = kept(links, new, personal=Personal(uid, "123", b"\x00hidden"))
    plain = kept(links, new, code="aaaaaaaa", reuse=2)
    assert links.links.by_uid(uid) == (link, Personal(uid, "123", b"\x00hidden"))
    assert links.links.by_uid(uid[::-1]) is None
    assert links.links.by_reuse(1)[1].uid == uid
    assert links.links.by_reuse(2) == (plain, None)


def test_l4_clicks_up_to_the_limit(links, new):
    link = kept(links, new, max_clicks=2)
    assert [links.links.use(link.id) for _ in range(3)] == [True, True, False]
    assert links.links.find("s.example", "r4TzK9wq").used == 2
    free = kept(links, new, code="aaaaaaaa", reuse=2)
    assert not links.links.use(free.id)


def test_l4_two_at_once_never_share_the_last_click(links, new):
    link = kept(links, new, max_clicks=10)
    with ThreadPoolExecutor(8) as pool:
        used = list(pool.map(lambda _: links.links.use(link.id), range(40)))
    assert sum(used) == 10


def test_l7_rows_in_pages_and_disabling(links, new):
    codes = [f"code{n:04}" for n in range(5)]
    for place, code in enumerate(codes):
        kept(links, new, code=code, reuse=None, account="9" if place % 2 else "163")
    first = links.links.rows(0, 3)
    assert [link.code for link in first] == codes[:3]
    assert [link.code for link in links.links.rows(first[-1].id, 3)] == codes[3:]
    theirs = links.links.rows(0, 9, account="9")
    assert [link.code for link in theirs] == ["code0001", "code0003"]
    assert links.links.rows(0, 9, account="1") == []
    assert [links.links.count(name) for name in (None, "9", "1")] == [5, 2, 0]
    assert links.links.disable([link.id for link in theirs[:1]], NOW) == 1
    assert links.links.disable([link.id for link in theirs], NOW) == 1
    assert links.links.find("s.example", "code0001").disabled
    assert not links.links.find("s.example", "code0000").disabled


def test_l4_the_sweep_wipes_after_ninety_days(links, new):
    uid = "0b6f2f0e-5a0e-4a57-9d0c-3f6c3b1a7e11"
    kept(links, new, expires=NOW, personal=Personal(uid, "123", b"\x00hidden"))
    kept(links, new, code="aaaaaaaa", reuse=2, expires=NOW + DAY)
    kept(links, new, code="bbbbbbbb", reuse=3, expires=None)
    wanted = NOW + 90 * DAY
    assert links.links.sweep(wanted, 10) == 0
    assert links.links.sweep(wanted + timedelta(seconds=1), 10) == 1
    assert links.links.sweep(wanted + timedelta(seconds=1), 10) == 0
    link, personal = links.links.by_uid(uid)
    assert (link.target, personal.hidden, link.code) == ("", b"", "r4TzK9wq")
    assert links.links.by_reuse(1) is None
    assert links.links.find("s.example", "aaaaaaaa").target == "https://shop.example/a"
    assert links.links.add(replace(new, reuse=None)) is Added.TAKEN
    assert links.links.sweep(wanted + 1000 * DAY, 10) == 1


def test_l4_housekeeping_wipes(sqlite_address):
    services = build(Settings(database=sqlite_address))
    domain = services.links.domains.add(
        "s.example", account=None, state=DomainState.READY, token="", now=NOW
    )
    kept(services.links, NewLink(domain, "r4TzK9wq", "163", "", "https://a.example", NOW, NOW))
    late = replace(services, clock=lambda: NOW + 91 * DAY)
    assert worker_sweep(late)["links"] == 1
    assert services.links.links.find("s.example", "r4TzK9wq").target == ""


def test_l4_the_sweep_stops_at_its_limit(links, new):
    for n in range(5):
        kept(links, new, code=f"code{n:04}", reuse=None, expires=NOW)
    late = NOW + 91 * DAY
    assert [links.links.sweep(late, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_l5_clicks_are_counted(links):
    clicks = [
        Click(1, NOW, True, Device.MOBILE, 11),
        Click(1, NOW + timedelta(hours=1), True, Device.DESKTOP, 11),
        Click(1, NOW - timedelta(hours=1), False, Device.OTHER, 12),
        Click(1, NOW + DAY, True, Device.MOBILE, -5),
        Click(2, NOW, False, Device.OTHER, 11),
    ]
    links.clicks.keep(clicks[:2])
    links.clicks.keep(clicks[2:])
    assert links.clicks.counts(1) == Counts(3, 1, 2, NOW, NOW + DAY)
    assert links.clicks.counts(2) == Counts(0, 1, 0, None, None)
    assert links.clicks.counts(3) == Counts()
    assert links.clicks.days(1) == [
        Day("2026-11-18", 2, 1, 1, 1, 1, 0),
        Day("2026-11-19", 1, 0, 1, 1, 0, 0),
    ]
    assert links.clicks.days(3) == []


def test_l5_days_begin_at_midnight_in_india(links):
    midnight = datetime.fromisoformat("2026-11-19T00:00:00+05:30")
    for moment in (midnight - timedelta(seconds=1), midnight):
        links.clicks.keep([Click(1, moment, True, Device.OTHER, 1)])
    assert [day.day for day in links.clicks.days(1)] == ["2026-11-18", "2026-11-19"]


def test_l5_one_key_a_day_and_the_old_one_is_gone(links):
    key = links.clicks.visitor_key
    assert key(100, b"a") == b"a"
    assert key(100, b"b") == b"a"
    assert key(101, b"c") == b"c"
    assert key(101, b"d") == b"c"


def test_l5_the_sweep_throws_old_keys_away(engine):
    store = link_services(engine, SETTINGS)
    store.clicks.visitor_key(1, b"old")
    store.links.sweep(NOW, 1)
    assert store.clicks.visitor_key(1, b"new") == b"new"


def test_l1_fifty_equal_requests_on_ten_threads_get_one_place(links, new):
    draw = random.Random(3).randrange

    def ask(code):
        added = links.links.add(replace(new, code=code))
        return added, links.links.by_reuse(1)[0].code

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(ask, [make_code(draw, 8) for _ in range(50)]))
    assert [added for added, _ in found].count(Added.DONE) == 1
    assert len({code for _, code in found}) == 1
