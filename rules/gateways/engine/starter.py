"""Starting work: one row of the engine, written with our open connection.

The client opens no connection of its own and waits for nothing: a database error is the failure
of the transaction it stands in.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions
    from sqlalchemy import Connection, Engine

    from rules.services.work import Work

__all__ = ["APPLICATION", "VERSION", "WORKFLOW", "WorkStarter", "prepare"]

APPLICATION = "flow-rules"
VERSION = "1"
"""Changes only when work that is on disk could no longer be run by the present code."""
WORKFLOW = "work"


def make_client(engine: Engine) -> DBOSClient:
    """A client of the engine on our own database engine."""
    from dbos import DBOSClient  # noqa: PLC0415  a third of a second, only where work is started

    return DBOSClient(
        system_database_engine=engine,
        application_name=APPLICATION,
        lazy=True,
        retry_connection_errors=False,
    )


def prepare(engine: Engine) -> None:
    """Create or bring up to date the engine's own tables; several processes may do so at once."""
    make_client(engine)._sys_db.run_migrations()  # noqa: SLF001  the one way to use our engine


class WorkStarter:
    """Starts work in a transaction of ours; safe in several threads and after a fork."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None

    def start(self, connection: Connection, work: Work) -> None:
        """Write the work; the same id again does nothing."""
        from dbos import WorkflowSerializationFormat  # noqa: PLC0415  see `make_client`

        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": work.queue,
            "workflow_id": work.id,
            "app_version": VERSION,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        if work.delay > 0:
            options["delay_seconds"] = work.delay
        self.client().enqueue_in_transaction(
            connection, options, work.kind, work.id, dict(work.argument)
        )

    def client(self) -> DBOSClient:
        """The engine's client, made on first use."""
        if self._client is None:
            with self._lock:
                if self._client is None:
                    self._client = make_client(self._engine)
        return self._client
