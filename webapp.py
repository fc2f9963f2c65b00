"""The HTTP door: a Flask app made from services. It holds no rule.

Run it with `flow-rules serve`, or any WSGI server: `gunicorn 'webapp:create_app()'`.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from rules import console
from rules.bootstrap import build
from rules.errors import RequestRefused, RulesError
from rules.settings import Settings
from rules.web import breaks, flow_end, health, links, methods, metrics, reports
from rules.web.common import name_requests, refusal, request_id

if TYPE_CHECKING:
    from rules.services import Services

__all__ = ["create_app"]

BLUEPRINTS = (
    console.blueprint,
    methods.blueprint,
    links.blueprint,
    health.blueprint,
    metrics.blueprint,
    breaks.blueprint,
    flow_end.blueprint,
    reports.blueprint,
)
_log = logging.getLogger("rules.web")


def create_app(services: Services | None = None) -> Flask:
    """The app; without services they are built from the environment's `RULES_*` settings."""
    services = services or build(Settings.from_mapping(os.environ))
    app = Flask("rules", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # OPTIONS is one more verb no path has
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False

    app.wsgi_app = name_requests(app.wsgi_app)  # type: ignore[assignment, method-assign]
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint(services))
    app.register_error_handler(Exception, _failed)
    return app


def _failed(error: Exception) -> Response:
    """What escapes a route: a refusal, or a fault of ours."""
    if not isinstance(error, RequestRefused):
        detail = error.code if isinstance(error, HTTPException) else None
        _log.error("failed", extra={"request_id": request_id(), "http": detail}, exc_info=error)
        error = RulesError("unexpected failure")
    return refusal(error)
