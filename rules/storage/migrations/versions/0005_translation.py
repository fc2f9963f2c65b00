"""Translations that are kept, and the characters each account has sent in a month."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rules_translations",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("detected", sa.String(35)),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rules_translations"),
    )
    op.create_index("ix_rules_translations_until", "rules_translations", ["until"])
    op.create_table(
        "rules_translation_counts",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("characters", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("account", "month", name="pk_rules_translation_counts"),
    )
