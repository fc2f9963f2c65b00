"""`GET /metrics`: what is counted, in one process and in several."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rules.errors import StoreUnavailable
from rules.gateways.metrics import PrometheusMetrics
from rules.outbound import State
from rules.services.metrics import NoMetrics
from rules.services.outbound import Counts
from rules.testing import make_services
from webapp import create_app

ROOT = Path(__file__).parents[2]


class Orders:
    def __init__(self, counts):
        self._counts = counts

    def counts(self, *, overdue_before):
        if self._counts is None:
            raise StoreUnavailable("away")
        return self._counts


@pytest.fixture
def services(aware_now):
    return replace(make_services(now=aware_now), metrics=PrometheusMetrics())


def page(services):
    return create_app(services).test_client().get("/metrics").text


def test_requests_are_counted_by_method_and_status(services):
    client = create_app(services).test_client()
    client.post("/v1/methods/findLanguage", data="{")
    client.post("/nowhere-v1/prod", data="{}")
    client.post("/chatbotwebhook-v1/prod", data='{"method": "919876543210"}')
    text = client.get("/metrics").text
    assert 'rules_requests_total{method="findLanguage",status="400"} 1.0' in text
    assert 'rules_requests_total{method="none",status="404"} 2.0' in text
    assert 'rules_request_seconds_count{method="findLanguage"} 1.0' in text
    assert "9198765" not in text


def test_orders_are_told_by_state(services, aware_now):
    counts = Counts({State.QUEUED: 3, State.ACCEPTED: 40}, aware_now, 2)
    text = page(replace(services, orders=Orders(counts)))
    assert 'rules_orders{state="queued"} 3.0' in text
    assert 'rules_orders_overdue{kind="all"} 2.0' in text
    assert 'rules_orders_oldest_seconds{kind="all"} 0.0' in text


def test_a_database_that_is_away_leaves_the_rest(services):
    text = page(replace(services, orders=Orders(None)))
    assert "rules_orders{" not in text
    assert "rules_requests_total" in text


def test_several_processes_are_added_up(tmp_path):
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    code = (
        "from rules.gateways.metrics import PrometheusMetrics, exposition\n"
        "PrometheusMetrics().count('attempt', 'order', 'accepted')\n"
        "print(exposition().decode())"
    )
    for count in (1, 2):
        found = subprocess.run(
            [sys.executable, "-c", code], env=environ, cwd=ROOT, capture_output=True, check=True
        )
        line = f'rules_attempts_total{{kind="order",outcome="accepted"}} {count}.0'
        assert line in found.stdout.decode()


def test_many_threads_may_be_the_first(tmp_path):
    code = (
        "import threading\n"
        "from rules.gateways.metrics import PrometheusMetrics, exposition\n"
        "metrics = PrometheusMetrics()\n"
        "count = lambda: metrics.count('attempt', 'order', 'accepted')\n"
        "threads = [threading.Thread(target=count) for _ in range(30)]\n"
        "[thread.start() for thread in threads], [thread.join() for thread in threads]\n"
        "print(exposition().decode())"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert found.stderr == b""
    assert b'outcome="accepted"} 30.0' in found.stdout


def test_no_metrics_counts_nothing():
    nothing = NoMetrics()
    assert nothing.count("request", "x", "200") is None
    assert nothing.time("request", 1.0, "x") is None
