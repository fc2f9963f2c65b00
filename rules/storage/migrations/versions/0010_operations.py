"""Signs of life of delivery processes; which webhook calls were begun."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table, add the column."""
    op.create_table(
        "rules_nodes",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rules_nodes"),
    )
    op.add_column(
        "rules_webhook_calls",
        sa.Column("begun", sa.Boolean, nullable=False, server_default=sa.false()),
    )
