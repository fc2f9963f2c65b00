"""Looking after an account's webhooks: the same steps behind HTTP and the command line."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rules.errors import BadParameters, FieldProblem, UnknownPath
from rules.services import need
from rules.webhooks.endpoints import Endpoint, new_message_id, new_secret
from rules.webhooks.messages import Message, MessageState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rules.services import Services
    from rules.services.flow_end import Endpoints

__all__ = ["Desk", "shown"]

_TEXTS = {"name": 200, "url": 2048, "username": 200, "password": 200}
_BOOLEANS = ("is_default", "enabled")


class Desk:
    """What an operator may do with the webhooks of one account."""

    def __init__(self, services: Services, account: str) -> None:
        self._services = services
        self._account = account

    @property
    def _endpoints(self) -> Endpoints:
        return need(self._services.endpoints, "store of webhooks")

    def listing(self) -> Sequence[Endpoint]:
        """All of the account."""
        return self._endpoints.of_account(self._account)

    def get(self, endpoint_id: str) -> Endpoint:
        """One of the account; `UnknownPath` when it has none of this id."""
        found = self._endpoints.get(endpoint_id)
        if found is None or found.account != self._account:
            raise UnknownPath("this account has no webhook of that id")
        return found

    def add(self, values: Mapping[str, Any]) -> Endpoint:
        """A new one, checked first; its secret is shown now and never again."""
        given = read_values(values)
        missing = [_problem(name, "MISSING_PARAMETER", "needed") for name in ("name", "url")]
        missing = [problem for problem in missing if not given.get(problem.name)]
        if missing:
            raise BadParameters(missing)
        draw = self._services.draw
        endpoint = Endpoint(
            id=str(uuid.UUID(int=draw(2**128), version=4)),
            account=self._account,
            created_at=self._services.clock(),
            secret=new_secret(draw),
            **given,
        )
        endpoint = self._checked(endpoint)
        self._endpoints.add(endpoint)
        return endpoint

    def change(self, endpoint_id: str, values: Mapping[str, Any]) -> Endpoint:
        """Change what is given; enabling one lets its held messages go."""
        before = self.get(endpoint_id)
        endpoint = replace(before, **read_values(values))
        if endpoint.enabled and not before.enabled:
            endpoint = replace(endpoint, disabled_reason="", failing_since=None)
        elif before.enabled and not endpoint.enabled:
            endpoint = replace(endpoint, disabled_reason="BY_HAND")
        if endpoint.url != before.url:
            endpoint = self._checked(endpoint)
        self._endpoints.change(endpoint)
        return endpoint

    def remove(self, endpoint_id: str) -> None:
        """Delete one with its messages."""
        self._endpoints.remove(self.get(endpoint_id).id)

    def check(self, endpoint_id: str) -> Endpoint:
        """Ask it now, and keep what was found."""
        endpoint = self._checked(self.get(endpoint_id), refuse=False)
        self._endpoints.change(endpoint)
        return endpoint

    def rotate(self, endpoint_id: str) -> Endpoint:
        """A new secret; the old one signs too for a day."""
        before = self.get(endpoint_id)
        endpoint = replace(
            before,
            secret=new_secret(self._services.draw),
            old_secret=before.secret,
            rotated_at=self._services.clock(),
        )
        self._endpoints.change(endpoint)
        return endpoint

    def test(self, endpoint_id: str) -> str:
        """Queue a test message; gives back its id."""
        endpoint = self.get(endpoint_id)
        draw, now = self._services.draw, self._services.clock()
        call = str(uuid.UUID(int=draw(2**128), version=4))
        body = {"phonon-uuid": call, "callDetails": [], "keys": [], "test": True}
        message = Message(
            id=new_message_id(draw),
            endpoint=endpoint.id,
            account=self._account,
            uuid=call,
            body=json.dumps(body, separators=(",", ":")).encode(),
            created_at=now,
        )
        need(self._services.messages, "store of messages").queue(message)
        return message.id

    def messages(self, *, failed_only: bool, limit: int = 100) -> Sequence[Message]:
        """Messages of the account, newest first."""
        states = (MessageState.FAILED,) if failed_only else ()
        store = need(self._services.messages, "store of messages")
        return store.listing(account=self._account, states=states, limit=limit)

    def replay(self, ids: Sequence[str]) -> int:
        """Send ended messages again, under the same ids; how many."""
        store = need(self._services.messages, "store of messages")
        known = {one.id for one in store.listing(account=self._account, limit=100_000)}
        return store.replay([one for one in ids if one in known], now=self._services.clock())

    def _checked(self, endpoint: Endpoint, *, refuse: bool = True) -> Endpoint:
        """The endpoint with a fresh check; one we would never call is refused."""
        result = need(self._services.pusher, "sender of messages").check(endpoint)
        if refuse and not result.may_be_saved:
            raise BadParameters([_problem("url", result.value, "this address cannot be called")])
        return replace(endpoint, checked_at=self._services.clock(), check_result=result.value)


def _problem(name: str, code: str, message: str) -> FieldProblem:
    return FieldProblem(name, code, message)


def read_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person may set, read; every bad one is named. Unknown members pass by."""
    problems: list[FieldProblem] = []
    found: dict[str, Any] = {}
    for name, longest in _TEXTS.items():
        value = values.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            problems.append(_problem(name, "INVALID_TEXT", "must be text"))
        elif len(value) > longest:
            problems.append(_problem(name, "TOO_LONG", f"at most {longest} characters"))
        else:
            found[name] = value.strip() if name in {"name", "url"} else value
    if ":" in found.get("username", ""):
        problems.append(_problem("username", "INVALID_TEXT", "must hold no colon"))
    for name in _BOOLEANS:
        value = values.get(name)
        if value is not None and not isinstance(value, bool):
            problems.append(_problem(name, "NOT_A_BOOLEAN", "must be true or false"))
        elif value is not None:
            found[name] = value
    if problems:
        raise BadParameters(problems)
    return found


def shown(endpoint: Endpoint, *, secret: bool = False) -> dict[str, Any]:
    """An endpoint for people: its secret only when it was just made, its password never."""
    return {
        "id": endpoint.id,
        "account": endpoint.account,
        "name": endpoint.name,
        "url": endpoint.url,
        "auth": "basic" if endpoint.username or endpoint.password else "none",
        "username": endpoint.username,
        "is_default": endpoint.is_default,
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason,
        "checked_at": endpoint.checked_at.isoformat() if endpoint.checked_at else "",
        "check_result": endpoint.check_result,
    } | ({"secret": endpoint.secret} if secret else {})
