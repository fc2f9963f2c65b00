"""The door for methods: every family path, and `/v1/methods/<method>`."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from rules.errors import RequestRefused, TooLarge
from rules.methods import METHODS, answer, refused
from rules.web.common import check_sender, is_admin, json_reply, request_id, with_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.methods import Answer
    from rules.services import Services

__all__ = ["FAMILIES", "blueprint", "note", "read_body"]

FAMILIES = (
    "reliance-nippon-v1",
    "centraloutboundwebhook-v1",
    "chatbotwebhook-v1",
    "googleapiwebhook-v1",
    "pullreportapiwebhook-v1",
    "hdfcruralwebhook-v1",
)
STAGES = ("prod", "test")
_log = logging.getLogger("rules.requests")


def blueprint(services: Services) -> Blueprint:
    """Routes for all methods."""
    routes = Blueprint("methods", __name__)
    for family in (*FAMILIES, *services.settings.families):
        for stage in STAGES:
            path = f"/{family}/{stage}"
            routes.add_url_rule(path, path[1:].replace("/", "-"), _door(services), methods=["POST"])
    routes.add_url_rule("/v1/methods/<name>", "by-name", _door(services), methods=["POST"])
    return routes


def _door(services: Services) -> Callable[..., Response]:
    settings = services.settings

    def door(name: str | None = None) -> Response:
        start = perf_counter()
        try:
            check_sender(settings)
            found = answer(
                read_body(settings.max_body_bytes),
                services,
                method=name,
                admin=is_admin(settings),
                request_id=request_id(),
            )
        except RequestRefused as error:
            found = refused(error, METHODS.get((name or "").casefold()), request_id())
        note(services, found, perf_counter() - start)
        return with_headers(json_reply(found.body, found.status), found.error)

    return door


def read_body(limit: int) -> bytes:
    """The body, whatever its content type; `TooLarge` past the limit, declared or real."""
    declared = request.content_length
    if declared is not None and declared > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    return body


def note(services: Services, found: Answer, seconds: float) -> None:
    """Count a request, and log one line: what, how it ended, how long; nothing of what was said."""
    name = found.method or "none"
    services.metrics.count("request", name, str(found.status))
    services.metrics.time("request", seconds, name)
    failed = found.status >= 500
    _log.log(
        logging.ERROR if failed else logging.INFO,
        "failed" if failed else "answered",
        extra={
            "request_id": request_id(),
            "method": found.method,
            "account": found.account,
            "status": found.status,
            "code": getattr(found.error, "code", None) if not failed else "INTERNAL",
            "ms": round(seconds * 1000, 2),
        },
        exc_info=found.error if failed else None,
    )
