"""Flow ends over HTTP: receiving them, and looking after an account's webhooks."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from rules.envelope import decode
from rules.errors import MalformedEnvelope, Unauthorized
from rules.services.endpoints import Desk, shown
from rules.services.receiving import receive
from rules.web.common import check_sender, json_reply, need_admin, request_id
from rules.web.methods import read_body
from rules.webhooks.flow_end_settings import FLOW_END

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.services import Services

__all__ = ["blueprint"]

MOST_BYTES = 1_048_576
_ACTIONS = ("check", "rotate-secret", "send-test", "set-default", "enable", "disable")
_log = logging.getLogger("rules.requests")


def blueprint(services: Services) -> Blueprint:
    """Every route of flow ends."""
    routes = Blueprint("flow-end", __name__)

    @routes.post("/v1/flow-end/<account>")
    def flow_end(account: str) -> Response:
        check_sender(services.settings)
        _check_credentials(services, account)
        stored, found = receive(services, account, read_body(MOST_BYTES))
        extra = {"request_id": request_id(), "account": account, "stored": stored}
        _log.info("flow end received", extra=extra)
        return json_reply({"stored": stored, "id": found})

    _add_desk(routes, services)
    return routes


def _check_credentials(services: Services, account: str) -> None:
    settings = services.accounts().settings(FLOW_END, account)
    if not settings.asks_credentials:
        return
    given = request.authorization
    user = (given.username or "") if given and given.type == "basic" else ""
    password = (given.password or "") if given and given.type == "basic" else ""
    right = hmac.compare_digest(user.encode(), settings.user.encode())
    if not (hmac.compare_digest(password.encode(), settings.password.reveal().encode()) and right):
        raise Unauthorized("user or password is wrong")


def _add_desk(routes: Blueprint, services: Services) -> None:
    base = "/v1/accounts/<account>/webhooks"

    def desk(account: str) -> Desk:
        check_sender(services.settings)
        need_admin(services.settings)
        return Desk(services, account)

    @routes.get(base)
    def listing(account: str) -> Response:
        return json_reply({"webhooks": [shown(one) for one in desk(account).listing()]})

    @routes.post(base)
    def add(account: str) -> Response:
        return json_reply(shown(desk(account).add(_object()), secret=True), 201)

    @routes.get(f"{base}/<webhook>")
    def get(account: str, webhook: str) -> Response:
        return json_reply(shown(desk(account).get(webhook)))

    @routes.put(f"{base}/<webhook>")
    def change(account: str, webhook: str) -> Response:
        return json_reply(shown(desk(account).change(webhook, _object())))

    @routes.delete(f"{base}/<webhook>")
    def remove(account: str, webhook: str) -> Response:
        desk(account).remove(webhook)
        return json_reply({"removed": True})

    @routes.post(f"{base}/<webhook>/<any({', '.join(map(repr, _ACTIONS))}):action>")
    def act(account: str, webhook: str, action: str) -> Response:
        return json_reply(_act(desk(account), webhook, action))

    _add_messages(routes, desk)


def _add_messages(routes: Blueprint, desk: Callable[[str], Desk]) -> None:
    @routes.get("/v1/accounts/<account>/messages")
    def messages(account: str) -> Response:
        failed = request.args.get("state") == "failed"
        found = desk(account).messages(failed_only=failed)
        return json_reply({"messages": [_message(one) for one in found]})

    @routes.post("/v1/accounts/<account>/messages/replay")
    def replay(account: str) -> Response:
        ids = _object().get("ids", [])
        if not isinstance(ids, list):
            raise MalformedEnvelope("'ids' must be a list of message ids")
        return json_reply({"replayed": desk(account).replay([str(one) for one in ids])})


def _act(desk: Desk, webhook: str, action: str) -> dict[str, Any]:
    if action == "check":
        return shown(desk.check(webhook))
    if action == "rotate-secret":
        return shown(desk.rotate(webhook), secret=True)
    if action == "send-test":
        return {"message": desk.test(webhook)}
    changes = {
        "set-default": {"is_default": True},
        "enable": {"enabled": True},
        "disable": {"enabled": False},
    }
    return shown(desk.change(webhook, changes[action]))


def _message(message: Any) -> dict[str, Any]:
    return {
        "id": message.id,
        "webhook": message.endpoint,
        "phonon-uuid": message.uuid,
        "state": message.state.value,
        "attempts": message.attempts,
        "status": message.status,
        "reason": message.reason,
        "created_at": message.created_at.isoformat(),
    }


def _object() -> dict[str, Any]:
    body = decode(read_body(MOST_BYTES))
    if not isinstance(body, dict):
        raise MalformedEnvelope("the body must be an object")
    return body
