"""The hot statements of preferences as text, for the driver's own connection.

A write acts only on the version it has read. On PostgreSQL it and its history are one statement,
whose row count tells whether it was done; on SQLite they stand in a transaction.
"""

from __future__ import annotations

__all__ = [
    "FIND",
    "HISTORY_SQLITE",
    "POSTGRES_MANY",
    "POSTGRES_NONE",
    "POSTGRES_ONE",
    "WRITES",
]

FIND = "SELECT version, document FROM rules_preferences WHERE account = ? AND contact = ?"
WRITES = {
    "insert": "INSERT INTO rules_preferences (version, document, next_expiry, account, contact)"
    " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "update": "UPDATE rules_preferences SET version = ?, document = ?, next_expiry = ?"
    " WHERE account = ? AND contact = ? AND version = ?",
    "delete": "DELETE FROM rules_preferences WHERE account = ? AND contact = ? AND version = ?",
}
_HISTORY = (
    "INSERT INTO rules_preference_history (account, contact, version, place, at, name, kind, old,"
    " new, method, request_id, flow, who)"
)
_ROW = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
_ROWS_POSTGRES = (
    "SELECT ?, ?, ?, h.place, h.at, h.name, h.kind, h.old, h.new, ?, ?, ?, ? FROM done,"
    " unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[])"
    " WITH ORDINALITY AS h (at, name, kind, old, new, place)"
)
_ROW_POSTGRES = f"SELECT {_ROW} FROM done"  # noqa: S608  constants


def _with_history(write: str, rows: str) -> str:
    """One statement of PostgreSQL: history is kept if the write was done; its row count tells."""
    return f"WITH done AS ({write} RETURNING 1) {_HISTORY} {rows}".replace("?", "%s")


HISTORY_SQLITE = f"{_HISTORY} VALUES ({_ROW})"
POSTGRES_NONE = {kind: write.replace("?", "%s") for kind, write in WRITES.items()}
POSTGRES_ONE = {kind: _with_history(write, _ROW_POSTGRES) for kind, write in WRITES.items()}
POSTGRES_MANY = {kind: _with_history(write, _ROWS_POSTGRES) for kind, write in WRITES.items()}
