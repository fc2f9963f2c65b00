"""The engine alone, as the yardstick of delivery: each piece of work is one step, which sends.

    python -m tests.bench._bare DATABASE URL

It is tuned as our delivery process is, and keeps no order, no claim and no history.
"""

from __future__ import annotations

import signal
import sys

import requests
from dbos import DBOS

from rules.gateways.engine.delivery import CONCURRENCY, POLL_SECONDS
from rules.gateways.engine.starter import APPLICATION, VERSION, WORKFLOW
from rules.storage import make_engine


def deliver(address: str, url: str) -> None:
    """Send the body of each piece of work, until killed."""
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_engine": make_engine(address),
            "application_version": VERSION,
            "executor_id": "bare",
            "run_migrations": False,
            "use_listen_notify": False,
            "enable_otlp": False,
            "log_level": "ERROR",
            "max_executor_threads": CONCURRENCY,
        }
    )

    @DBOS.step()
    def send(body: str) -> int:
        return requests.post(url, data=body.encode(), timeout=10).status_code

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
    def work(_kind: str, _id: str, argument: dict[str, str]) -> None:
        send(argument["body"])

    DBOS.launch()
    DBOS.register_queue(
        "orders", worker_concurrency=CONCURRENCY, polling_interval_sec=POLL_SECONDS["orders"]
    )
    signal.pause()


if __name__ == "__main__":
    deliver(*sys.argv[1:])
