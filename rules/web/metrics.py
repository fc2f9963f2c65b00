"""`GET /metrics`: counts, times and the state of orders, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from rules.errors import StoreUnavailable
from rules.gateways.metrics import CONTENT_TYPE, exposition, gauge
from rules.services.handover import OVERDUE
from rules.web.common import check_sender

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from rules.services import Services

__all__ = ["blueprint"]


def blueprint(services: Services) -> Blueprint:
    """The metrics page."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def metrics() -> Response:
        check_sender(services.settings)
        return Response(exposition(_orders(services)), content_type=CONTENT_TYPE)

    return routes


def _orders(services: Services) -> list[Metric]:
    """How many orders stand where; nothing while the database is away."""
    if services.orders is None:
        return []
    now = services.clock()
    try:
        counts = services.orders.counts(overdue_before=now - OVERDUE)
    except StoreUnavailable:
        return []
    states = [(state.value, float(count)) for state, count in counts.by_state.items()]
    oldest = counts.oldest_waiting
    waited = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    return [
        gauge("orders", "orders by state", "state", states),
        gauge("orders_overdue", "orders that wait too long", "kind", [("all", counts.overdue)]),
        gauge("orders_oldest_seconds", "age of the oldest that waits", "kind", [("all", waited)]),
    ]
