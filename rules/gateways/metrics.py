"""Counts and times for Prometheus, right with several processes.

The processes of one server share a folder (`PROMETHEUS_MULTIPROC_DIR`, set by `flow-rules serve`);
whichever of them is asked adds up what all have written there.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from rules.services.metrics import COUNTS, TIMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Counter, Histogram
    from prometheus_client.metrics_core import Metric

__all__ = ["CONTENT_TYPE", "FOLDER", "PrometheusMetrics", "exposition", "gauge", "serve_metrics"]

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 300)
_made: dict[str, Counter | Histogram] = {}
_making = threading.Lock()


def _metrics() -> dict[str, Counter | Histogram]:
    """The metrics of this process, made once: the library knows each name only once."""
    with _making:
        if not _made:
            _made.update(_new_metrics())
    return _made


def _new_metrics() -> dict[str, Counter | Histogram]:
    from prometheus_client import Counter, Histogram  # noqa: PLC0415  once the folder is set

    counts = {
        f"count {name}": Counter(f"rules_{name}s", about, by)
        for name, (about, by) in COUNTS.items()
    }
    times = {
        f"time {name}": Histogram(f"rules_{name}_seconds", about, by, buckets=_BUCKETS)
        for name, (about, by) in TIMES.items()
    }
    return counts | times


class PrometheusMetrics:
    """Metrics of `rules.services.metrics` in the library's counters and histograms."""

    def __init__(self) -> None:
        self._children: dict[tuple[str, ...], Counter | Histogram] = {}

    def count(self, name: str, *labels: str) -> None:
        """Count one."""
        self._child(f"count {name}", labels).inc()  # type: ignore[union-attr]

    def time(self, name: str, seconds: float, *labels: str) -> None:
        """Note a span."""
        self._child(f"time {name}", labels).observe(seconds)  # type: ignore[union-attr]

    def _child(self, name: str, labels: tuple[str, ...]) -> Counter | Histogram:
        key = (name, *labels)
        child = self._children.get(key)
        if child is None:
            found = _metrics()[name]
            child = self._children[key] = found.labels(*labels) if labels else found
        return child


class _Present:
    """Figures that hold now, handed over when asked."""

    def __init__(self, figures: Iterable[Metric]) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        return self._figures


def gauge(name: str, about: str, label: str, figures: Iterable[tuple[str, float]]) -> Metric:
    """A figure that holds now, by one label."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415  see `_metrics`

    family = GaugeMetricFamily(f"rules_{name}", about, labels=[label])
    for value, figure in figures:
        family.add_metric([value], figure)
    return family


def serve_metrics(host: str, port: int) -> None:
    """Serve this process's metrics from now on, on a thread of its own.

    Raises `OSError` when the address cannot be listened on.
    """
    from prometheus_client import start_http_server  # noqa: PLC0415  see `_metrics`

    _metrics()
    start_http_server(port, host)


def exposition(present: Iterable[Metric] = ()) -> bytes:
    """All metrics in Prometheus text: of every process, and what holds now."""
    from prometheus_client import (  # noqa: PLC0415  see `_metrics`
        REGISTRY,
        CollectorRegistry,
        generate_latest,
        multiprocess,
    )

    _metrics()
    registry = CollectorRegistry()
    if os.environ.get(FOLDER):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text = generate_latest(registry)
    else:
        text = generate_latest(REGISTRY)
    now = CollectorRegistry()
    now.register(_Present(present))
    return text + generate_latest(now)
