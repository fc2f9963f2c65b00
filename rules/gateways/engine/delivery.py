"""Running work: one delivery process per machine, taking over from others that died.

Work is run at least once. A handler that finds the database away is asked again until it is back;
one that fails unexpectedly has its work started anew, later and later. What a dead process had
taken comes back at its next start (same node name), or is resumed by any other node once it was
taken longer ago than its kind can last (`TAKEN_SECONDS`).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rules.errors import StoreUnavailable
from rules.gateways.engine.starter import APPLICATION, VERSION, WORKFLOW, WorkStarter, prepare
from rules.services.work import KINDS, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

    from rules.services.work import Handler

__all__ = ["TAKEN_SECONDS", "Delivery"]

TAKEN_SECONDS = {"orders": 20.0, "messages": 35.0, "webhooks": 80.0, "housekeeping": 600.0}
"""Longest a piece of work of a queue is in one hand: its time limits, and some room."""
CONCURRENCY = 32
POLL_SECONDS = {"orders": 0.1, "messages": 0.2, "webhooks": 0.2, "housekeeping": 5.0}
"""How often a queue is looked at: the most an idle process does."""
WAKE_SECONDS = 0.2
"""How often delays are looked at that have ended; the engine alone does so once a second."""
REAP_SECONDS = 5.0
KEEP_FINISHED = timedelta(days=2)
_DELETE_AT_ONCE = 500
_LONGEST_WAIT = 3600.0
_log = logging.getLogger(__name__)


class _Stopped(BaseException):
    """Leaves a piece of work in hand: the engine records no end, so it comes back."""


class Delivery:
    """The delivery process: `start`, then `stop`; one at a time in a process.

    `write` opens a transaction on the engine's database. `rate` bounds how many orders start a
    minute over all nodes (`None`: as fast as they go).
    """

    def __init__(
        self,
        engine: Engine,
        handlers: Mapping[str, Handler],
        *,
        node: str,
        write: Callable[[], AbstractContextManager[Connection]],
        rate: int | None = None,
    ) -> None:
        self._engine = engine
        self._handlers = handlers
        self._node = node
        self._write = write
        self._rate = rate
        self._starter = WorkStarter(engine)
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._always, args=task, name=task[0], daemon=True)
            for task in (("reaping", self.reap, REAP_SECONDS), ("waking", self.wake, WAKE_SECONDS))
        ]

    def start(self) -> None:
        """Take up work: first what this node had in hand when it died."""
        from dbos import DBOS  # noqa: PLC0415  only the delivery process runs it

        prepare(self._engine)
        self._declare_queues()
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_engine": self._engine,
                "application_version": VERSION,
                "executor_id": self._node,
                "run_migrations": False,
                "use_listen_notify": False,
                "enable_otlp": False,
                "log_level": "WARNING",
                "notification_listener_polling_interval_sec": 0.2,  # asks nothing; ends sooner
                "max_executor_threads": CONCURRENCY * len(set(KINDS.values())),
            }
        )

        def work(kind: str, id: str, argument: dict[str, str]) -> None:  # noqa: A002
            self._run(kind, id, argument)

        work.__annotations__.clear()  # the engine would evaluate them for each piece of work
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(work)
        _speak_as_we_do()
        DBOS.launch()
        for thread in self._threads:
            thread.start()

    def _declare_queues(self) -> None:
        """Before the launch: a queue declared later is first looked at a second later."""
        for queue in sorted(set(KINDS.values())):
            limited = queue == "orders" and self._rate
            self._starter.client().register_queue(
                queue,
                worker_concurrency=CONCURRENCY,
                polling_interval_sec=POLL_SECONDS[queue],
                limiter={"limit": self._rate or 0, "period": 60.0} if limited else None,
                on_conflict="always_update",
            )

    def stop(self, *, wait_seconds: int = 20) -> None:
        """End in an orderly way: take nothing more, let running work finish."""
        from dbos import DBOS  # noqa: PLC0415  see `start`

        self._stopping.set()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=wait_seconds)
        for thread in self._threads:
            thread.join(wait_seconds or 1)

    def _run(self, kind: str, id: str, argument: dict[str, str]) -> None:  # noqa: A002
        """Run one piece of work until it is done, or started anew for later."""
        handler = self._handlers[kind]
        while True:
            try:
                handler(argument)
            except StoreUnavailable:
                _log.warning("work waits for the database", extra={"work": id})
                self._pause()
            except Exception:  # noqa: BLE001  whatever it is, the work must not be lost
                _log.exception("work failed, it is tried again later", extra={"work": id})
                self._again(Work(kind, id, argument))
                return
            else:
                return

    def _pause(self) -> None:
        if self._stopping.wait(1.0):
            raise _Stopped

    def _again(self, work: Work) -> None:
        """Start failed work anew under a new id, waiting twice as long each time."""
        stem, _, count = work.id.partition("!")
        failures = int(count or 0) + 1
        later = replace(work, id=f"{stem}!{failures}", delay=min(15.0 * 2**failures, _LONGEST_WAIT))
        while True:
            try:
                with self._write() as connection:
                    self._starter.start(connection, later)
            except StoreUnavailable:
                self._pause()
            else:
                return

    def _always(self, name: str, task: Callable[[], object], seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                task()
            except Exception as error:  # noqa: BLE001  the database may be away; go on
                about = {"task": name, "error": type(error).__name__}
                _log.warning("looking for work failed", extra=about)
                self._stopping.wait(REAP_SECONDS)

    def wake(self) -> None:
        """Have work whose delay has ended taken up."""
        self._starter.client()._sys_db.transition_delayed_workflows()  # noqa: SLF001  nothing public does it

    def reap(self) -> int:
        """Resume work that was taken too long ago; gives back how much."""
        client = self._starter.client()
        resumed = 0
        now = time.time()
        for queue, seconds in TAKEN_SECONDS.items():
            taken_before = datetime.fromtimestamp(now - seconds, UTC).isoformat()
            lost = [
                found.workflow_id
                for found in client.list_workflows(
                    status="PENDING",
                    queue_name=queue,
                    dequeued_before=taken_before,
                    limit=1000,
                    load_input=False,
                    load_output=False,
                )
                if found.executor_id != self._node or seconds * 3 < _age(found, now)
            ]
            if lost:
                client.resume_workflows(lost, queue_name=queue)
                _log.warning("work of a dead node resumed", extra={"count": len(lost)})
                resumed += len(lost)
        return resumed

    def tidy(self) -> int:
        """Delete a batch of the engine's rows of work finished long ago; gives back how many."""
        client = self._starter.client()
        before = (datetime.now(UTC) - KEEP_FINISHED).isoformat()
        found = client.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before,
            limit=_DELETE_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if found:
            client.delete_workflows([one.workflow_id for one in found])
        return len(found)


def _speak_as_we_do() -> None:
    """The engine's log lines go where ours go, and look alike: no exception with its text."""
    logger = logging.getLogger("dbos")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True


def _age(found: Any, now: float) -> float:
    return now - (found.dequeued_at or 0) / 1000
