"""From a specification and variables to the request that is sent, or the reason why none is.

Nothing is sent when a variable that must have a value has none (`INVALID_FLOW_VAR`), when a part
of the request is not what it must be (`INVALID_REQUEST`), or when the map can never work
(`INVALID_RESPONSE_MAP`): checked in this order.

>>> spec = WebhookSpec("https://api.example/$flow.key.city", method="get")
>>> prepare(spec, {"$flow.key.city": "पुणे"}).url
'https://api.example/%E0%A4%AA%E0%A5%81%E0%A4%A3%E0%A5%87'
>>> prepare(spec, {}).reason.value
'INVALID_FLOW_VAR'
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rules.headers import HeaderRefused, basic_auth, check_header
from rules.secret import Secret
from rules.urls import UrlRefused, read_url
from rules.webhooks.address import build_url
from rules.webhooks.bodies import build_body
from rules.webhooks.fill import BadRequest, Given, Missing, as_variables, entries, raw
from rules.webhooks.mapping import BadMap, compile_map
from rules.webhooks.outcome import Failure, Reason
from rules.webhooks.settings import WebhookSettings
from rules.webhooks.spec import FORMS, WITHOUT_BODY, WebhookSpec, seconds_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.errors import RulesError
    from rules.variables import Variables

__all__ = ["PreparedRequest", "prepare"]

_SECRET_NAME = re.compile(r"token|passw|pwd|secret|api[_-]?key|auth", re.IGNORECASE)
_DEFAULT = WebhookSettings()
_REASONS: dict[type[RulesError], Reason] = {
    Missing: Reason.INVALID_FLOW_VAR,
    BadRequest: Reason.INVALID_REQUEST,
    HeaderRefused: Reason.INVALID_REQUEST,
    UrlRefused: Reason.INVALID_REQUEST,
    BadMap: Reason.INVALID_RESPONSE_MAP,
}


@dataclass(frozen=True)
class PreparedRequest:
    """A request ready to send; `secrets` are texts that no log may show."""

    method: str
    url: str = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)
    timeout: float
    secrets: tuple[str, ...] = field(default=(), repr=False)


def prepare(
    spec: WebhookSpec, variables: Given, *, settings: WebhookSettings = _DEFAULT
) -> PreparedRequest | Failure:
    """The request, or why nothing is sent."""
    known = as_variables(variables)
    try:
        parts = _fill(spec, known)
        request = _build(spec, parts, known, settings)
        compile_map(spec.mapping, spec.response_type)
    except tuple(_REASONS) as error:
        return Failure(_REASONS[type(error)], str(error))
    except UnicodeError:
        return Failure(Reason.INVALID_REQUEST, "a value cannot be written as UTF-8")
    return request


@dataclass(frozen=True)
class _Parts:
    """The parts into which variables were put before anything else is looked at."""

    headers: list[tuple[str, str]]
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    username: str
    password: Secret


def _fill(spec: WebhookSpec, known: Variables) -> _Parts:
    """Put the variables in wherever one without value means that nothing is sent."""
    raw(spec.url, known)
    basic = spec.auth == "basic"
    return _Parts(
        headers=list(entries(spec.headers, known)),
        query=list(entries(spec.query, known)),
        form=list(entries(spec.form, known)) if spec.body_type in FORMS else [],
        username=raw(spec.username, known) if basic else "",
        password=Secret(raw(spec.password.reveal(), known) if basic else ""),
    )


def _build(
    spec: WebhookSpec, parts: _Parts, known: Variables, settings: WebhookSettings
) -> PreparedRequest:
    """Check every part; raises what `prepare` catches."""
    if not spec.verb:
        raise BadRequest("method: no such method")
    if spec.has_body and spec.verb in WITHOUT_BODY:
        raise BadRequest(f"body_type: {spec.verb} has no body")
    if problem := seconds_problem(spec.timeout_seconds):
        raise BadRequest(problem)
    url = build_url(spec.url, parts.query, known)
    read_url(url, schemes=("https", "http") if settings.http_enabled else ("https",))
    body, content_type = build_body(spec, parts.form, known, settings.unset_in_body)
    headers = _headers(spec, parts, content_type)
    return PreparedRequest(
        method=spec.verb,
        url=url,
        headers=headers,
        body=body,
        timeout=float(spec.timeout_seconds),
        secrets=tuple(_secrets(parts, known)),
    )


def _headers(spec: WebhookSpec, parts: _Parts, content_type: str) -> tuple[tuple[str, bytes], ...]:
    """The headers as they are sent, each checked."""
    headers = [(name, value.encode()) for name, value in parts.headers]
    for name, value in headers:
        check_header(name, value)
    names = {name.lower() for name, _ in headers}
    if spec.auth == "basic":
        if "authorization" in names:
            raise BadRequest("headers: Authorization comes from the basic credentials")
        headers.append(basic_auth(parts.username, parts.password))
    if content_type and "content-type" not in names:
        headers.append(("Content-Type", content_type.encode()))
    return tuple(headers)


def _secrets(parts: _Parts, known: Variables) -> Iterator[str]:
    """Texts that no log may show: credentials, and whatever is named like one."""
    if parts.password:
        yield parts.password.reveal()
    for name, value in [*known, *parts.headers, *parts.query, *parts.form]:
        if value and _SECRET_NAME.search(name):
            yield value
