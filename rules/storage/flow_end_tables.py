"""The tables of flow ends: payloads received, endpoints of accounts, messages to endpoints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Text

from rules.services.flow_end import CallEnd
from rules.storage.tables import Moment, table
from rules.webhooks.endpoints import Endpoint
from rules.webhooks.messages import Message, MessageState

if TYPE_CHECKING:
    from sqlalchemy import Row

__all__ = [
    "ENDPOINTS",
    "FLOW_ENDS",
    "MESSAGES",
    "endpoint_row",
    "message_row",
    "read_call_end",
    "read_endpoint",
    "read_message",
]

FLOW_ENDS = table(
    "flow_ends",
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("uuid", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("call_end", Moment),
    Column("cause", Text, nullable=False),
    Column("talk_ms", BigInteger),
    Index(None, "account", "uuid", "digest", unique=True),
    Index(None, "uuid", "at"),
)
ENDPOINTS = table(
    "endpoints",
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("secret", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_reason", Text, nullable=False),
    Column("old_secret", Text, nullable=False),
    Column("rotated_at", Moment),
    Column("checked_at", Moment),
    Column("check_result", Text, nullable=False),
    Column("failing_since", Moment),
    Column("at_once", Integer, nullable=False),
    Index(None, "account"),
)
MESSAGES = table(
    "messages",
    Column("id", Text, primary_key=True),
    Column("endpoint", Text, ForeignKey(ENDPOINTS.c.id, ondelete="CASCADE"), nullable=False),
    Column("account", Text, nullable=False),
    Column("uuid", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("due", Moment),
    Column("status", Integer),
    Column("reason", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Index(None, "endpoint", "uuid", unique=True),
    Index(None, "endpoint", "state"),
    Index(None, "state", "created_at"),
)


def endpoint_row(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as a row."""
    return asdict(endpoint)


def read_endpoint(row: Row[Any]) -> Endpoint:
    """A row as an endpoint."""
    return Endpoint(**row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it


def message_row(message: Message) -> dict[str, Any]:
    """A message as a row."""
    return asdict(message) | {"state": message.state.value}


def read_message(row: Row[Any]) -> Message:
    """A row as a message."""
    values = dict(row._mapping)  # noqa: SLF001  see above
    return Message(**values | {"state": MessageState(values["state"])})


def read_call_end(row: Row[Any]) -> CallEnd:
    """A row of a payload as the end of its call."""
    return CallEnd(row.uuid, row.call_end, row.cause, row.talk_ms)
