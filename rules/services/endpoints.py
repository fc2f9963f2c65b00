"""Looking after an account's webhooks: the same steps behind HTTP and the command line."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rules.errors import BadParameters, FieldProblem, UnknownPath
from rules.services import need
from rules.webhooks.endpoints import Endpoint, new_message_id, new_secret
from rules.webhooks.messages import Message, MessageState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from rules.services import Services
    from rules.services.flow_end import Endpoints

__all__ = ["Desk", "shown"]

_TEXTS = {"name": 200, "url": 2048, "username": 200, "password": 200}
_NEEDED = ("name", "url")
_BOOLEANS = ("is_default", "enabled")
_CHOICES = {"verb": ("POST",), "auth": ("none", "basic"), "body_type": ("none",)}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_THERE = "this account has no webhook of that id"


class Desk:
    """What an operator may do with the webhooks of one account."""

    def __init__(self, services: Services, account: str) -> None:
        if "\0" in account:
            raise UnknownPath(_NOT_THERE)
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
        found = None if "\0" in endpoint_id else self._endpoints.get(endpoint_id)
        if found is None or found.account != self._account:
            raise UnknownPath(_NOT_THERE)
        return found

    def add(self, values: Mapping[str, Any]) -> Endpoint:
        """A new one, checked first; its secret is shown now and never again."""
        given = read_values(values, None)
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
        given = read_values(values, before)
        if given.get("url", before.url) != before.url:
            checked = self._checked(replace(before, **given))
            given |= {"checked_at": checked.checked_at, "check_result": checked.check_result}
        return self._changed(endpoint_id, lambda now: _with(now, given))

    def remove(self, endpoint_id: str) -> None:
        """Delete one with its messages."""
        self._endpoints.remove(self.get(endpoint_id).id)

    def check(self, endpoint_id: str) -> Endpoint:
        """Ask it now, and keep what was found."""
        checked = self._checked(self.get(endpoint_id), refuse=False)

        def rule(now: Endpoint) -> Endpoint:
            if now.url != checked.url:
                return now
            return replace(now, checked_at=checked.checked_at, check_result=checked.check_result)

        return self._changed(endpoint_id, rule)

    def rotate(self, endpoint_id: str) -> Endpoint:
        """A new secret; the old one signs too for a day."""
        secret, at = new_secret(self._services.draw), self._services.clock()
        return self._changed(
            self.get(endpoint_id).id,
            lambda now: replace(now, secret=secret, old_secret=now.secret, rotated_at=at),
        )

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

    def messages(
        self,
        *,
        failed_only: bool,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:
        """Messages of the account, newest first."""
        states = (MessageState.FAILED,) if failed_only else ()
        store = need(self._services.messages, "store of messages")
        return store.listing(
            account=self._account, states=states, since=since, until=until, limit=limit
        )

    def replay(self, ids: Sequence[str]) -> int:
        """Send ended messages again, under the same ids; how many."""
        store = need(self._services.messages, "store of messages")
        possible = [one for one in ids if "\0" not in one]
        return store.replay(possible, now=self._services.clock(), account=self._account)

    def _changed(self, endpoint_id: str, rule: Callable[[Endpoint], Endpoint]) -> Endpoint:
        """One as the rule has made it of what stands in the store at that moment."""
        endpoint = self._endpoints.change(endpoint_id, rule, now=self._services.clock())
        if endpoint is None:
            raise UnknownPath(_NOT_THERE)
        return endpoint

    def _checked(self, endpoint: Endpoint, *, refuse: bool = True) -> Endpoint:
        """The endpoint with a fresh check; one we would never call is refused."""
        result = need(self._services.pusher, "sender of messages").check(endpoint)
        if refuse and not result.may_be_saved:
            raise BadParameters([_problem("url", result.value, "this address cannot be called")])
        return replace(endpoint, checked_at=self._services.clock(), check_result=result.value)


def _with(endpoint: Endpoint, given: Mapping[str, Any]) -> Endpoint:
    """An endpoint with what was given; enabling and disabling bring their reason along."""
    changed = replace(endpoint, **given)
    if changed.enabled and not endpoint.enabled:
        return replace(changed, disabled_reason="", failing_since=None)
    if endpoint.enabled and not changed.enabled:
        return replace(changed, disabled_reason="BY_HAND")
    return changed


def _problem(name: str, code: str, message: str) -> FieldProblem:
    return FieldProblem(name, code, message)


def read_values(values: Mapping[str, Any], before: Endpoint | None) -> dict[str, Any]:
    """What a person may set, read; every bad one is named. Unknown members pass by.

    `before` is the webhook that is changed, nothing for a new one.
    """
    found = {name: values[name] for name in _TEXTS if values.get(name) is not None}
    problems = [_text_problem(name, value, _TEXTS[name]) for name, value in found.items()]
    if before is None:
        problems += [_problem(n, "MISSING_PARAMETER", "needed") for n in _NEEDED if n not in found]
    found |= {name: values[name] for name in _BOOLEANS if values.get(name) is not None}
    problems += [
        _problem(name, "NOT_A_BOOLEAN", "must be true or false")
        for name in _BOOLEANS
        if not isinstance(found.get(name, False), bool)
    ]
    problems += [
        _problem(name, "UNSUPPORTED", f"must be {' or '.join(known)}")
        for name, known in _CHOICES.items()
        if values.get(name) is not None and values[name] not in known
    ]
    named = [one for one in problems if one] or _auth_problems(values.get("auth"), found, before)
    if named:
        raise BadParameters(named)
    found |= {name: found[name].strip() for name in _NEEDED if name in found}
    return found | ({"username": "", "password": ""} if values.get("auth") == "none" else {})


def _text_problem(name: str, value: Any, longest: int) -> FieldProblem | None:
    if not isinstance(value, str):
        return _problem(name, "INVALID_TEXT", "must be text")
    if len(value) > longest:
        return _problem(name, "TOO_LONG", f"at most {longest} characters")
    if name in _NEEDED and not value.strip():
        return _problem(name, "MISSING_PARAMETER", "needed")
    if name != "url" and _CONTROL.search(value):
        return _problem(name, "INVALID_TEXT", "must hold no control characters")
    if name == "username" and ":" in value:
        return _problem(name, "INVALID_TEXT", "must hold no colon")
    return None


def _auth_problems(
    auth: str | None, found: Mapping[str, Any], before: Endpoint | None
) -> list[FieldProblem]:
    """Credentials that do not go with `auth`; without one they say it themselves."""
    names = ("username", "password")
    if auth == "none":
        given = [name for name in names if found.get(name)]
        return [_problem(name, "UNSUPPORTED", "goes with auth basic only") for name in given]
    if auth == "basic" and not any(found.get(name, getattr(before, name, "")) for name in names):
        return [_problem("username", "MISSING_PARAMETER", "needed with auth basic")]
    return []


def shown(endpoint: Endpoint, *, secret: bool = False) -> dict[str, Any]:
    """An endpoint for people: its secret only when it was just made, its password never."""
    return {
        "id": endpoint.id,
        "account": endpoint.account,
        "name": endpoint.name,
        "url": endpoint.url,
        "verb": "POST",
        "body_type": "none",
        "auth": "basic" if endpoint.username or endpoint.password else "none",
        "username": endpoint.username,
        "is_default": endpoint.is_default,
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason,
        "checked_at": endpoint.checked_at.isoformat() if endpoint.checked_at else "",
        "check_result": endpoint.check_result,
    } | ({"secret": endpoint.secret} if secret else {})
