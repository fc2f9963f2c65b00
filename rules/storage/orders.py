"""The tables of orders and their history, and the statements on them.

The functions take an open connection, so that an order and the engine's work for it are written in
one transaction. An order's revision is the length of its history: a change is one conditional
update on it, and the primary key of the history says the same a second time.
"""

from __future__ import annotations

from datetime import datetime
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
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from rules.outbound import Change, OutboundOrder, Purpose, State, WireCall
from rules.storage.tables import Moment, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from sqlalchemy import Select

__all__ = [
    "CHANGES",
    "ORDERS",
    "get_order",
    "insert_order",
    "key_of",
    "load_order",
    "load_orders",
    "update_order",
]

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


# Statements are built once: building one costs as much as running it.
_CHANGE = (
    update(ORDERS)
    .where(ORDERS.c.id == bindparam("was_id"), ORDERS.c.revision == bindparam("was_revision"))
    .returning(ORDERS.c.id)
)
_ADD = {
    module.dialect.name: module.insert(ORDERS)
    .on_conflict_do_nothing(index_elements=["account", "idempotency_key"])
    .returning(ORDERS.c.id)
    for module in (sqlite, postgresql)
}
_ADD_CHANGES = insert(CHANGES)
_WHOLE = (
    select(ORDERS, CHANGES)
    .join_from(ORDERS, CHANGES)
    .where(ORDERS.c.id == bindparam("id"))
    .order_by(CHANGES.c.place)
)


def insert_order(
    connection: Connection, order: OutboundOrder, *, memory: timedelta
) -> OutboundOrder | None:
    """Keep a new order, or give back the one that holds its idempotency key."""
    if _inserted(connection, order):
        return None
    holder = load_order(connection, *key_of(order.account, order.idempotency_key))
    if holder is not None and holder.created_at >= order.created_at - memory:
        return holder
    connection.execute(
        update(ORDERS)
        .where(*key_of(order.account, order.idempotency_key))
        .values(idempotency_key=None)
    )
    _inserted(connection, order)
    return None


def update_order(connection: Connection, order: OutboundOrder, *, was: OutboundOrder) -> bool:
    """Replace `was` by `order`, unless somebody changed the stored one."""
    since, before = len(was.history), _columns(was)
    cells = {name: cell for name, cell in _columns(order).items() if cell != before[name]}
    found = {"was_id": order.id, "was_revision": since, "revision": len(order.history)}
    if connection.execute(_CHANGE, cells | found).first() is None:
        return False
    _write_changes(connection, order, since)
    return True


def get_order(connection: Connection, order_id: str) -> OutboundOrder | None:
    """An order by its id, with its history, in one statement."""
    rows = connection.execute(_WHOLE, {"id": order_id}).all()
    return _order(rows[0], [_change(row) for row in rows]) if rows else None


def load_order(connection: Connection, *where: Any) -> OutboundOrder | None:
    """The newest order that fits the conditions."""
    found = load_orders(
        connection, select(ORDERS).where(*where).order_by(ORDERS.c.created_at.desc()).limit(1)
    )
    return found[0] if found else None


def _inserted(connection: Connection, order: OutboundOrder) -> bool:
    values = {"id": order.id, "idempotency_key": order.idempotency_key or None} | _columns(order)
    if connection.execute(_ADD[connection.dialect.name], values).first() is None:
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
    connection.execute(_ADD_CHANGES, rows)


def key_of(account: str, key: str) -> tuple[Any, ...]:
    """The condition for the holder of an idempotency key."""
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


def load_orders(connection: Connection, orders: Select[Any]) -> list[OutboundOrder]:
    """The orders a selection finds, each with the history of the very revision that was read.

    A change that is stored between the two statements is left out: old columns and a new history
    would make an order that never was.
    """
    rows = connection.execute(orders).all()
    history: dict[str, list[Change]] = {row.id: [] for row in rows}
    revision = {row.id: row.revision for row in rows}
    changes = (
        select(CHANGES)
        .where(CHANGES.c.order_id.in_(list(history)))
        .order_by(CHANGES.c.order_id, CHANGES.c.place)
    )
    for row in connection.execute(changes) if rows else ():
        if row.place < revision[row.order_id]:
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
