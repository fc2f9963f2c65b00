"""Outbound orders and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Two tables: the order as it stands, and a row for every change."""
    orders()
    changes()


def orders() -> None:
    """The orders as they stand."""
    op.create_table(
        "rules_orders",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("code", sa.Integer, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("phonon_uuid", sa.Text, nullable=False),
        sa.Column("next_attempt", sa.BigInteger),
        sa.Column("claimed_by", sa.Text, nullable=False),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("wake", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_rules_orders"),
    )
    for columns in (["request_id"], ["phonon_uuid"], ["wake"], ["state", "start"], ["created_at"]):
        op.create_index(f"ix_rules_orders_{'_'.join(columns)}", "rules_orders", columns)
    op.create_index(
        "ix_rules_orders_account_idempotency_key",
        "rules_orders",
        ["account", "idempotency_key"],
        unique=True,
    )


def changes() -> None:
    """A row for every change."""
    op.create_table(
        "rules_order_changes",
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("old", sa.Text),
        sa.Column("new", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("known", sa.Boolean, nullable=False),
        sa.Column("retry_after", sa.Integer, nullable=False),
        sa.Column("dialler", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "place", name="pk_rules_order_changes"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["rules_orders.id"],
            name="fk_rules_order_changes_order_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_rules_order_changes_dialler_at", "rules_order_changes", ["dialler", "at"])
