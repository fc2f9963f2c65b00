"""Flow ends received, endpoints of accounts, messages to endpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Three tables."""
    flow_ends()
    endpoints()
    messages()


def flow_ends() -> None:
    """Payloads as they came."""
    op.create_table(
        "rules_flow_ends",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("uuid", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("call_end", sa.BigInteger),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("talk_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_rules_flow_ends"),
    )
    op.create_index(
        "ix_rules_flow_ends_account_uuid_digest",
        "rules_flow_ends",
        ["account", "uuid", "digest"],
        unique=True,
    )
    op.create_index("ix_rules_flow_ends_uuid_at", "rules_flow_ends", ["uuid", "at"])


def endpoints() -> None:
    """Webhooks of accounts."""
    op.create_table(
        "rules_endpoints",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("disabled_reason", sa.Text, nullable=False),
        sa.Column("old_secret", sa.Text, nullable=False),
        sa.Column("rotated_at", sa.BigInteger),
        sa.Column("checked_at", sa.BigInteger),
        sa.Column("check_result", sa.Text, nullable=False),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("at_once", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rules_endpoints"),
    )
    op.create_index("ix_rules_endpoints_account", "rules_endpoints", ["account"])


def messages() -> None:
    """Messages to endpoints."""
    op.create_table(
        "rules_messages",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("uuid", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger),
        sa.Column("status", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rules_messages"),
        sa.ForeignKeyConstraint(
            ["endpoint"],
            ["rules_endpoints.id"],
            name="fk_rules_messages_endpoint",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_rules_messages_endpoint_uuid", "rules_messages", ["endpoint", "uuid"], unique=True
    )
    op.create_index("ix_rules_messages_endpoint_state", "rules_messages", ["endpoint", "state"])
    op.create_index("ix_rules_messages_state_created_at", "rules_messages", ["state", "created_at"])
