"""The door for methods: every family path, and `/v1/methods/<method>`."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from rules.errors import MalformedJson, RequestRefused, TooLarge
from rules.methods import METHODS, answer, refused
from rules.settings import FAMILIES
from rules.web.common import (
    check_sender,
    is_admin,
    json_reply,
    request_id,
    seconds_so_far,
    with_headers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.methods import Answer
    from rules.services import Services

__all__ = ["blueprint", "note", "read_body"]

STAGES = ("prod", "test")
BY_NAME = "/v1/methods/"
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_LIKE_A_PHONE = re.compile(r"\d(?:[-_]?\d){9}")
_log = logging.getLogger("rules.requests")


def blueprint(services: Services) -> Blueprint:
    """Routes for all methods."""
    routes = Blueprint("methods", __name__)
    for family in (*FAMILIES, *services.settings.families):
        for stage in STAGES:
            path = f"/{family}/{stage}"
            routes.add_url_rule(path, path[1:].replace("/", "-"), _door(services), methods=["POST"])
    routes.add_url_rule(f"{BY_NAME}<name>", "by-name", _door(services), methods=["POST"])
    return routes


def _door(services: Services) -> Callable[..., Response]:
    settings = services.settings

    def door(name: str | None = None) -> Response:
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
        note(services, found)
        return with_headers(json_reply(found.body, found.status), found.error)

    return door


def read_body(limit: int) -> bytes:
    """The body, whatever its content type; `TooLarge` past the limit, declared or real.

    `MalformedJson` when it ends early or its chunks are no chunks, which every server tells with
    an exception of its own.
    """
    declared = request.content_length
    if declared is not None and declared > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    try:
        body = request.stream.read(limit + 1)
    except Exception:  # noqa: BLE001  the sender's doing, not a failure of ours
        raise MalformedJson("the body cannot be read to its end") from None
    if len(body) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    if declared is not None and len(body) < declared:
        raise MalformedJson("the body ends before its declared length")
    return body


def note(services: Services, found: Answer) -> None:
    """Count a request, and log one line: what, how it ended, how long; nothing of what was said."""
    name, seconds = found.method or "none", seconds_so_far()
    services.metrics.count("request", name, str(found.status))
    services.metrics.time("request", seconds, name)
    failed = found.status >= 500
    _log.log(
        logging.ERROR if failed else logging.INFO,
        "failed" if failed else "answered",
        extra={
            "request_id": request_id(),
            "method": found.method,
            "account": _shown_account(services, found.account),
            "status": found.status,
            "code": getattr(found.error, "code", None) if not failed else "INTERNAL",
            "ms": round(seconds * 1000, 2),
        },
        exc_info=found.error if failed else None,
    )


def _shown_account(services: Services, account: str | None) -> str | None:
    """The account as a log line may hold it: one that is set up, or a short id; else `?`."""
    if account is None or services.accounts().knows(account):
        return account
    plain = _PLAIN_ID.fullmatch(account) and not _LIKE_A_PHONE.search(account)
    return account if plain else "?"
