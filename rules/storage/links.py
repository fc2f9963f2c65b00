"""Short links in the database.

One unique key answers equal requests that come at once: whoever comes second finds its place taken
and reads what is there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # what we use of it compiles for SQLite too

from rules.links.clicks import day_number
from rules.services.links import Added, DomainState, Link, Personal
from rules.storage.driver import driver
from rules.storage.engine import is_sqlite, reading, transaction
from rules.storage.link_tables import (
    DOMAINS,
    KEYS,
    LINKS,
    PERSONAL,
    RATES,
    from_second,
    to_second,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from rules.services.links import NewLink, Rate

__all__ = ["WIPED_AFTER", "SqlLinks"]

WIPED_AFTER = timedelta(days=90)
_BATCH = 500
_L = LINKS.c
_COLUMNS = (
    _L.id,
    DOMAINS.c.name,
    DOMAINS.c.state,
    _L.code,
    _L.account,
    _L.header,
    _L.target,
    _L.created,
    _L.expires,
    _L.max_clicks,
    _L.used,
    _L.disabled,
)
_LINK = select(*_COLUMNS).join(DOMAINS)
_WITH_PERSONAL = (
    select(*_COLUMNS, PERSONAL.c.uid, PERSONAL.c.bot, PERSONAL.c.hidden)
    .select_from(LINKS)
    .join(DOMAINS)
    .outerjoin(PERSONAL)
)
_FIND = f"""
SELECT l.id, d.name, d.state, l.code, l.account, l.header, l.target, l.created, l.expires,
       l.max_clicks, l.used, l.disabled
FROM {DOMAINS.name} d JOIN {LINKS.name} l ON l.domain = d.id
WHERE d.name = ? AND l.code = ?"""  # noqa: S608  constant names
_STATES = {state.value: state for state in DomainState}


class _Limited(Exception):
    """The rate is reached."""


class SqlLinks:
    """`LinkStore` on the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._find = _FIND if is_sqlite(engine) else _FIND.replace("?", "%s")

    def find(self, domain: str, code: str) -> Link | None:
        """The link of this code, case counts."""
        with driver(self._engine) as connection:
            row = connection.execute(self._find, (domain, code)).fetchone()
        return None if row is None else _link(row)

    def by_reuse(self, reuse: int) -> tuple[Link, Personal | None] | None:
        """The link kept for equal requests, with what belongs to it when it is a bot's."""
        with reading(self._engine) as connection:
            row = connection.execute(_WITH_PERSONAL.where(_L.reuse == reuse)).first()
        return None if row is None else (_link(row), _personal(row) if row.uid else None)

    def by_uid(self, uid: str) -> tuple[Link, Personal] | None:
        """A bot's link by its id."""
        with reading(self._engine) as connection:
            row = connection.execute(_WITH_PERSONAL.where(PERSONAL.c.uid == uid)).first()
        return None if row is None else (_link(row), _personal(row))

    def add(self, new: NewLink, *, replaces: int | None = None, rate: Rate | None = None) -> Added:
        """Keep a link, in place of the link `replaces` where equal requests are answered."""
        try:
            with transaction(self._engine) as connection:
                return _add(connection, new, replaces, rate)
        except _Limited:
            return Added.LIMITED

    def use(self, link: int) -> bool:
        """Count a human click of a link with a limit; False when none is left."""
        change = update(LINKS).where(_L.id == link, _L.used < _L.max_clicks)
        with transaction(self._engine) as connection:
            return connection.execute(change.values(used=_L.used + 1)).rowcount == 1

    def rows(self, after: int, limit: int, *, account: str | None = None) -> Sequence[Link]:
        """Links with ids above `after`, in order of ids; of one account where given."""
        wanted = _LINK.where(_L.id > after).order_by(_L.id).limit(limit)
        if account is not None:
            wanted = wanted.where(_L.account == account)
        with reading(self._engine) as connection:
            return [_link(row) for row in connection.execute(wanted)]

    def count(self, account: str | None = None) -> int:
        """How many links there are; of one account where given."""
        wanted = select(func.count()).select_from(LINKS)
        if account is not None:
            wanted = wanted.where(_L.account == account)
        with reading(self._engine) as connection:
            return connection.execute(wanted).scalar_one()

    def disable(self, links: Sequence[int], now: datetime) -> int:
        """Disable links by id; gives back how many were not disabled before."""
        change = update(LINKS).where(_L.id.in_(links), _L.disabled.is_(None))
        with transaction(self._engine) as connection:
            return connection.execute(change.values(disabled=to_second(now))).rowcount

    def sweep(self, now: datetime, limit: int) -> int:
        """Wipe targets and hidden data of links that expired 90 days ago, at most `limit`."""
        with transaction(self._engine) as connection:
            connection.execute(delete(KEYS).where(KEYS.c.day < day_number(now)))
        wiped = 0
        while wiped < limit:
            with transaction(self._engine) as connection:
                found = _wipe(connection, now, min(_BATCH, limit - wiped))
            wiped += found
            if not found:
                break
        return wiped


def _add(connection: Connection, new: NewLink, replaces: int | None, rate: Rate | None) -> Added:
    if replaces is not None:
        old = update(LINKS).where(_L.id == replaces, _L.reuse == new.reuse)
        connection.execute(old.values(reuse=None))
    row = insert(LINKS).values(
        domain=new.domain.id,
        code=new.code,
        account=new.account,
        header=new.header,
        target=new.target,
        created=to_second(new.created),
        expires=None if new.expires is None else to_second(new.expires),
        max_clicks=new.max_clicks,
        used=0,
        reuse=new.reuse,
    )
    link = connection.execute(row.on_conflict_do_nothing().returning(_L.id)).scalar()
    if link is None:
        return Added.TAKEN
    if new.personal is not None:
        kept = {"uid": new.personal.uid, "bot": new.personal.bot, "hidden": new.personal.hidden}
        connection.execute(insert(PERSONAL).values(link=link, **kept))
    if rate is not None and not _count(connection, new.account, rate):
        raise _Limited
    return Added.DONE


def _count(connection: Connection, account: str, rate: Rate) -> bool:
    """Count one more link of this minute; False when the limit is passed."""
    first = insert(RATES).values(account=account, minute=rate.minute, made=1)
    same = RATES.c.minute == first.excluded.minute
    counted = first.on_conflict_do_update(
        index_elements=["account"],
        set_={
            "minute": first.excluded.minute,
            "made": case((same, RATES.c.made + 1), else_=1),
        },
    )
    made: int = connection.execute(counted.returning(RATES.c.made)).scalar_one()
    return made <= rate.limit


def _wipe(connection: Connection, now: datetime, limit: int) -> int:
    old = select(_L.id).where(_L.expires < to_second(now - WIPED_AFTER), _L.target != "")
    ids = connection.execute(old.order_by(_L.expires).limit(limit)).scalars().all()
    if ids:
        connection.execute(update(LINKS).where(_L.id.in_(ids)).values(target="", reuse=None))
        gone = update(PERSONAL).where(PERSONAL.c.link.in_(ids))
        connection.execute(gone.values(hidden=b""))
    return len(ids)


def _link(row: Sequence[Any]) -> Link:
    number, name, state, code, account, header, target, created, expires, most, used, off = row[:12]
    return Link(
        number,
        name,
        _STATES[state],
        code,
        account,
        header,
        target,
        from_second(created),
        from_second(expires),
        most,
        used,
        off is not None,
    )


def _personal(row: Any) -> Personal:
    return Personal(row.uid, row.bot, bytes(row.hidden))
