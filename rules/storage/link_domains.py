"""The short domains in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from rules.services.links import Domain, DomainState
from rules.storage.engine import reading, transaction
from rules.storage.link_tables import DOMAINS, from_second, to_second
from rules.storage.upsert import insert_or_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

__all__ = ["SqlDomains"]


class SqlDomains:
    """`DomainStore` on the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> Domain | None:
        """The domain of this name."""
        with reading(self._engine) as connection:
            row = connection.execute(select(DOMAINS).where(DOMAINS.c.name == name)).first()
        return None if row is None else _domain(row)

    def add(
        self, name: str, *, account: str | None, state: DomainState, token: str, now: datetime
    ) -> Domain:
        """The domain of this name, added unless it is there already, then left as it is."""
        new = {"name": name, "account": account, "state": state.value, "token": token}
        wanted = select(DOMAINS).where(DOMAINS.c.name == name)
        with transaction(self._engine) as connection:
            row = connection.execute(wanted).first()
            if row is None:
                insert_or_nothing(connection, DOMAINS, new | {"created": to_second(now)})
                row = connection.execute(wanted).one()
        return _domain(row)

    def set_state(self, name: str, state: DomainState) -> bool:
        """Change the state; False when there is no such domain."""
        change = update(DOMAINS).where(DOMAINS.c.name == name).values(state=state.value)
        with transaction(self._engine) as connection:
            return connection.execute(change).rowcount == 1

    def all(self) -> Sequence[Domain]:
        """Every domain, in order of names."""
        with reading(self._engine) as connection:
            return [_domain(row) for row in connection.execute(select(DOMAINS).order_by("name"))]


def _domain(row: Any) -> Domain:
    return Domain(
        row.id,
        row.name,
        row.account,
        DomainState(row.state),
        row.token,
        from_second(row.created),
    )
