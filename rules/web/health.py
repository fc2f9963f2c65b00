"""`GET /health`: the version, and how each part is doing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from rules import __version__
from rules.web.common import json_reply

if TYPE_CHECKING:
    from rules.services import Health, Services

__all__ = ["blueprint"]

_log = logging.getLogger(__name__)


def blueprint(services: Services) -> Blueprint:
    """The health page."""
    routes = Blueprint("health", __name__)

    @routes.get("/health")
    def health() -> Response:
        parts = {name: _ask(name, part) for name, part in services.health.items()}
        well = all(part.get("ok", True) for part in parts.values())
        return json_reply(
            {"status": "ok" if well else "attention", "version": __version__, **parts}
        )

    return routes


def _ask(name: str, part: Health) -> dict[str, Any]:
    try:
        return dict(part())
    except Exception:  # noqa: BLE001  the other parts still have something to say
        _log.exception("health part failed", extra={"part": name})
        return {"ok": False, "error": "cannot be told"}
