"""Webhook calls that are made later, and variables kept for reports."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rules_webhook_calls",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("request", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rules_webhook_calls"),
    )
    op.create_index("ix_rules_webhook_calls_created_at", "rules_webhook_calls", ["created_at"])
    op.create_table(
        "rules_webhook_variables",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "run", "name", name="pk_rules_webhook_variables"),
    )
    op.create_index("ix_rules_webhook_variables_at", "rules_webhook_variables", ["at"])
