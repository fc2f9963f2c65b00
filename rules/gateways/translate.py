"""Translation engines over HTTP, behind a cache, a monthly cap and a second engine.

The wire forms and what an answer means are in `rules.translation`; here a request is sent through
the one outgoing client, a second time at once after a server fault, and its end is written to
the log: with the engine's words, without key and text.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from rules.errors import StoreUnavailable
from rules.gateways.translation_cache import MemoryCache, SingleFlight
from rules.services.outgoing import Call, OutgoingError, Refused, TimedOut, TooLarge
from rules.services.translation import Kept, TranslationJob, TranslationStore
from rules.translation import (
    FALLBACK_REASONS,
    NO_ENGINE,
    EngineAnswer,
    EngineSettings,
    Pair,
    Plan,
    Reason,
    Translation,
    TranslationRequest,
    carry_out,
    plan,
    prepare,
    read_answer,
    wording,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rules.services.outgoing import Outgoing

__all__ = ["HttpEngine", "HttpTranslator"]

FALLBACK_SECONDS = 5.0
MOST_TEXTS = 128
_log = logging.getLogger("rules.translation")
_RETRIED = frozenset((Reason.SERVER_ERROR, Reason.CONNECTION_ERROR))


@dataclass(frozen=True)
class HttpEngine:
    """One engine of one account; `spend` counts characters before they are sent."""

    settings: EngineSettings
    job: TranslationJob
    outgoing: Outgoing
    spend: Callable[[int], bool]

    @property
    def name(self) -> str:
        """`google` or `libre`."""
        return self.settings.name

    def translate(
        self, texts: Sequence[str], source: str | None, target: str, deadline: float | None
    ) -> EngineAnswer:
        """Ask for all texts, in as many requests as the engine needs."""
        if deadline is None:
            deadline = monotonic() + self.job.settings.timeout
        if not self.spend(sum(map(len, texts))):
            return EngineAnswer(reason=Reason.QUOTA_EXCEEDED, sent=False)
        found: list[str] = []
        detected = None
        for start in range(0, len(texts), MOST_TEXTS):
            part = texts[start : start + MOST_TEXTS]
            answer = self._ask(part, Pair(source, target), deadline)
            if answer.reason:
                return answer
            found += answer.texts
            detected = detected or answer.detected
        return EngineAnswer(tuple(found), detected)

    def _ask(self, texts: Sequence[str], pair: Pair, deadline: float) -> EngineAnswer:
        """Ask once; after a fault of the server or the way there at once a second time."""
        answer = self._try(texts, pair, deadline)
        return self._try(texts, pair, deadline) if answer.reason in _RETRIED else answer

    def _try(self, texts: Sequence[str], pair: Pair, deadline: float) -> EngineAnswer:
        sent = prepare(self.settings, texts, pair)
        call = Call(
            "POST",
            sent.url,
            sent.headers,
            sent.body,
            allow_http=self.job.settings.allow_http,
            purpose="translation",
            secrets=(self.settings.key.reveal(),) if self.settings.key else (),
            keep_alive=self.job.account,
            account=self.job.account,
            request_id=self.job.request_id,
        )
        try:
            reply = self.outgoing.send(call, deadline=deadline)
        except OutgoingError as error:
            return self._no_reply(error)
        answer = read_answer(self.name, reply.status, reply.body, len(texts))
        if answer.reason:
            hidden = (self.settings.key.reveal(), *texts)
            self._note(answer.reason, reply.status, wording(reply.body, hidden))
        return answer

    def _no_reply(self, error: OutgoingError) -> EngineAnswer:
        reason = Reason.CONNECTION_ERROR
        if isinstance(error, Refused):
            reason = Reason.INVALID_REQUEST
        elif isinstance(error, TimedOut):
            reason = Reason.TIMEOUT
        elif isinstance(error, TooLarge):
            reason = Reason.INVALID_RESPONSE
        self._note(reason, None, f"{type(error).__name__} {error.kind}")
        return EngineAnswer(reason=reason, sent=not isinstance(error, Refused))

    def _note(self, reason: Reason, status: int | None, words: str) -> None:
        _log.warning(
            "no translation",
            extra={
                "request_id": self.job.request_id,
                "account": self.job.account,
                "engine": self.name,
                "reason": reason.value,
                "status": status,
                "words": words,
            },
        )


class HttpTranslator:
    """The translator of an installation; one in each process, for all accounts."""

    def __init__(
        self,
        outgoing: Outgoing,
        *,
        monotonic: Callable[[], float] = monotonic,
        store: TranslationStore | None = None,
        hash_key: str = "",
    ) -> None:
        self._outgoing, self._monotonic, self._store = outgoing, monotonic, store
        self._hash_key = hash_key.encode()
        self._memory: MemoryCache[Kept] = MemoryCache(clock=monotonic)
        self._flights: SingleFlight[Translation] = SingleFlight()

    def translate(self, request: TranslationRequest, job: TranslationJob) -> Translation:
        """Ask the account's engine; its second engine once, where that can help."""
        settings = job.settings
        engine = replace(settings.engine, key=job.key)
        first = self._ask(request, job, engine, settings.timeout)
        helps = first.reason in FALLBACK_REASONS and first.engine != NO_ENGINE
        if not (helps and settings.fallback):
            return first
        second = self._ask(request, job, settings.fallback, FALLBACK_SECONDS)
        return first if second.reason else second

    def _ask(
        self, request: TranslationRequest, job: TranslationJob, engine: EngineSettings, time: float
    ) -> Translation:
        planned = plan(request, codes=job.settings.codes, engine=engine.name)
        if isinstance(planned, Translation):
            return planned
        key = _cache_key(planned, engine, job)
        return self._flights.run(key, lambda: self._find_or_send(planned, key, job, engine, time))

    def _find_or_send(
        self, planned: Plan, key: str, job: TranslationJob, engine: EngineSettings, time: float
    ) -> Translation:
        kept = self._find(key, job)
        if kept is not None:
            return Translation(kept.text, kept.detected, engine.name, cached=True)
        http = HttpEngine(engine, job, self._outgoing, lambda count: self._spend(job, count))
        found = carry_out(planned, engine=http, deadline=self._monotonic() + time)
        if found.reason is None:
            self._keep(key, Kept(found.text, found.detected), job)
        return found

    def _spend(self, job: TranslationJob, characters: int) -> bool:
        cap = job.settings.monthly_characters
        if not cap:
            return True
        if self._store is None:
            raise StoreUnavailable("this installation keeps no count of characters")
        month = job.now.astimezone(job.settings.zone).strftime("%Y-%m")
        return self._store.spend(job.account, month, characters, cap=cap)

    def _lasting(self, job: TranslationJob) -> TranslationStore | None:
        """The store, if the account keeps translations there and they can be hidden."""
        return self._store if job.settings.cache == "store" and self._hash_key else None

    def _hidden(self, key: str) -> str:
        return hmac.new(self._hash_key, key.encode(), hashlib.sha256).hexdigest()

    def _find(self, key: str, job: TranslationJob) -> Kept | None:
        if job.settings.cache == "off":
            return None
        store = self._lasting(job)
        if store is None:
            return self._memory.find(key)
        try:
            return store.find(self._hidden(key), now=job.now)
        except StoreUnavailable:
            return None  # what is kept only saves a call

    def _keep(self, key: str, kept: Kept, job: TranslationJob) -> None:
        if job.settings.cache == "off":
            return
        store = self._lasting(job)
        if store is None:
            self._memory.keep(key, kept)
            return
        try:
            until = job.now + timedelta(days=job.settings.cache_days)
            store.keep(self._hidden(key), kept, until=until)
        except StoreUnavailable:
            _log.warning("translation not kept", extra={"request_id": job.request_id})


def _cache_key(planned: Plan, engine: EngineSettings, job: TranslationJob) -> str:
    """Engine, account, key, languages, text: a wrong key never profits from an earlier answer."""
    digest = hashlib.sha256(engine.key.reveal().encode()).hexdigest()
    pair = planned.pair
    parts = (engine.name, engine.url, job.account, digest, pair.source or "auto", pair.target)
    return repr((*parts, planned.protected.plain, planned.protected.kept))
