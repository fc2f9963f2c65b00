"""shortURL: a short link for any link. Not an envelope: a flat object in, a flat object out."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec

from rules import envelope
from rules.envelope import PROTOCOL, Envelope, Field, boolean, within
from rules.envelope.request import value_text
from rules.errors import (
    BadParameters,
    MalformedEnvelope,
    RequestRefused,
    RulesError,
)
from rules.links import SHORT_LENGTH, BadTarget, clean_target
from rules.links.settings import LONGEST_DAYS, read_domain
from rules.methods._answer import STATUSES, Answer
from rules.methods.link_making import (
    OwnDomains,
    choose_domain,
    choose_header,
    find_tenant,
    keep_link,
    links_of,
    spoken,
)
from rules.services.links import NewLink

if TYPE_CHECKING:
    from rules.envelope import Filled
    from rules.methods.link_making import Made, Tenant
    from rules.services import Services
    from rules.services.links import Domain, Link

__all__ = [
    "FIELDS",
    "NAME",
    "TOKEN",
    "flat",
    "read_flat",
    "short_url",
    "short_url_refused",
    "shorten",
]

NAME = "shortURL"
PREFIX = "$flow.key."
TOKEN: Field[str] = Field(
    f"{PREFIX}custToken", str, "token of the customer", default="", secret=True
)
LONG_URL: Field[str] = Field(f"{PREFIX}longUrl", str, "the link to shorten, not trimmed")
DOMAIN: Field[str | None] = Field(f"{PREFIX}domain", str, "domain of the short link", default=None)
HEADER: Field[str | None] = Field(f"{PREFIX}header", str, "sender header in it", default=None)
EXPIRE_DAYS: Field[int | None] = Field(
    f"{PREFIX}expireDays", within(0, LONGEST_DAYS), "days it lives, 0 for ever", default=None
)
MAX_CLICKS: Field[int | None] = Field(
    f"{PREFIX}maxClicks", within(1, 1_000_000), "human clicks it lives", default=None
)
REUSE: Field[bool] = Field(
    f"{PREFIX}reuse", boolean, "give an equal request the same link", default=True
)
FIELDS = (TOKEN, LONG_URL, DOMAIN, HEADER, EXPIRE_DAYS, MAX_CLICKS, REUSE)


def short_url(body: Any, services: Services, *, request_id: str | None = None) -> Answer:
    """Answer one request: `body` is JSON bytes or the decoded object. Never raises.

    >>> from datetime import UTC, datetime
    >>> from rules.testing import make_services
    >>> now = datetime(2026, 11, 18, tzinfo=UTC)
    >>> services = make_services(now=now, link_domain="s.example", default_tenant=True)
    >>> wanted = {"custToken": "abcd1234", "longUrl": "https://shop.example/sale"}
    >>> short_url(wanted, services).body["expiresAt"]
    '2027-11-18T05:30:00+05:30'
    """
    request_id = request_id or str(uuid.uuid4())
    try:
        request = read_flat(body)
        tenant = find_tenant(services, request.read((TOKEN,))[TOKEN])
        made = shorten(request, services, tenant, limited=True)
        reply = {"shortUrl": made.short(services)}
        if services.accounts().settings(PROTOCOL, tenant.account or None).extra_keys:
            reply["expiresAt"] = spoken(made.expires, tenant)
        return Answer(200, reply, NAME, account=tenant.account)
    except Exception as error:  # noqa: BLE001  the caller's flow must get its member
        return short_url_refused(error, request_id)


def short_url_refused(error: Exception, request_id: str) -> Answer:
    """The answer to a request that fails with this error."""
    return flat(error, request_id, NAME, {"shortUrl": ""})


def flat(error: Exception, request_id: str, name: str, failed: dict[str, Any]) -> Answer:
    """A failure in flat form: the members of a failure, then what is wrong, by bare names."""
    shown = error if isinstance(error, RequestRefused) else RulesError("unexpected failure")
    if isinstance(shown, BadParameters):
        shown = BadParameters(
            replace(field, name=field.name.removeprefix(PREFIX)) for field in shown.fields
        )
    body = failed | {"error": envelope.failure(shown, request_id=request_id)["error"]}
    return Answer(STATUSES.get(shown.code, 400), body, name, error)


def read_flat(body: Any) -> Envelope:
    """A flat object as named values; raises `MalformedJson` or `MalformedEnvelope`."""
    if isinstance(body, (bytes, bytearray)):
        body = envelope.decode(bytes(body))
    if not isinstance(body, dict):
        raise MalformedEnvelope("the body must be an object")
    return Envelope("", [(str(name).strip(), value_text(value)) for name, value in body.items()])


def shorten(request: Envelope, services: Services, tenant: Tenant, *, limited: bool) -> Made:
    """Make the link a request asks for; raises `BadParameters` with every bad member."""
    filled = request.read(FIELDS)
    target = _target(request, filled, services, tenant)
    domain = _domain(filled, services, tenant)
    header = choose_header(tenant, filled.get(HEADER))
    if header is None:
        filled.refuse(HEADER, "UNKNOWN_HEADER", "no header of this tenant")
    if filled.get(EXPIRE_DAYS) == 0 and not tenant.settings.never_expires:
        filled.refuse(EXPIRE_DAYS, "OUT_OF_RANGE", f"must be from 1 to {LONGEST_DAYS}")
    filled.check()
    days = filled[EXPIRE_DAYS]
    days = tenant.settings.days if days is None else days
    now = services.clock().replace(microsecond=0)
    new = NewLink(
        domain=cast("Domain", domain),
        code="",
        account=tenant.account,
        header=header or "",
        target=target,
        created=now,
        expires=now + timedelta(days=days) if days else None,
        max_clicks=filled[MAX_CLICKS],
    )
    if filled[REUSE]:
        mark = msgspec.json.encode(["short", *map(str, _what(new))])
        new = replace(new, reuse=links_of(services).seal.digest(mark))
    return keep_link(
        services,
        new,
        length=SHORT_LENGTH,
        same=lambda link, _: _what(link, link.domain) == _what(new),
        rate=tenant.settings.rate if limited else None,
    )


def _what(link: NewLink | Link, domain: str = "") -> tuple[Any, ...]:
    """What equal requests have in common."""
    domain = domain or cast("NewLink", link).domain.name
    life = None if link.expires is None else link.expires - link.created
    return (link.account, domain, link.header, link.target, life, link.max_clicks)


def _target(request: Envelope, filled: Filled, services: Services, tenant: Tenant) -> str:
    """The cleaned target, empty when it is missing or refused."""
    if filled.get(LONG_URL) is None:
        return ""
    own = OwnDomains(links_of(services))
    try:
        given = request.find(LONG_URL) or ""
        return clean_target(given, own_domains=own, schemes=tenant.settings.schemes)
    except BadTarget as error:
        filled.refuse(LONG_URL, error.code, str(error))
        return ""


def _domain(filled: Filled, services: Services, tenant: Tenant) -> Domain | None:
    """The domain asked for, or the tenant's own default; a problem is noted."""
    wanted = filled.get(DOMAIN)
    try:
        name = None if wanted is None else read_domain(wanted)
        domain = choose_domain(services, tenant, name)
    except ValueError:
        domain = None
    if domain is None:
        filled.refuse(DOMAIN, "UNKNOWN_DOMAIN", "no domain set up for this tenant and ready")
    return domain
