"""Orders and their history in the database.

The functions take an open connection, so that an order and the engine's work for it are written in
one transaction. An order's revision is the length of its history: a change is one conditional
update on it, and the primary key of the history says the same a second time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Text,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from rules.outbound import Change, OutboundOrder, Purpose, State, WireCall
from rules.services.outbound import Counts
from rules.storage.engine import is_sqlite, reading, transaction
from rules.storage.tables import Moment, table

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select

__all__ = ["CHANGES", "ORDERS", "SqlOrders", "Start", "insert_order", "load_order", "update_order"]

Start = Callable[[Connection, str, int, datetime], None]
"""`start(connection, order id, revision, moment)`: have the engine look at an order then.

It is called inside the transaction that made the revision and works on the same connection."""

WAITING = (State.QUEUED, State.HELD, State.SENDING)
_POLL_SECONDS = 0.05

ORDERS = table(
    "orders",
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("start", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("idempotency_key", Text),
    Column("notes", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("code", Integer, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("phonon_uuid", Text, nullable=False),
    Column("next_attempt", Moment),
    Column("claimed_by", Text, nullable=False),
    Column("claimed_until", Moment),
    Column("wake", Moment),
    Index(None, "account", "idempotency_key", unique=True),
    Index(None, "request_id"),
    Index(None, "phonon_uuid"),
    Index(None, "wake"),
    Index(None, "state", "start"),
    Index(None, "created_at"),
)
CHANGES = table(
    "order_changes",
    Column("order_id", Text, ForeignKey(ORDERS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("old", Text),
    Column("new", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("retry_after", Integer, nullable=False),
    Column("dialler", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Index(None, "dialler", "at"),
)


def insert_order(
    connection: Connection, order: OutboundOrder, *, memory: timedelta
) -> OutboundOrder | None:
    """Keep a new order, or give back the one that holds its idempotency key."""
    if _inserted(connection, order):
        return None
    holder = load_order(connection, *_key(order.account, order.idempotency_key))
    if holder is not None and holder.created_at >= order.created_at - memory:
        return holder
    connection.execute(
        update(ORDERS)
        .where(*_key(order.account, order.idempotency_key))
        .values(idempotency_key=None)
    )
    _inserted(connection, order)
    return None


def update_order(connection: Connection, order: OutboundOrder, *, was: OutboundOrder) -> bool:
    """Replace `was` by `order`, unless somebody changed the stored one."""
    since = len(was.history)
    changed = connection.execute(
        update(ORDERS)
        .where(ORDERS.c.id == order.id, ORDERS.c.revision == since)
        .values(_columns(order))
        .returning(ORDERS.c.id)
    ).first()
    if changed is None:
        return False
    _write_changes(connection, order, since)
    return True


def load_order(connection: Connection, *where: Any) -> OutboundOrder | None:
    """The newest order that fits the conditions."""
    found = _load(
        connection, select(ORDERS).where(*where).order_by(ORDERS.c.created_at.desc()).limit(1)
    )
    return found[0] if found else None


def _inserted(connection: Connection, order: OutboundOrder) -> bool:
    dialect = sqlite if is_sqlite(connection) else postgresql
    values = {"id": order.id, "idempotency_key": order.idempotency_key or None} | _columns(order)
    statement = dialect.insert(ORDERS).values(values)
    statement = statement.on_conflict_do_nothing(index_elements=["account", "idempotency_key"])
    if connection.execute(statement.returning(ORDERS.c.id)).first() is None:
        return False
    _write_changes(connection, order, 0)
    return True


def _write_changes(connection: Connection, order: OutboundOrder, since: int) -> None:
    rows = [
        {
            "order_id": order.id,
            "place": place,
            "at": change.at,
            "old": change.old.value if change.old else None,
            "new": change.new.value,
            "reason": change.reason,
            "attempt": change.attempt,
            "known": change.known,
            "retry_after": change.retry_after,
            "dialler": change.dialler,
            "decision": change.decision,
        }
        for place, change in enumerate(order.history)
        if place >= since
    ]
    connection.execute(insert(CHANGES), rows)


def _key(account: str, key: str) -> tuple[Any, ...]:
    return ORDERS.c.account == account, ORDERS.c.idempotency_key == key


def _columns(order: OutboundOrder) -> dict[str, Any]:
    """What may change, and what never does but is simpler to write again."""
    return {
        "account": order.account,
        "flow": order.flow,
        "created_at": order.created_at,
        "start": order.start,
        "body": order.body,
        "fingerprint": order.fingerprint,
        "purpose": order.purpose.value if order.purpose else "",
        "notes": ",".join(order.notes),
        "state": order.state.value,
        "revision": len(order.history),
        "code": order.code,
        "request_id": order.request_id,
        "phonon_uuid": order.phonon_uuid,
        "next_attempt": order.next_attempt,
        "claimed_by": order.claimed_by,
        "claimed_until": order.claimed_until,
        "wake": order.wake,
    }


def _load(connection: Connection, orders: Select[Any]) -> list[OutboundOrder]:
    rows = connection.execute(orders).all()
    history: dict[str, list[Change]] = {row.id: [] for row in rows}
    changes = (
        select(CHANGES)
        .where(CHANGES.c.order_id.in_(list(history)))
        .order_by(CHANGES.c.order_id, CHANGES.c.place)
    )
    for row in connection.execute(changes) if rows else ():
        history[row.order_id].append(_change(row))
    return [_order(row, history[row.id]) for row in rows]


def _change(row: Row[Any]) -> Change:
    return Change(
        row.at,
        State(row.old) if row.old else None,
        State(row.new),
        row.reason,
        row.attempt,
        row.known,
        row.retry_after,
        row.dialler,
        row.decision,
    )


def _order(row: Row[Any], history: Sequence[Change]) -> OutboundOrder:
    """An order from its row; the start as it stands in the body, with the account's offset."""
    return OutboundOrder(
        id=row.id,
        account=row.account,
        flow=row.flow,
        created_at=row.created_at,
        start=datetime.fromisoformat(WireCall.decode(row.body).start),
        body=row.body,
        fingerprint=row.fingerprint,
        purpose=Purpose(row.purpose) if row.purpose else None,
        idempotency_key=row.idempotency_key or "",
        notes=tuple(row.notes.split(",")) if row.notes else (),
        code=row.code,
        request_id=row.request_id,
        phonon_uuid=row.phonon_uuid,
        next_attempt=row.next_attempt,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
        history=tuple(history),
    )


class SqlOrders:
    """The order store on SQLite and PostgreSQL; `start` is how the engine is told of work."""

    def __init__(self, engine: Engine, start: Start | None = None) -> None:
        self._engine = engine
        self._start = start

    def accept(self, order: OutboundOrder, *, memory: timedelta) -> OutboundOrder | None:
        """Keep a new order and start its work, or give back the holder of its key."""
        with transaction(self._engine) as connection:
            holder = insert_order(connection, order, memory=memory)
            if holder is None:
                self._begin(connection, order)
        return holder

    def save(self, order: OutboundOrder, *, was: OutboundOrder) -> bool:
        """Replace `was` and start what follows; `False` when somebody else changed it first."""
        with transaction(self._engine) as connection:
            saved = update_order(connection, order, was=was)
            if saved:
                self._begin(connection, order)
        return saved

    def _begin(self, connection: Connection, order: OutboundOrder) -> None:
        if self._start is not None and order.wake is not None:
            self._start(connection, order.id, len(order.history), order.wake)

    def get(self, order_id: str) -> OutboundOrder | None:
        """An order by our own id."""
        with reading(self._engine) as connection:
            return load_order(connection, ORDERS.c.id == order_id)

    def find(self, any_id: str) -> OutboundOrder | None:
        """An order by our id, the dialler's request id or its phonon uuid."""
        if not any_id:
            return None
        names = (ORDERS.c.id, ORDERS.c.request_id, ORDERS.c.phonon_uuid)
        with reading(self._engine) as connection:
            return load_order(connection, or_(*(name == any_id for name in names)))

    def find_key(self, account: str, key: str, *, since: datetime) -> OutboundOrder | None:
        """The order of an account with this idempotency key, made at `since` or later."""
        with reading(self._engine) as connection:
            return load_order(connection, *_key(account, key), ORDERS.c.created_at >= since)

    def settled(self, order_id: str, *, seconds: float) -> OutboundOrder | None:
        """An order as soon as no attempt is running, or as it stands after so many seconds."""
        end = time.monotonic() + seconds
        while True:
            order = self.get(order_id)
            if order is None or order.state is not State.SENDING or time.monotonic() >= end:
                return order
            time.sleep(_POLL_SECONDS)

    def last_attempts(self, dialler: str, count: int) -> list[tuple[datetime, bool]]:
        """When the last attempts at a dialler ended and whether they failed, newest first."""
        failed = CHANGES.c.new.in_([State.QUEUED.value, State.UNCERTAIN.value])
        newest = (
            select(CHANGES.c.at, failed)
            .where(CHANGES.c.dialler == dialler)
            .order_by(CHANGES.c.at.desc())
            .limit(count)
        )
        with reading(self._engine) as connection:
            return [(at, bool(bad)) for at, bad in connection.execute(newest)]

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of orders that somebody should look at, oldest start first."""
        ids = select(ORDERS.c.id).where(ORDERS.c.wake <= now).order_by(ORDERS.c.start).limit(limit)
        with reading(self._engine) as connection:
            return list(connection.execute(ids).scalars())

    def listing(
        self, *, states: Sequence[State] = (), account: str | None = None, limit: int = 100
    ) -> list[OutboundOrder]:
        """Orders, newest first."""
        orders = select(ORDERS).order_by(ORDERS.c.created_at.desc(), ORDERS.c.id).limit(limit)
        if states:
            orders = orders.where(ORDERS.c.state.in_([state.value for state in states]))
        if account is not None:
            orders = orders.where(ORDERS.c.account == account)
        with reading(self._engine) as connection:
            return _load(connection, orders)

    def counts(self, *, overdue_before: datetime) -> Counts:
        """Numbers for the health page."""
        waiting = ORDERS.c.state.in_([state.value for state in WAITING])
        by_state = select(ORDERS.c.state, func.count()).group_by(ORDERS.c.state)
        oldest = select(func.min(ORDERS.c.start)).where(waiting)
        late = select(func.count()).where(waiting, ORDERS.c.start < overdue_before)
        with reading(self._engine) as connection:
            return Counts(
                {State(name): count for name, count in connection.execute(by_state)},
                connection.execute(oldest).scalar(),
                connection.execute(late).scalar_one(),
            )
