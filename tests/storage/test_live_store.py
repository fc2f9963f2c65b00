"""Contract of the store of live answers, on memory, SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from rules.services.telecom import RECORDS_KEPT, Budget, KeptAnswer, Outcome, Question
from rules.storage.live import SqlLive
from rules.storage.memory.live import MemoryLive
from rules.telecom import LiveAnswer
from tests.stores import three_stores

store = three_stores(MemoryLive, SqlLive)

NOW = datetime(2026, 11, 18, 5, 0, 0, 7, tzinfo=UTC)
DAY = timedelta(days=1)
ANSWER = LiveAnswer("Airtel", "Karnataka", True, "mobile", NOW)
BUDGET = Budget("293", date(2026, 11, 18), Decimal("0.35"), daily=2, monthly=Decimal(1))
ASKED = Question(NOW, "293", "numbers", Outcome.ANSWERED, 120, Decimal("0.35"))


def test_an_answer_is_kept_under_its_key(store):
    assert store.find("a") is None
    store.keep("a", KeptAnswer(ANSWER, NOW + DAY))
    store.keep("b", KeptAnswer(None, NOW + DAY))
    store.keep("c", KeptAnswer(replace(ANSWER, ported=None, circle=None), NOW))
    assert store.find("a") == KeptAnswer(ANSWER, NOW + DAY)
    assert store.find("b") == KeptAnswer(None, NOW + DAY)
    assert store.find("c").answer == replace(ANSWER, ported=None, circle=None)


def test_a_newer_answer_takes_the_place_of_an_older_one(store):
    store.keep("a", KeptAnswer(ANSWER, NOW))
    newer = KeptAnswer(replace(ANSWER, ported=False, asked_at=NOW + DAY), NOW + 2 * DAY)
    store.keep("a", newer)
    assert store.find("a") == newer
    store.keep("a", KeptAnswer(None, NOW))
    assert store.find("a").answer is None


def test_a_day_has_so_many_questions(store):
    budget = replace(BUDGET, monthly=None)
    assert [store.reserve(budget) for _ in range(3)] == [True, True, False]
    tomorrow = replace(budget, day=budget.day + DAY)
    assert [store.reserve(tomorrow) for _ in range(3)] == [True, True, False]
    assert store.reserve(replace(budget, account="294"))
    assert not store.reserve(replace(budget, account="295", daily=0))


def test_a_month_has_so_much_money(store):
    days = [date(2026, 11, day) for day in (1, 2, 3, 4)]
    assert [store.reserve(replace(BUDGET, day=day)) for day in days] == [True, True, False, False]
    assert store.reserve(replace(BUDGET, day=days[2], cost=Decimal("0.3")))
    assert not store.reserve(replace(BUDGET, day=days[3], cost=Decimal("0.000001")))
    assert store.reserve(replace(BUDGET, day=date(2026, 12, 1)))


def test_what_was_not_sent_is_given_back(store):
    budget = replace(BUDGET, daily=1, monthly=Decimal("0.35"))
    assert store.reserve(budget)
    assert not store.reserve(budget)
    store.give_back(budget)
    assert store.reserve(budget)
    store.give_back(budget)
    later = replace(budget, day=budget.day + DAY)
    assert store.reserve(later)


def test_giving_back_yesterday_s_question_leaves_today_s_count(store):
    budget = replace(BUDGET, daily=1, monthly=None)
    today = replace(budget, day=budget.day + DAY)
    assert store.reserve(budget)
    assert store.reserve(today)
    store.give_back(budget)
    assert not store.reserve(today)


def test_many_at_once_do_not_overspend(store):
    budget = replace(BUDGET, daily=1000, cost=Decimal("0.1"), monthly=Decimal(2))
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: store.reserve(budget), range(60)))
    assert sum(taken) == 20


def test_records_are_kept_without_numbers(store):
    store.record(ASKED)
    store.record(replace(ASKED, at=NOW + DAY, outcome=Outcome.TIMEOUT, cost=Decimal(0)))
    store.record(replace(ASKED, account="294"))
    assert store.questions("293", NOW, NOW + DAY) == [ASKED]
    both = store.questions("293", NOW - DAY, NOW + 2 * DAY)
    assert [one.outcome for one in both] == [Outcome.ANSWERED, Outcome.TIMEOUT]


def test_what_is_past_its_time_is_deleted(store):
    store.keep("old", KeptAnswer(ANSWER, NOW))
    store.keep("new", KeptAnswer(ANSWER, NOW + DAY))
    store.record(replace(ASKED, at=NOW - RECORDS_KEPT - DAY))
    store.record(ASKED)
    assert store.purge(NOW) == 2
    assert store.purge(NOW) == 0
    assert store.find("old") is None
    assert store.find("new") is not None
    assert len(store.questions("293", NOW - 2 * RECORDS_KEPT, NOW + DAY)) == 1
