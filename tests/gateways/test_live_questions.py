"""When a live source is asked, and what is made of its answers."""

import logging
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from rules.errors import StoreUnavailable
from rules.gateways.live_questions import Breaker, LiveQuestions
from rules.services.telecom import LiveFailed, Outcome
from rules.storage.memory.live import MemoryLive
from rules.telecom import LiveAnswer, TelecomSettings, lookup
from rules.telecom.overrides import read_overrides

NOW = datetime(2026, 11, 18, 19, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MOBILE, FIXED = lookup("9848012345"), lookup("080 4123 4567")
ANSWER = LiveAnswer("airtel", "KTK", True, "mobile", NOW)
SETTINGS = TelecomSettings(live_lookup="numbers", live_daily_questions=10)
ALWAYS = (NOW - 500 * DAY, NOW + 500 * DAY)


class Clock:
    """A clock a test moves."""

    def __init__(self):
        self.now, self.seconds = NOW, 0.0

    def __call__(self):
        return self.now

    def monotonic(self):
        return self.seconds


class Scripted:
    """A source that says what its script says, and counts its questions."""

    name, cost = "numbers", Decimal("0.35")

    def __init__(self, *script):
        self.script, self.asked = list(script), []

    def ask(self, e164, *, timeout):
        self.asked.append((e164, timeout))
        step = self.script.pop(0) if self.script else ANSWER
        if isinstance(step, Exception):
            raise step
        return step


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store():
    return MemoryLive()


def questions(source, store, clock, hash_key="a key"):
    return LiveQuestions(
        {source.name: source}, store, clock=clock, monotonic=clock.monotonic, hash_key=hash_key
    )


def test_off_by_default(store, clock):
    source = Scripted()
    live = questions(source, store, clock)
    assert live.ask(MOBILE, TelecomSettings(), account="293") is None
    assert live.ask(MOBILE, TelecomSettings(live_lookup="numbers"), account="293") is None
    assert source.asked == []


def test_an_answer_in_the_tables_names_and_the_account_s_day(store, clock):
    source = Scripted()
    live = questions(source, store, clock)
    answer = live.ask(MOBILE, SETTINGS, account="293")
    assert (answer.operator, answer.circle, answer.ported) == ("Airtel", "Karnataka", True)
    assert answer.asked_at.isoformat() == "2026-11-19T00:30:00+05:30"
    assert source.asked == [("+919848012345", 1.5)]
    assert live.ask(lookup("9848012346"), SETTINGS, account="293", timeout=5.0)
    assert source.asked[1] == ("+919848012346", 5.0)
    found = lookup("9848012345", live=answer)
    assert (found.basis, found.as_of) == ("live", "2026-11-19")


@pytest.mark.parametrize(
    ("found", "changes", "asked"),
    [
        (MOBILE, {}, True),
        (FIXED, {}, False),
        (FIXED, {"live_landlines": True}, True),
        (lookup("1800123456"), {"live_landlines": True}, False),
        (lookup("98480XXXXX"), {}, False),
        (lookup("+971501234567"), {}, False),
        (MOBILE, {"overrides": read_overrides("number,language\n98480,TAMIL\n")}, False),
        (MOBILE, {"overrides": read_overrides("number,language\n98481,TAMIL\n")}, True),
        (MOBILE, {"live_lookup": "another"}, False),
        (MOBILE, {"live_daily_questions": 0}, False),
        (MOBILE, {"live_monthly_amount": Decimal("0.34")}, False),
        (MOBILE, {"live_monthly_amount": Decimal("0.35")}, True),
    ],
)
def test_what_is_asked_about(store, clock, found, changes, asked):
    source = Scripted()
    live = questions(source, store, clock)
    live.ask(found, replace(SETTINGS, **changes), account="293")
    assert bool(source.asked) == asked


def test_answers_are_kept_for_thirty_days_and_nothing_for_one(store, clock):
    source = Scripted(ANSWER, None)
    live = questions(source, store, clock)
    other = lookup("9848012346")
    first = live.ask(MOBILE, SETTINGS, account="293")
    assert live.ask(other, SETTINGS, account="293") is None
    assert live.ask(MOBILE, SETTINGS, account="294") == first
    assert live.ask(other, SETTINGS, account="293") is None
    assert len(source.asked) == 2
    clock.now = NOW + DAY
    assert live.ask(other, SETTINGS, account="293") is not None
    assert live.ask(MOBILE, SETTINGS, account="293") == first
    assert len(source.asked) == 3
    clock.now = NOW + 30 * DAY
    live.ask(MOBILE, SETTINGS, account="293")
    assert len(source.asked) == 4


def test_no_number_can_be_read_from_what_is_kept(store, clock):
    live = questions(Scripted(), store, clock)
    live.ask(MOBILE, SETTINGS, account="293")
    kept = repr(vars(store))
    assert "9848012345" not in kept
    assert len(store._answers) == 1
    assert all(len(key) == 64 for key in store._answers)


def test_without_a_hash_key_nothing_is_kept(store, clock):
    source = Scripted()
    live = questions(source, store, clock, hash_key="")
    live.ask(MOBILE, SETTINGS, account="293")
    live.ask(MOBILE, SETTINGS, account="293")
    assert len(source.asked) == 2
    assert store._answers == {}


def test_the_day_s_cap_counts_days_of_the_account_s_zone(store, clock):
    settings = replace(SETTINGS, live_daily_questions=1)
    live = questions(Scripted(), store, clock, hash_key="")
    assert live.ask(MOBILE, settings, account="293")
    assert live.ask(MOBILE, settings, account="293") is None
    assert live.ask(MOBILE, settings, account="294")
    clock.now = NOW + timedelta(hours=23)  # the next evening there, after midnight in Kolkata
    assert live.ask(MOBILE, settings, account="293") is None
    clock.now = NOW + timedelta(hours=23, minutes=31)
    assert live.ask(MOBILE, settings, account="293")


def test_what_was_not_sent_costs_nothing(store, clock):
    source = Scripted(LiveFailed(sent=False), LiveFailed(sent=True, timed_out=True))
    live = questions(source, store, clock)
    settings = replace(SETTINGS, live_daily_questions=1)
    assert live.ask(MOBILE, settings, account="293") is None
    assert live.ask(MOBILE, settings, account="293") is None
    assert live.ask(MOBILE, settings, account="293") is None
    assert len(source.asked) == 2
    records = store.questions("293", *ALWAYS)
    assert [(one.outcome, one.cost) for one in records] == [
        (Outcome.FAILED, 0),
        (Outcome.TIMEOUT, Decimal("0.35")),
    ]


def test_every_question_is_recorded_without_the_number(store, clock):
    live = questions(Scripted(ANSWER, None), store, clock)
    live.ask(MOBILE, SETTINGS, account="293")
    live.ask(lookup("9848012346"), SETTINGS, account="293")
    records = store.questions("293", *ALWAYS)
    assert [one.outcome for one in records] == [Outcome.ANSWERED, Outcome.NOTHING]
    assert "98480" not in repr(records)


def test_five_failures_in_a_row_give_the_source_a_minute_of_rest(store, clock):
    source = Scripted(*[LiveFailed(sent=True)] * 4, ANSWER, *[LiveFailed(sent=True)] * 6)
    live = questions(source, store, clock, hash_key="")
    for _ in range(5):
        live.ask(MOBILE, SETTINGS, account="293")
    settings = replace(SETTINGS, live_daily_questions=1000)
    for _ in range(20):
        live.ask(MOBILE, settings, account="293")
    assert len(source.asked) == 10
    clock.seconds += 59.9
    live.ask(MOBILE, settings, account="293")
    assert len(source.asked) == 10
    clock.seconds += 0.1
    live.ask(MOBILE, settings, account="293")
    live.ask(MOBILE, settings, account="293")
    assert len(source.asked) == 11
    clock.seconds += 60
    assert live.ask(MOBILE, settings, account="293") is not None
    assert live.ask(MOBILE, settings, account="293") is not None


def test_a_breaker_forgets_failures_after_a_success():
    breaker = Breaker(lambda: 0.0)
    for worked in (False, False, False, False, True, False, False, False, False):
        breaker.note(worked=worked)
        assert breaker.closed()
    breaker.note(worked=False)
    assert not breaker.closed()


def test_two_calls_for_one_number_share_a_question(store, clock):
    asked, go = threading.Event(), threading.Event()

    class Slow(Scripted):
        def ask(self, e164, *, timeout):
            asked.set()
            assert go.wait(10)
            return super().ask(e164, timeout=timeout)

    source = Slow()
    live = questions(source, store, clock, hash_key="")
    answers = []

    def ask():
        answers.append(live.ask(MOBILE, replace(SETTINGS, live_timeout=10), account="293"))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    threads[0].start()
    assert asked.wait(10)
    for thread in threads[1:]:
        thread.start()
    impatient = live.ask(MOBILE, SETTINGS, account="293", timeout=0.01)
    go.set()
    for thread in threads:
        thread.join()
    assert impatient is None
    assert len({id(answer) for answer in answers} - {id(None)}) == len(answers) == 5
    assert len(set(answers)) == 1
    assert len(source.asked) == 1
    assert live._running == {}


def test_unknown_words_are_dropped_and_logged_once_a_day(store, clock, caplog):
    strange = replace(ANSWER, operator="Nobody", circle="Atlantis" * 20)
    live = questions(Scripted(*[strange] * 4), store, clock, hash_key="")
    for _ in range(2):
        answer = live.ask(MOBILE, SETTINGS, account="293")
        assert (answer.operator, answer.circle, answer.ported) == (None, None, True)
    assert [r.message for r in caplog.records].count(
        "live source 'numbers': no operator 'Nobody'"
    ) == 1
    assert max(len(record.message) for record in caplog.records) < 100
    clock.now = NOW + DAY
    live.ask(MOBILE, SETTINGS, account="293")
    assert len(caplog.records) == 4


def test_a_source_that_is_not_configured_is_named_once(store, clock, caplog):
    live = questions(Scripted(), store, clock)
    for _ in range(3):
        live.ask(MOBILE, replace(SETTINGS, live_lookup="gone"), account="293")
    assert [record.message for record in caplog.records] == ["no live source is named 'gone'"]


def test_a_source_that_breaks_is_a_failure_and_shows_no_number(store, clock, caplog):
    caplog.set_level(logging.DEBUG)
    source = Scripted(ValueError("+919848012345 is odd"))
    live = questions(source, store, clock)
    assert live.ask(MOBILE, SETTINGS, account="293") is None
    assert "98480" not in caplog.text
    assert store.questions("293", *ALWAYS)[0].outcome is Outcome.FAILED


class Broken(MemoryLive):
    """A store whose database is gone, for what a test names."""

    broken = ()

    def __getattribute__(self, name):
        if name in object.__getattribute__(self, "broken"):
            raise StoreUnavailable("the database cannot be used")
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    ("broken", "answered"),
    [("find", True), ("keep", True), ("record", True), ("reserve", False), ("give_back", False)],
)
def test_without_its_store_a_lookup_still_answers(clock, caplog, broken, answered):
    store = Broken()
    store.broken = (broken,)
    source = Scripted(LiveFailed(sent=False)) if broken == "give_back" else Scripted()
    answer = questions(source, store, clock).ask(MOBILE, SETTINGS, account="293")
    assert (answer is not None) == answered
    assert "98480" not in caplog.text
