"""Asking live sources about single numbers: when it is wanted, once, and within the account's cap.

Every question hands a person's number to somebody else and usually costs money. So an answer that
is still fresh is taken from what is kept, two calls for one number at one time share a question,
the cost is reserved before anything is sent, and a source that fails is left alone for a while.
Whatever goes wrong, the answer is `None` and the tables hold.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rules.errors import StoreUnavailable
from rules.services.telecom import Budget, KeptAnswer, LiveFailed, Outcome, Question
from rules.telecom import NumberClass
from rules.telecom.names import circle_name, operator_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, tzinfo

    from rules.services import Clock
    from rules.services.telecom import LiveSource, LiveStore
    from rules.telecom import LiveAnswer, Lookup, TelecomSettings

__all__ = ["Breaker", "LiveQuestions"]

FRESH = timedelta(days=30)
FRESH_NOTHING = timedelta(days=1)
FAILURES = 5
REST_SECONDS = 60.0
_LONGEST_WORD = 40
_log = logging.getLogger(__name__)


class Breaker:
    """Leaves a source alone for a minute after five failures in a row."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._until = 0.0

    def closed(self) -> bool:
        """May the source be asked?"""
        return self._failures < FAILURES or self._monotonic() >= self._until

    def note(self, *, worked: bool) -> None:
        """How a question went."""
        self._failures = 0 if worked else self._failures + 1
        self._until = self._monotonic() + REST_SECONDS


@dataclass(frozen=True)
class _Asked:
    """One wish to ask: whom, about whom, for which account."""

    source: LiveSource
    e164: str
    account: str
    settings: TelecomSettings
    timeout: float
    zone: tzinfo


class LiveQuestions:
    """Implements `LiveNumbers`. Safe to call from several threads."""

    def __init__(
        self,
        sources: Mapping[str, LiveSource],
        store: LiveStore,
        *,
        clock: Clock,
        monotonic: Callable[[], float],
        hash_key: str,
    ) -> None:
        self._sources = sources
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._hash_key = hash_key.encode()
        self._breakers = {name: Breaker(monotonic) for name in sources}
        self._lock = Lock()
        self._running: dict[tuple[str, str], Future[LiveAnswer | None]] = {}
        self._said: tuple[date | None, set[str]] = (None, set())
        self.asked, self.spent = 0, Decimal(0)

    def ask(
        self,
        found: Lookup,
        settings: TelecomSettings,
        *,
        account: str,
        timeout: float | None = None,
    ) -> LiveAnswer | None:
        """A fresh answer about a number already looked up. Never raises; `None`: use the tables."""
        if not settings.live_lookup or not _is_asked_about(found, settings):
            return None
        source = self._sources.get(settings.live_lookup)
        if source is None:
            self._say(f"no live source is named '{settings.live_lookup}'")
            return None
        wish = _Asked(
            source,
            found.e164,
            account,
            settings,
            settings.live_timeout if timeout is None else timeout,
            ZoneInfo(settings.zone),
        )
        answer = self._answer(wish)
        return answer and replace(answer, asked_at=answer.asked_at.astimezone(wish.zone))

    def _answer(self, wish: _Asked) -> LiveAnswer | None:
        """What another call is just finding out, what is kept, or a question of our own."""
        place = (wish.source.name, wish.e164)
        mine: Future[LiveAnswer | None] = Future()
        with self._lock:
            running = self._running.setdefault(place, mine)
        if running is not mine:
            return _shared(running, wish.timeout)
        answer = None
        try:
            key = self._key(wish)
            kept = self._kept(key)
            answer = self._question(wish, key) if kept is None else kept.answer
        finally:
            with self._lock:
                del self._running[place]
            mine.set_result(answer)
        return answer

    def _question(self, wish: _Asked, key: str) -> LiveAnswer | None:
        """Ask, if breaker and budget let us; keep and record what came of it."""
        breaker = self._breakers[wish.source.name]
        now = self._clock()
        settings = wish.settings
        budget = Budget(
            wish.account,
            now.astimezone(wish.zone).date(),
            wish.source.cost,
            settings.live_daily_questions,
            settings.live_monthly_amount,
        )
        if not settings.live_daily_questions or not breaker.closed() or not self._reserved(budget):
            return None
        start = self._monotonic()
        answer, outcome, sent = self._sent(wish)
        milliseconds = round((self._monotonic() - start) * 1000)
        worked = outcome in (Outcome.ANSWERED, Outcome.NOTHING)
        breaker.note(worked=worked)
        cost = wish.source.cost if sent else wish.source.cost * 0
        record = Question(now, wish.account, wish.source.name, outcome, milliseconds, cost)
        with self._lock:
            self.asked, self.spent = self.asked + sent, self.spent + cost
        if not sent:
            self._quietly(lambda: self._store.give_back(budget))
        self._quietly(lambda: self._store.record(record))
        if worked and key:
            kept = KeptAnswer(answer, now + (FRESH if answer else FRESH_NOTHING))
            self._quietly(lambda: self._store.keep(key, kept))
        return answer

    def _sent(self, wish: _Asked) -> tuple[LiveAnswer | None, Outcome, bool]:
        try:
            answer = wish.source.ask(wish.e164, timeout=wish.timeout)
        except LiveFailed as error:
            return None, Outcome.TIMEOUT if error.timed_out else Outcome.FAILED, error.sent
        except Exception as error:  # noqa: BLE001  a source's mistake is no reason to drop a call
            kind = type(error).__name__  # its words, and a traceback, may hold the number
            extra = {"source": wish.source.name, "kind": kind}
            _log.error("live source broke", extra=extra)
            return None, Outcome.FAILED, True
        if answer is None:
            return None, Outcome.NOTHING, True
        return self._understood(answer, wish.source.name), Outcome.ANSWERED, True

    def _understood(self, answer: LiveAnswer, source: str) -> LiveAnswer:
        """The answer in the tables' names, without words that they do not know."""
        operator = operator_name(answer.operator) if answer.operator else None
        circle = circle_name(answer.circle) if answer.circle else None
        if answer.operator and operator is None:
            self._say(f"live source '{source}': no operator '{answer.operator[:_LONGEST_WORD]}'")
        if answer.circle and circle is None:
            self._say(f"live source '{source}': no circle '{answer.circle[:_LONGEST_WORD]}'")
        return replace(answer, operator=operator, circle=circle)

    def _say(self, words: str) -> None:
        """Log a sentence once a day."""
        today = self._clock().date()
        with self._lock:
            if self._said[0] != today:
                self._said = (today, set())
            new = words not in self._said[1]
            self._said[1].add(words)
        if new:
            _log.warning(words)

    def _key(self, wish: _Asked) -> str:
        """A keyed hash of source and number; empty, so that nothing is kept, without a key."""
        if not self._hash_key:
            return ""
        named = f"{wish.source.name}:{wish.e164}".encode()
        return hmac.new(self._hash_key, named, hashlib.sha256).hexdigest()

    def _kept(self, key: str) -> KeptAnswer | None:
        if not key:
            return None
        try:
            kept = self._store.find(key)
        except StoreUnavailable:
            return None
        return kept if kept is not None and self._clock() < kept.until else None

    def _reserved(self, budget: Budget) -> bool:
        try:
            return self._store.reserve(budget)
        except StoreUnavailable:
            return False

    def _quietly(self, write: Callable[[], None]) -> None:
        try:
            write()
        except StoreUnavailable as error:
            _log.warning("live source: the store did not take a record", extra={"why": str(error)})


def _is_asked_about(found: Lookup, settings: TelecomSettings) -> bool:
    """Mobile numbers, fixed ones where wanted, none that the account overrides."""
    wanted = found.number_class is NumberClass.MOBILE or (
        found.number_class is NumberClass.LANDLINE and settings.live_landlines
    )
    return wanted and settings.overrides.find(found.national, found.e164) is None


def _shared(running: Future[LiveAnswer | None], timeout: float) -> LiveAnswer | None:
    try:
        return running.result(timeout)
    except TimeoutError:
        return None
