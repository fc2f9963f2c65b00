"""From decoded JSON to reply: find the method, fill its fields, run it, render what it says."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from rules import envelope
from rules.envelope import PROTOCOL, Field, is_missing
from rules.errors import (
    AdminOnly,
    MissingMethod,
    RequestRefused,
    RulesError,
    UnknownMethod,
)
from rules.methods._method import ACCOUNT_ID, FLOW_ID, Call, Method
from rules.methods._table import METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.envelope import Envelope
    from rules.methods._method import Pairs
    from rules.services import Services

__all__ = ["STATUSES", "Answer", "answer", "fill_call", "find_method", "refused"]

STATUSES = {
    "UNAUTHORIZED": 401,
    "UNKNOWN_TOKEN": 401,
    "ADDRESS_NOT_ALLOWED": 403,
    "ADMIN_ONLY": 403,
    "UNKNOWN_METHOD": 404,
    "UNKNOWN_PATH": 404,
    "UNKNOWN_LINK": 404,
    "WRONG_VERB": 405,
    "LINK_GONE": 410,
    "TOO_LARGE": 413,
    "TOO_MANY": 429,
    "INTERNAL": 500,
}
"""HTTP status of an error code; any other refusal is 400."""
_UNEXPECTED = RulesError("unexpected failure")
_ACCOUNT = (Field("$user.syskey.accountID", str, "account"), ACCOUNT_ID)
_FLOW = (Field("$flow.syskey.flowID", str, "flow"), FLOW_ID)


@dataclass(frozen=True)
class Answer:
    """A reply: HTTP status, JSON body, and for the log the method's name and what went wrong."""

    status: int
    body: dict[str, Any]
    method: str = ""
    error: Exception | None = None
    account: str | None = None


def find_method(name: str) -> Method:
    """The method of this name, any case; `UnknownMethod` names the nearest one."""
    found = METHODS.get(name.strip().casefold())
    if found is None:
        near = get_close_matches(name.casefold(), METHODS, 1, 0.6)
        hint = f"; did you mean '{METHODS[near[0]].name}'?" if near else ""
        raise UnknownMethod(f"no such method{hint}")
    return found


def answer(
    body: Any,
    services: Services,
    *,
    method: str | None = None,
    admin: bool = True,
    request_id: str | None = None,
) -> Answer:
    """Answer one request: `body` is JSON bytes or decoded JSON, `method` the name in the path.

    Never raises: a failure of ours is a reply of status 500 that says nothing of its cause, which
    is in `Answer.error`. `admin` says whether the caller may use admin methods.

    >>> from datetime import UTC, datetime
    >>> from rules.testing import make_services
    >>> services = make_services(now=datetime(2026, 11, 18, tzinfo=UTC))
    >>> answer({"method": "POST", "keys": []}, services).body["error"]["code"]
    'UNKNOWN_METHOD'
    """
    request_id = request_id or str(uuid.uuid4())
    found = METHODS.get(method.casefold()) if method else None
    account: str | None = None
    unwanted: frozenset[str] = frozenset()
    try:
        request = envelope.parse(body, method)
        found = found or _named(request)
        _check_admin(found, admin=admin)
        call = _read_call(found, request, services, request_id)
        account, unwanted = call.account, _unwanted(found, call)
        pairs = found.run(_checked(found, call))
        body = envelope.render(_without(pairs, unwanted))
        return Answer(200, body, found.name, account=account)
    except Exception as error:  # noqa: BLE001  the caller's flow must get its variables
        failed = refused(error, found, request_id, unwanted)
        return replace(failed, account=account)


def refused(
    error: Exception,
    method: Method | None,
    request_id: str,
    unwanted: frozenset[str] = frozenset(),
) -> Answer:
    """The answer to a request that fails with this error."""
    shown = error if isinstance(error, RequestRefused) else _UNEXPECTED
    status = STATUSES.get(shown.code, 400)
    pairs = _without(method.failure(shown), unwanted) if method else ()
    body = envelope.failure(shown, pairs, request_id=request_id)
    return Answer(status, body, method.name if method else "", error)


def _unwanted(method: Method, call: Call) -> frozenset[str]:
    """Names of the variables that the account wants to be left out."""
    return frozenset() if call.settings(PROTOCOL).extra_keys else method.extras


def _without(pairs: Pairs, unwanted: frozenset[str]) -> Pairs:
    return [pair for pair in pairs if pair[0] not in unwanted] if unwanted else pairs


def _check_admin(method: Method, *, admin: bool) -> None:
    if method.admin and not admin:
        raise AdminOnly


def _named(request: Envelope) -> Method:
    if not request.method:
        raise MissingMethod("name a method, in 'method' or in the path")
    return find_method(request.method)


def _first(request: Envelope, fields: Sequence[Field[Any]]) -> str | None:
    """The first of these fields that has a value."""
    for field in fields:
        value = (request.find(field) or "").strip()
        if not is_missing(value):
            return value
    return None


def fill_call(method: Method, request: Envelope, services: Services, request_id: str) -> Call:
    """The request with every field read and checked; `BadParameters` names each bad one."""
    return _checked(method, _read_call(method, request, services, request_id))


def _read_call(method: Method, request: Envelope, services: Services, request_id: str) -> Call:
    return Call(
        envelope=request,
        filled=request.read(method.fields),
        services=services,
        now=services.clock(),
        account=_first(request, _ACCOUNT),
        flow=_first(request, _FLOW),
        request_id=request_id,
    )


def _checked(method: Method, call: Call) -> Call:
    typed = None if method.check is None else method.check(call)
    call.filled.check()
    return call if typed is None else replace(call, typed=typed)
