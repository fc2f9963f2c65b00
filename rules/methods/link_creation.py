"""linkcreation: a short personal link to a chat bot, which gets the flow's variables.

What the bot's `hide` names is not written into the address; it is kept, sealed, for the bot to
fetch by `botUniqueID`.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec

from rules.envelope import Field, Rest, text
from rules.links import PERSONAL_LENGTH, BadTarget, clean_target, personal_target
from rules.links.target import passed_on
from rules.methods._method import Method, Reply, fixed
from rules.methods.link_making import (
    OwnDomains,
    choose_domain,
    choose_header,
    keep_link,
    links_of,
    spoken,
    tenant_of,
)
from rules.services.links import NewLink, Personal

if TYPE_CHECKING:
    from rules.links import Bot
    from rules.methods._method import Call, Pairs
    from rules.methods.link_making import Tenant
    from rules.services.links import Domain, Link

__all__ = ["METHOD", "PREFIX"]

PREFIX = "$flow.key."
SHORT_LINK, UNIQUE_ID = f"{PREFIX}shortenUrl", f"{PREFIX}botUniqueID"
EXPIRES = f"{PREFIX}linkExpiresAt"
CLI = Field(f"{PREFIX}cli", text, "the person's number, as sent")
BOT_ID = Field(f"{PREFIX}botid", text, "a bot set up for the account")
TOKEN: Field[str | None] = Field(
    f"{PREFIX}token", text, "the bot's customer token", default=None, secret=True, blank=""
)
OTHERS = Rest(PREFIX, "every other variable goes along")
_ANY_UID = str(uuid.UUID(int=0))


def _tenant(call: Call) -> Tenant:
    """Whose link it is; PostgreSQL keeps no text with a NUL, and no account has one."""
    return tenant_of(call.services, (call.account or "").replace("\0", ""))


def _others(call: Call) -> list[tuple[str, str | None]]:
    """The variables that go along, in the order sent."""
    return passed_on(call.envelope.rest(OTHERS).items())


def _target(call: Call, bot: Bot, uid: str) -> tuple[str, bytes]:
    """Target of the link, and as JSON what it hides, in the order sent; raises `BadTarget`."""
    target, hidden = personal_target(
        bot.base_url,
        cli=call[CLI],
        botid=call[BOT_ID],
        token=call[TOKEN],
        uid=uid,
        others=_others(call),
        hide=bot.hide,
    )
    sent = [name.casefold().removeprefix(PREFIX) for name, _ in call.envelope.keys]
    hidden.sort(key=lambda pair: sent.index(pair[0].casefold()))
    return target, msgspec.json.encode(hidden) if hidden else b""


def _check(call: Call) -> tuple[Tenant, Bot, Domain] | None:
    """Whose link it will be, for which bot, under which domain; refuses what could not be made."""
    botid = call.filled.get(BOT_ID)
    tenant = _tenant(call)
    bot = tenant.settings.bots.get(botid or "")
    if botid is None:
        return None
    if bot is None:
        call.filled.refuse(BOT_ID, "UNKNOWN_BOT", "no bot of this id is set up")
        return None
    try:
        clean_target(bot.base_url, own_domains=OwnDomains(links_of(call.services)))
    except BadTarget as error:
        call.filled.refuse(BOT_ID, error.code, f"the bot's base_url: {error}")
    _check_length(call, bot)
    domain = choose_domain(call.services, tenant, bot.domain)
    if domain is None:
        call.filled.refuse(BOT_ID, "UNKNOWN_DOMAIN", "no domain set up for its links and ready")
        return None
    return tenant, bot, domain


def _check_length(call: Call, bot: Bot) -> None:
    """Refuse too long a target, in the name of the longest variable."""
    if any(call.filled.get(field) is None for field in (CLI, BOT_ID)):
        return
    try:
        _target(call, bot, _ANY_UID)
    except BadTarget as error:
        sent: list[tuple[Field[Any], str | None]] = [(CLI, call[CLI]), (TOKEN, call[TOKEN])]
        sent += [(Field(PREFIX + name, text, ""), value) for name, value in _others(call)]
        longest, _ = max(sent, key=lambda pair: len(pair[1] or ""))
        call.filled.refuse(longest, "TOO_LONG", str(error))


def _run(call: Call) -> Pairs:
    made_for: tuple[Tenant, Bot, Domain] = call.typed
    tenant, bot, domain = made_for
    header = choose_header(tenant, bot.header) or ""
    uid = str(uuid.UUID(int=call.services.draw(1 << 128), version=4))
    target, hidden = _target(call, bot, uid)
    seal = links_of(call.services).seal
    given = [tenant.account, call[BOT_ID], call[CLI], call[TOKEN], _others(call)]
    made_of = [bot.base_url, bot.hide, bot.expire_days, domain.name, header]
    now = call.now.replace(microsecond=0)
    new = NewLink(
        domain=domain,
        code="",
        account=tenant.account,
        header=header,
        target=target,
        created=now,
        expires=now + timedelta(days=bot.expire_days),
        reuse=seal.digest(msgspec.json.encode(["personal", given, made_of])),
        personal=Personal(uid, call[BOT_ID], seal.close(uid, hidden) if hidden else b""),
    )

    def same(link: Link, personal: Personal | None) -> bool:
        """Would this request have made the very same link?"""
        if personal is None or (link.account, personal.bot) != (tenant.account, call[BOT_ID]):
            return False
        kept = seal.open(personal.uid, personal.hidden) if personal.hidden else b""
        return (link.target, kept) == _target(call, bot, personal.uid)

    made = keep_link(call.services, new, length=PERSONAL_LENGTH, same=same, whole_life=True)
    yield SHORT_LINK, made.short(call.services)
    yield UNIQUE_ID, cast("Personal", made.personal).uid
    yield EXPIRES, spoken(made.expires, tenant)


METHOD = Method(
    name="linkcreation",
    about="Make a short personal link to a chat bot",
    fields=(CLI, BOT_ID, TOKEN, OTHERS),
    replies=(
        Reply(SHORT_LINK, "the short link"),
        Reply(UNIQUE_ID, "id of this link, which the bot gets as uid"),
        Reply(EXPIRES, "moment from which the link no longer works", extra=True),
    ),
    run=_run,
    failure=fixed((SHORT_LINK, ""), (UNIQUE_ID, "")),
    check=_check,
)
