"""The HTTP door: a Flask app made from services. It holds no rule.

Run it with `flow-rules serve`, or any WSGI server: `gunicorn 'webapp:create_app()'`.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from rules import console
from rules.bootstrap import build
from rules.errors import RequestRefused, RulesError, UnknownPath, WrongVerb
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
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False

    app.wsgi_app = name_requests(app.wsgi_app)  # type: ignore[assignment, method-assign]
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint(services))
    app.register_error_handler(Exception, _failed)
    return app


def _failed(error: Exception) -> Response:
    """What escapes a route: no such path or verb, a refusal, or a fault of ours."""
    if isinstance(error, NotFound):
        return refusal(UnknownPath("no such path"))
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(set(error.valid_methods or ()) - {"OPTIONS", "HEAD"})
        return refusal(WrongVerb(f"use {' or '.join(allowed)} here", allowed))
    if not isinstance(error, RequestRefused):
        detail = error.code if isinstance(error, HTTPException) else None
        _log.error("failed", extra={"request_id": request_id(), "http": detail}, exc_info=error)
        error = RulesError("unexpected failure")
    return refusal(error)
